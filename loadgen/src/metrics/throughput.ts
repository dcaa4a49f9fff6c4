import type { BlockSample } from '../core/types.js'
import { ratio } from './numbers.js'
import { isSubmitted, type TxTrace } from './trace.js'

/** Orders per second; null when the interval has no length. */
export type ThroughputMetrics = {
  /** Order transactions taken by the node, from the first sent to the last accepted. */
  submittedPerSecond: number | null
  /** Order transactions in blocks, from the first such block seen to the last; the first block's, made before, do not count. */
  includedPerSecond: number | null
  /** Settled orders, from the first block seen that settles one to the last; the first block's do not count. */
  settledPerSecond: number | null
}

/** The three rates of the order transactions among `orders`. */
export function throughputMetrics(
  orders: readonly TxTrace[],
  blocks: readonly BlockSample[],
): ThroughputMetrics {
  const seen = new Map(blocks.map(({ number, seenMs }) => [number, seenMs]))
  const times = (numbers: (number | undefined)[]) =>
    numbers.flatMap((number) => (number === undefined ? [] : (seen.get(number) ?? [])))
  const submitted = orders.filter(isSubmitted)
  const settled = orders.filter(({ end }) => end?.type === 'OrderSettled')
  const sentMs = extent(submitted.flatMap(({ sample }) => sample?.sentMs ?? []))
  const acceptedMs = extent(submitted.flatMap(({ sample }) => sample?.acceptedMs ?? []))
  return {
    submittedPerSecond: ratio(submitted.length * 1_000, acceptedMs.last - sentMs.first),
    includedPerSecond: rateAfterFirst(times(orders.map(({ receipt }) => receipt?.blockNumber))),
    settledPerSecond: rateAfterFirst(times(settled.map(({ end }) => end?.blockNumber))),
  }
}

/** What came after the first instant ÷ the time since it: n blocks hold n − 1 intervals. */
function rateAfterFirst(timesMs: readonly number[]): number | null {
  const { first, last } = extent(timesMs)
  return ratio(timesMs.filter((time) => time > first).length * 1_000, last - first)
}

function extent(times: readonly number[]): { first: number; last: number } {
  return times.reduce(
    ({ first, last }, time) => ({ first: Math.min(first, time), last: Math.max(last, time) }),
    { first: times[0] ?? 0, last: times[0] ?? 0 },
  )
}
