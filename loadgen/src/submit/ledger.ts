import { hashAt, sharedFloat64, type TxTable } from '../core/txTable.js'
import type { SubmitSample } from '../core/types.js'

/**
 * What became of a transaction. `taken`: the node has it. `refused`: the node does not want it, and said why. `replaced`: another
 * transaction of the same sender has its nonce. `unanswered`: sent, and whether the node has it is not known. `unsent`: never sent,
 * because the submission was ended or the node could not be reached. `dropped`: never sent, because its time had passed. `pending`
 * until one of them holds.
 */
export const OUTCOME = {
  pending: 0,
  taken: 1,
  refused: 2,
  replaced: 3,
  unanswered: 4,
  unsent: 5,
  dropped: 6,
} as const
export type Outcome = (typeof OUTCOME)[keyof typeof OUTCOME]

/** What was counted beside the outcomes: places in `Ledger.counts` after them. */
export const COUNT = {
  /** Requests that carried transactions, repeated ones included. */
  requests: 7,
  /** Requests that had to be repeated. */
  retries: 8,
  /** Send times that passed unused; see lanes.ts. */
  dropped: 9,
} as const

/** What is known of each transaction, by position, on shared memory: threads write it, and it can be read at any time. */
export type Ledger = {
  /** When it was meant to be sent, when the first request with it was written, when its answer came. NaN: not yet. */
  plannedMs: Float64Array
  sentMs: Float64Array
  answeredMs: Float64Array
  /** One of OUTCOME each; read and written with Atomics, after the times. */
  outcomes: Uint8Array
  /** 1: an earlier run sent it without an answer, so the node is asked for it before it is sent. */
  doubts: Uint8Array
  /** How many have each outcome but `pending`, then the places of COUNT. */
  counts: Int32Array
}

export function createLedger(count: number): Ledger {
  return {
    plannedMs: sharedFloat64(count).fill(Number.NaN),
    sentMs: sharedFloat64(count).fill(Number.NaN),
    answeredMs: sharedFloat64(count).fill(Number.NaN),
    outcomes: new Uint8Array(new SharedArrayBuffer(count)),
    doubts: new Uint8Array(new SharedArrayBuffer(count)),
    counts: new Int32Array(new SharedArrayBuffer(4 * 10)),
  }
}

/** Gives a transaction its outcome. Each gets one once. */
export function settle(ledger: Ledger, position: number, outcome: Outcome): void {
  Atomics.store(ledger.outcomes, position, outcome)
  Atomics.add(ledger.counts, outcome, 1)
}

/**
 * A sample for each transaction of a ledger, as verification and metrics take them. Refused and replaced: with the reason.
 * Unanswered: without `acceptedMs` and without `error`.
 */
export function toSamples(
  table: TxTable,
  ledger: Ledger,
  sentences: ReadonlyMap<number, string>,
): SubmitSample[] {
  return Array.from({ length: table.count }, (_, position): SubmitSample => {
    const outcome = ledger.outcomes[position] as Outcome
    const plannedMs = ledger.plannedMs[position] as number
    const sentMs = ledger.sentMs[position] as number
    const sample = {
      intent: table.intents[position] as number,
      hash: hashAt(table, position),
      plannedMs,
      sentMs: Number.isNaN(sentMs) ? plannedMs : sentMs,
    }
    if (outcome === OUTCOME.taken)
      return { ...sample, acceptedMs: ledger.answeredMs[position] as number }
    if (outcome === OUTCOME.unanswered) return sample
    if (outcome === OUTCOME.dropped) return { ...sample, unsent: 'dropped' }
    const error = sentences.get(position)
    return error === undefined ? { ...sample, unsent: 'ended' } : { ...sample, error }
  })
}
