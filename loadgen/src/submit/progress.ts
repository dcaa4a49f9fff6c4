import type { Clock } from '../core/clock.js'
import { COUNT, type Ledger, OUTCOME } from './ledger.js'

/** How far a submission is; `sent` = `accepted` + `refused` + `unanswered`. */
export type SubmitProgress = {
  total: number
  sent: number
  accepted: number
  /** Refused by the node, or replaced. */
  refused: number
  /** Sent without ever getting an answer: the node may have them or not. */
  unanswered: number
  /** Send times that passed unused; as many transactions are never sent. */
  dropped: number
  /** Requests that had to be repeated. */
  retried: number
}

/** How far the submission of a ledger is. */
export function readProgress({ outcomes, counts }: Ledger): SubmitProgress {
  const count = (place: number) => Atomics.load(counts, place)
  const accepted = count(OUTCOME.taken)
  const refused = count(OUTCOME.refused) + count(OUTCOME.replaced)
  const unanswered = count(OUTCOME.unanswered)
  return {
    ...{ total: outcomes.length, sent: accepted + refused + unanswered },
    ...{ accepted, refused, unanswered },
    ...{ dropped: count(COUNT.dropped), retried: count(COUNT.retries) },
  }
}

/** Tells how far it is: at once, now and then, and the last time when it is stopped. */
export function showProgress(options: showProgress.Options): { stop(): Promise<void> } {
  const { onProgress, progressMs = 200, ledger, clock } = options
  if (onProgress === undefined) return { stop: () => Promise.resolve() }
  const stopping = new AbortController()
  async function show(show: (progress: SubmitProgress) => void): Promise<void> {
    show(readProgress(ledger))
    while (!stopping.signal.aborted) {
      await clock.sleep(progressMs, { signal: stopping.signal }).catch((error: unknown) => {
        if (!stopping.signal.aborted) throw error
      })
      show(readProgress(ledger))
    }
  }
  const shown = show(onProgress)
  return {
    async stop() {
      stopping.abort()
      await shown
    },
  }
}

export declare namespace showProgress {
  type Options = {
    ledger: Ledger
    clock: Clock
    onProgress?: ((progress: SubmitProgress) => void) | undefined
    /** Milliseconds between two calls. Default 200. */
    progressMs?: number | undefined
  }
}
