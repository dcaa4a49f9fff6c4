import type { RampStep } from '../core/sending.js'
import type { Arrivals } from './arrivals.js'
import { COUNT, type Ledger, OUTCOME } from './ledger.js'

/** When a ramp is over. */
export type RampLimits = {
  /** Least accepted ÷ aimed at. Default 0.95. */
  acceptedShare?: number | undefined
  /** Default 1,000. */
  p99Ms?: number | undefined
  /** Default 0.01. */
  errorShare?: number | undefined
}

/** Why a step broke, in words; undefined when it held. */
export function judgeStep(step: RampStep, limits: RampLimits = {}): string | undefined {
  const { acceptedShare = 0.95, p99Ms = 1000, errorShare = 0.01 } = limits
  if (step.acceptedPerSecond < acceptedShare * step.perSecond)
    return `${step.acceptedPerSecond.toFixed(0)} of ${step.perSecond} a second were accepted, less than ${acceptedShare * 100} %`
  if (step.errorShare > errorShare)
    return `${(step.errorShare * 100).toFixed(1)} % failed, more than ${errorShare * 100} %`
  if (step.p99Ms > p99Ms)
    return `one in a hundred waited ${step.p99Ms.toFixed(0)} ms or longer for its answer, more than ${p99Ms} ms`
  return undefined
}

/**
 * Measures the steps of a ramp, each at the moment it ends. Positions are taken in the order of their intended times; those of a step
 * begin at `firstOf(step)`.
 */
export function createRampMeter(options: createRampMeter.Options): (step: number) => RampStep {
  const { ledger, arrivals, startMs, firstOf, share } = options
  let droppedBefore = 0
  return (index) => {
    const segment = arrivals.segments[index] as Arrivals['segments'][number]
    const fromMs = startMs + segment.startMs
    const toMs = fromMs + segment.durationMs
    const to = firstOf(index + 1)
    let accepted = 0
    let failed = 0
    const waitedMs: number[] = []
    // Answers to the step before may come in this one; those to still earlier ones came too late to matter.
    for (let position = firstOf(Math.max(0, index - 1)); position < to; position++) {
      const outcome = Atomics.load(ledger.outcomes, position)
      const answeredMs = ledger.answeredMs[position] as number
      if (outcome === OUTCOME.taken && answeredMs >= fromMs && answeredMs < toMs) accepted++
      const plannedMs = ledger.plannedMs[position] as number
      if (plannedMs < fromMs || plannedMs >= toMs) continue
      if (outcome !== OUTCOME.taken && outcome !== OUTCOME.pending) failed++
      waitedMs.push((outcome === OUTCOME.pending ? toMs : answeredMs) - plannedMs)
    }
    const droppedNow = Atomics.load(ledger.counts, COUNT.dropped)
    const dropped = droppedNow - droppedBefore
    droppedBefore = droppedNow
    waitedMs.sort((a, b) => a - b)
    const planned = waitedMs.length + dropped
    return {
      perSecond: segment.perSecond * share,
      acceptedPerSecond: (accepted * 1000) / segment.durationMs,
      p99Ms: waitedMs[Math.ceil(waitedMs.length * 0.99) - 1] ?? 0,
      errorShare: planned === 0 ? 0 : (failed + dropped) / planned,
    }
  }
}

export declare namespace createRampMeter {
  type Options = {
    ledger: Ledger
    arrivals: Arrivals
    /** When the first segment began. */
    startMs: number
    /** First position of a step; of the step after the last, the end. */
    firstOf(step: number): number
    /** Part of the whole rate that this shard sends. */
    share: number
  }
}
