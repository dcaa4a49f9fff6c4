/**
 * When transactions are sent.
 *
 * `per-block`: a batch of the plan when the one before is in a block. `closed`: the next request when one is answered. `rate`: at a
 * constant rate, whatever the node does. `ramp`: at rates that rise by steps until the node breaks.
 */
export const EXECUTORS = ['per-block', 'closed', 'rate', 'ramp'] as const
export type ExecutorName = (typeof EXECUTORS)[number]

/** Parts of a submission by intended time: only what is meant to be sent from `measureMs` on and before `drainMs` counts. */
export type Phases = {
  /** When the first was meant to be sent. */
  startMs: number
  measureMs: number
  /** When the last was meant to be sent: what is left is answers and blocks. */
  drainMs: number
}
export type Phase = 'warm-up' | 'measure' | 'drain'

/** The phase of an intended time. The last one's own time still counts. */
export function phaseAt(phases: Phases, plannedMs: number): Phase {
  if (plannedMs < phases.measureMs) return 'warm-up'
  return plannedMs <= phases.drainMs ? 'measure' : 'drain'
}

/** What was seen while one rate of a ramp was held. */
export type RampStep = {
  /** Rate aimed at, transactions a second. */
  perSecond: number
  /** Accepted while it was held ÷ the time it was held. */
  acceptedPerSecond: number
  /**
   * 99th percentile of the time from the intended sending to the answer, of those meant to be sent in this step; what was still
   * unanswered at its end counts with its age then.
   */
  p99Ms: number
  /** Refused, replaced, unanswered or dropped ÷ meant to be sent. */
  errorShare: number
}

/** What a ramp found. */
export type RampResult = {
  /** The steps that were held to their end, in order. */
  steps: readonly RampStep[]
  /** The first step that broke a limit, and which one, in words; undefined when none did: the ramp was too short. */
  breaking?: { perSecond: number; reason: string } | undefined
  /** The highest rate before it; undefined when the first step broke. */
  lastGoodPerSecond?: number | undefined
}

/** How the transactions of a mode were sent. */
export type Sending = {
  executor: ExecutorName
  /** Transactions a second that were aimed at, of all generators together; of `rate` alone. */
  perSecond?: number | undefined
  /** Absent when nothing was sent. */
  phases?: Phases | undefined
  /** Of `ramp` alone. */
  ramp?: RampResult | undefined
}
