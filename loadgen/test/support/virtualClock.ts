import type { Clock } from '../../src/core/clock.js'

/** A clock whose time passes when everything else waits. */
export type VirtualClock = Clock & {
  /** Lets time pass until `work` is done. Fails when it waits for something that never comes. */
  run<T>(work: Promise<T>): Promise<T>
  /** Lengths of all sleeps so far, milliseconds. */
  slept: number[]
}

/** Turns of the event loop in which nothing may happen before time moves on. */
const QUIET_TURNS = 5
/** Turns without a sleeper after which the work is stuck. */
const STUCK_TURNS = 2000

export function createVirtualClock(startMs = 1000): VirtualClock {
  let nowMs = startMs
  let sleepers: { atMs: number; wake: () => void }[] = []
  const slept: number[] = []

  return {
    slept,
    now: () => nowMs,
    sleep(ms, { signal } = {}) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        slept.push(ms)
        const wake = () => {
          signal?.removeEventListener('abort', abort)
          resolve()
        }
        const sleeper = { atMs: nowMs + Math.max(0, ms), wake }
        const abort = () => {
          sleepers = sleepers.filter((other) => other !== sleeper)
          reject(signal?.reason)
        }
        sleepers.push(sleeper)
        signal?.addEventListener('abort', abort, { once: true })
      })
    },
    async run(work) {
      let isDone = false
      const watched = work.finally(() => {
        isDone = true
      })
      // Seen below.
      watched.catch(() => {})
      for (let quiet = 0, stuck = 0; !isDone; ) {
        await new Promise(setImmediate)
        if (++quiet < QUIET_TURNS) continue
        const [next] = sleepers.sort((a, b) => a.atMs - b.atMs)
        if (next === undefined) {
          if (++stuck > STUCK_TURNS) throw new Error('Everything waits, and nobody sleeps.')
          continue
        }
        quiet = stuck = 0
        nowMs = Math.max(nowMs, next.atMs)
        sleepers = sleepers.filter((sleeper) => sleeper !== next)
        next.wake()
      }
      return watched
    },
  }
}
