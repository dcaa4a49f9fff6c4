import { setTimeout as delay } from 'node:timers/promises'

/** The only clock of the tool. Passed in, so that tests can bring their own. */
export type Clock = {
  /** Milliseconds since the Unix epoch, monotonic within a process, with fractions. */
  now(): number
  /** Resolves after `ms`. */
  sleep(ms: number, options?: { signal?: AbortSignal | undefined }): Promise<void>
}

export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, options = {}) => {
    await delay(ms, undefined, options.signal === undefined ? {} : { signal: options.signal })
  },
}
