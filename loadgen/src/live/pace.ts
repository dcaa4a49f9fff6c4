import { type Clock, systemClock } from '../core/clock.js'

/** How fast a count grows, and when it will have reached its end. */
export type Pace = {
  /** The count is now this. */
  reach(count: number): void
  /** Growth a second over the last window, to this moment: a count that stands still has a falling pace. Undefined at the very start. */
  perSecond(): number | undefined
  /** Milliseconds until the count is `total` at this pace; 0 when it is, undefined when nothing moves. */
  remainingMs(total: number): number | undefined
}

/** Marks that are kept of a window: more would not make the pace any better. */
const MARKS = 50

/** Starts with a count of `start`, 0 by default. */
export function createPace(options: createPace.Options = {}): Pace {
  const { clock = systemClock, windowMs = 10_000, start = 0 } = options
  const marks = [{ atMs: clock.now(), count: start }]
  let current = start

  function perSecond(): number | undefined {
    const now = clock.now()
    while (marks[1] !== undefined && now - marks[1].atMs >= windowMs) marks.shift()
    const [first] = marks
    if (first === undefined || now <= first.atMs) return undefined
    return ((current - first.count) * 1_000) / (now - first.atMs)
  }

  return {
    perSecond,
    reach(count) {
      current = count
      const now = clock.now()
      const last = marks.at(-1)
      if (last === undefined || now - last.atMs >= windowMs / MARKS)
        marks.push({ atMs: now, count })
    },
    remainingMs(total) {
      if (current >= total) return 0
      const pace = perSecond()
      return pace === undefined || pace <= 0 ? undefined : ((total - current) * 1_000) / pace
    },
  }
}

export declare namespace createPace {
  type Options = {
    clock?: Pick<Clock, 'now'> | undefined
    /** Milliseconds that the pace looks back. Default 10,000. */
    windowMs?: number | undefined
    /** Count at the beginning. Default 0. */
    start?: number | undefined
  }
}
