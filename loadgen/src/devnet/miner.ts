import type { Clock } from '../core/clock.js'
import { CODES, type Outcome } from './jsonRpc.js'
import type { MiningCall } from './methods.js'
import { createSignal, type Signal } from './signal.js'

/**
 * When blocks are made. `interval`: at fixed times, `ms` apart. `auto`: as soon as something waits. `manual`: only when a client
 * says so.
 */
export type MiningMode = { kind: 'auto' } | { kind: 'interval'; ms: number } | { kind: 'manual' }

export type Miner = {
  mode(): MiningMode
  setMode(mode: MiningMode): void
  /**
   * To be called when something came to wait. In automatic mode resolves when the block that takes it up has been made, so that
   * who sends finds the receipt at once; in the other modes at once. Never rejects.
   */
  arrived(): Promise<void>
  /** Resolves when no more block will be begun. */
  stop(): Promise<void>
}

/** Decides when to call `makeBlock`, which makes a block if there is a reason to. Makes none until a mode is set. */
export function createMiner(options: createMiner.Options): Miner {
  const { clock, makeBlock } = options
  let mode: MiningMode = { kind: 'manual' }
  let current = new AbortController()
  let running: Promise<void> = Promise.resolve()
  /** Given when the block that takes up what arrived so far has been made. */
  let upcoming: Signal | undefined
  let draining = false

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
    while (upcoming !== undefined && mode.kind === 'auto') {
      const { give } = upcoming
      upcoming = undefined
      await makeBlock().finally(give)
    }
  }

  function track(work: Promise<void>): void {
    running = Promise.all([running, work.catch(options.onFailure)]).then(() => undefined)
  }

  function arrived(): Promise<void> {
    if (mode.kind !== 'auto') return Promise.resolve()
    upcoming ??= createSignal()
    const { given } = upcoming
    if (!draining) {
      draining = true
      track(
        drain().finally(() => {
          draining = false
        }),
      )
    }
    return given
  }

  /** Ends what goes on in the old mode. */
  function change(wanted: MiningMode): void {
    current.abort()
    current = new AbortController()
    mode = wanted
    if (wanted.kind === 'auto') return
    upcoming?.give()
    upcoming = undefined
  }

  return {
    mode: () => mode,
    setMode(wanted) {
      change(wanted)
      if (wanted.kind === 'interval') track(tick(wanted.ms, current.signal))
      else if (wanted.kind === 'auto') void arrived()
    },
    arrived,
    async stop() {
      change({ kind: 'manual' })
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
