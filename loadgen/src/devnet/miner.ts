import type { Clock } from '../core/clock.js'
import { CODES, type Outcome } from './jsonRpc.js'
import type { MiningCall } from './methods.js'

/**
 * When blocks are made. `interval`: at fixed times, `ms` apart. `auto`: as soon as something waits. `manual`: only when a client
 * says so.
 */
export type MiningMode = { kind: 'auto' } | { kind: 'interval'; ms: number } | { kind: 'manual' }

export type Miner = {
  mode(): MiningMode
  setMode(mode: MiningMode): void
  /** To be called when something came to wait. */
  arrived(): void
  /** Resolves when no more block will be begun. */
  stop(): Promise<void>
}

/** Decides when to call `makeBlock`, which makes a block if there is a reason to. Makes none until a mode is set. */
export function createMiner(options: createMiner.Options): Miner {
  const { clock, makeBlock } = options
  let mode: MiningMode = { kind: 'manual' }
  let current = new AbortController()
  let running: Promise<void> = Promise.resolve()
  let asked = false
  let busy = false

  async function tick(ms: number, signal: AbortSignal): Promise<void> {
    let next = clock.now() + ms
    while (!signal.aborted) {
      try {
        await clock.sleep(Math.max(0, next - clock.now()), { signal })
      } catch (error) {
        if (signal.aborted) return
        throw error
      }
      await makeBlock()
      // A block that took longer than the interval is followed by the next at once, not by all that were missed.
      next = Math.max(next + ms, clock.now())
    }
  }

  /** One block for all that arrived until it began; what arrives meanwhile gets the next. */
  async function drain(): Promise<void> {
    while (asked && mode.kind === 'auto') {
      asked = false
      await makeBlock()
    }
  }

  function track(work: Promise<void>): void {
    running = Promise.all([running, work.catch(options.onFailure)]).then(() => undefined)
  }

  function arrived(): void {
    asked = true
    if (busy || mode.kind !== 'auto') return
    busy = true
    track(
      drain().finally(() => {
        busy = false
      }),
    )
  }

  return {
    mode: () => mode,
    setMode(wanted) {
      current.abort()
      current = new AbortController()
      mode = wanted
      if (wanted.kind === 'interval') track(tick(wanted.ms, current.signal))
      else if (wanted.kind === 'auto') arrived()
    },
    arrived,
    async stop() {
      mode = { kind: 'manual' }
      current.abort()
      await running
    },
  }
}

export declare namespace createMiner {
  type Options = {
    clock: Clock
    makeBlock: () => Promise<void>
    /** Told when makeBlock failed; no more block is made then. */
    onFailure: (error: unknown) => void
  }
}

/** Anvil's calls that set and read the mode of mining. `param`: a boolean, or seconds. */
export function answerMode(miner: Miner, call: MiningCall, param: unknown): Outcome {
  const mode = miner.mode()
  switch (call) {
    case 'getAuto':
      return { result: mode.kind === 'auto' }
    case 'getInterval':
      return { result: mode.kind === 'interval' ? Math.round(mode.ms / 1000) : null }
    case 'setAuto':
      if (typeof param !== 'boolean') return invalid('true or false')
      if (param && mode.kind !== 'auto') miner.setMode({ kind: 'auto' })
      // As in Anvil: switching automatic mining off leaves an interval as it is.
      if (!param && mode.kind === 'auto') miner.setMode({ kind: 'manual' })
      return { result: null }
    case 'setInterval': {
      const seconds = typeof param === 'string' && param !== '' ? Number(param) : param
      if (typeof seconds !== 'number' || !Number.isSafeInteger(seconds) || seconds < 0)
        return invalid('whole seconds, 0 for none')
      miner.setMode(seconds === 0 ? { kind: 'manual' } : { kind: 'interval', ms: seconds * 1000 })
      return { result: null }
    }
  }
}

function invalid(allowed: string): Outcome {
  return { error: { code: CODES.invalidParams, message: `The parameter is ${allowed}.` } }
}
