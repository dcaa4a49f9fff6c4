import { UsageError } from '../core/errors.js'

/** A stretch of constant rate. */
export type Segment = { /** Transactions a second, > 0. */ perSecond: number; durationMs: number }

/** The intended send times of an open-loop submission, fixed before it begins. Milliseconds from its start. */
export type Arrivals = {
  /** When transaction `k` is meant to be sent, from 0. Never less than that of the one before. @param k less than `count`. */
  offsetMs(k: number): number
  /** Number of transactions that the segments have room for. */
  count: number
  /** Number of transactions meant to be sent before `offsetMs`. */
  countBefore(offsetMs: number): number
  /** When each segment begins, and the first transaction of it. */
  segments: readonly (Segment & { startMs: number; first: number })[]
  durationMs: number
}

/**
 * The schedule of consecutive segments: within one, transactions stand 1 ÷ rate apart, the first at its beginning.
 *
 * With a shard, the times of every `of`-th transaction from `index`: together the shards have exactly the times of the whole.
 * @throws UsageError for a rate or a duration that is not above 0, and for a shard that does not exist.
 */
export function createArrivals(
  segments: readonly Segment[],
  options: createArrivals.Options = {},
): Arrivals {
  const { index, of } = options.shard ?? { index: 0, of: 1 }
  if (!(Number.isInteger(of) && of >= 1 && Number.isInteger(index) && index >= 0 && index < of))
    throw new UsageError(`There is no shard ${index} of ${of}.`)
  let durationMs = 0
  let total = 0
  const whole = segments.map((segment) => {
    if (!(segment.perSecond > 0 && segment.durationMs > 0))
      throw new UsageError(
        `A rate of ${segment.perSecond} a second for ${segment.durationMs} ms is none; both must be above 0.`,
      )
    const placed = { ...segment, startMs: durationMs, first: total }
    durationMs += segment.durationMs
    total += countIn(segment, segment.durationMs)
    return placed
  })
  /** How many of the first `n` of the whole are of this shard. */
  const own = (n: number) => Math.max(0, Math.ceil((n - index) / of))

  return {
    count: own(total),
    durationMs,
    segments: whole.map((segment) => ({ ...segment, first: own(segment.first) })),
    offsetMs(k) {
      const n = k * of + index
      const { startMs, perSecond, first } = whole.findLast((segment) => segment.first <= n) as {
        startMs: number
        perSecond: number
        first: number
      }
      return startMs + ((n - first) * 1000) / perSecond
    },
    countBefore(offsetMs) {
      const segment = whole.findLast(({ startMs }) => startMs < offsetMs)
      if (segment === undefined) return 0
      const inside = Math.min(offsetMs - segment.startMs, segment.durationMs)
      return own(segment.first + countIn(segment, inside))
    },
  }
}

export declare namespace createArrivals {
  type Options = {
    /** Default: all of it. */
    shard?: { /** From 0. */ index: number; of: number } | undefined
  }
}

/** How many have their time within the first `ms` of a segment: the k-th is at k ÷ rate. The margin is for rounding. */
function countIn({ perSecond }: Segment, ms: number): number {
  return Math.ceil((ms * perSecond) / 1000 - 1e-9)
}

/**
 * The segments of a ramp: rates `from`, `from + step`, … up to `to`, each held for `holdMs`.
 * @throws UsageError for bounds that make no ramp.
 */
export function rampSegments(ramp: rampSegments.Options): Segment[] {
  const { from, to, step, holdMs } = ramp
  if (!(from > 0 && to >= from && step > 0 && holdMs > 0))
    throw new UsageError(
      `A ramp from ${from} to ${to} a second in steps of ${step}, each held ${holdMs} ms, is none: the rates must rise from above 0.`,
    )
  const steps = Math.floor((to - from) / step + 1e-9)
  return Array.from({ length: steps + 1 }, (_, i) => ({
    perSecond: from + i * step,
    durationMs: holdMs,
  }))
}

export declare namespace rampSegments {
  /** Rates in transactions a second. */
  type Options = { from: number; to: number; step: number; holdMs: number }
}
