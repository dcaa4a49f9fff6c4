import type { BlockSample } from '../core/types.js'
import { percentile } from './numbers.js'
import type { TimeSeries } from './series.js'
import { isSubmitted, type TxTrace } from './trace.js'

const MOST_STEPS = 200

/** When what happened, by one generator's clock. */
export type TimeSamples = {
  /** The first intended time of sending; infinite when nothing was to be sent. */
  plannedMs: number
  submitted: readonly number[]
  included: readonly number[]
  settled: readonly { atMs: number; latencyMs: number }[]
}

/** Transactions without a sample, and blocks that the collector did not see, have no time and are left out. */
export function timeSamples(
  traces: readonly TxTrace[],
  blocks: readonly BlockSample[],
): TimeSamples {
  const seen = new Map(blocks.map(({ number, seenMs }) => [number, seenMs]))
  const submitted: number[] = []
  const included: number[] = []
  const settled: { atMs: number; latencyMs: number }[] = []
  let plannedMs = Number.POSITIVE_INFINITY
  for (const trace of traces) {
    const { sample, receipt, outcome, end } = trace
    if (sample === undefined) continue
    plannedMs = Math.min(plannedMs, sample.plannedMs)
    if (isSubmitted(trace)) submitted.push(sample.sentMs)
    const includedMs = receipt === undefined ? undefined : seen.get(receipt.blockNumber)
    if (includedMs !== undefined) included.push(includedMs)
    if (outcome !== 'included' || end?.type !== 'OrderSettled') continue
    const atMs = seen.get(end.blockNumber)
    if (atMs !== undefined) settled.push({ atMs, latencyMs: Math.max(0, atMs - sample.plannedMs) })
  }
  return { plannedMs, submitted, included, settled }
}

/** The course over time of what one or several generators did. Without anything that happened there are no steps. */
export function timeSeries(samples: readonly TimeSamples[]): TimeSeries {
  const submitted = samples.flatMap((of) => of.submitted)
  const included = samples.flatMap((of) => of.included)
  const settled = samples.flatMap((of) => of.settled)
  let firstMs = Number.POSITIVE_INFINITY
  for (const { plannedMs } of samples) firstMs = Math.min(firstMs, plannedMs)
  let lastMs = firstMs
  for (const times of [submitted, included, settled.map(({ atMs }) => atMs)])
    for (const time of times) lastMs = Math.max(lastMs, time)

  const spanMs = Number.isFinite(firstMs) ? lastMs - firstMs : 0
  const stepMs = stepOf(spanMs)
  const isEmpty = submitted.length + included.length + settled.length === 0
  const steps = isEmpty ? 0 : Math.floor(spanMs / stepMs) + 1
  const stepAt = (time: number) => Math.max(0, Math.floor((time - firstMs) / stepMs))
  const latencies = Array.from({ length: steps }, (): number[] => [])
  for (const { atMs, latencyMs } of settled) latencies[stepAt(atMs)]?.push(latencyMs)
  return {
    stepMs,
    submitted: countSteps(submitted.map(stepAt), steps),
    included: countSteps(included.map(stepAt), steps),
    settled: latencies.map(({ length }) => length),
    p50Ms: latencies.map((values) => toMicroseconds(percentile(values, 50))),
    p99Ms: latencies.map((values) => toMicroseconds(percentile(values, 99))),
  }
}

/** The shortest length of 1, 2 or 5 times a power of ten with which so many milliseconds take no more than the most steps. */
function stepOf(spanMs: number): number {
  for (let power = 1; ; power *= 10)
    for (const digit of [1, 2, 5])
      if (Math.floor(spanMs / (digit * power)) < MOST_STEPS) return digit * power
}

function countSteps(steps: readonly number[], length: number): number[] {
  const counts = new Array<number>(length).fill(0)
  for (const step of steps) counts[step] = (counts[step] ?? 0) + 1
  return counts
}

function toMicroseconds(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 1_000) / 1_000
}
