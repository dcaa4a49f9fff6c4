import type { Hex } from '../core/types.js'
import type { Gate } from './gate.js'
import { CODES, type Outcome } from './jsonRpc.js'
import type { DevnetLog } from './log.js'
import type { Mempool, PoolEntry } from './mempool.js'
import { RAW_SEND } from './methods.js'
import { type Envelope, peekRawTransaction } from './rawTransaction.js'
import { internalError, type Upstream } from './upstream.js'

/** Transactions in one request to Anvil: small enough that reading them does not hold up other connections. */
const CHUNK = 250

/** Requests to Anvil under way for one sender: Anvil reads a batch on one core. */
const LANES = 3

/** What brings transactions into Anvil's pool, which checks them; each waits for a place in a block first. */
export type Sends = {
  /** Raw transactions, in order; Anvil's outcome for each, a hash or its refusal. */
  raw(transactions: readonly unknown[]): Promise<Outcome[]>
  /** As the runtime's arn_sendRawTransactions: the number of transactions taken. */
  arcology(transactions: readonly unknown[]): Promise<Outcome>
  /** A transaction that Anvil signs. */
  unlocked(method: string, params: readonly unknown[]): Promise<Outcome>
  counters(): Sends.Counters
}

export declare namespace Sends {
  type Counters = { taken: number; refused: number }
}

export function createSends(options: createSends.Options): Sends {
  const { upstream, gate, mempool, log } = options
  const counters: Sends.Counters = { taken: 0, refused: 0 }

  function count(entries: readonly PoolEntry[], outcomes: readonly Outcome[]): void {
    counters.taken += entries.length
    counters.refused += outcomes.length - entries.length
  }

  /** Sends calls once they have their places in a block. */
  async function send(
    places: number,
    calls: readonly { method: string; params: readonly unknown[] }[],
    toEntry: (hash: Hex, index: number) => PoolEntry,
  ): Promise<Outcome[]> {
    return gate.shared(async () => {
      const outcomes = await upstream.forward(calls)
      const entries: PoolEntry[] = []
      outcomes.forEach((outcome, i) => {
        if ('result' in outcome) entries.push(toEntry(outcome.result as Hex, i))
      })
      mempool.settle(places, entries)
      count(entries, outcomes)
      return outcomes
    })
  }

  async function reserve(wanted: number): Promise<number> {
    if (!mempool.hasRoom()) void options.onArrival()
    return mempool.reserve(wanted)
  }

  async function raw(transactions: readonly unknown[]): Promise<Outcome[]> {
    const outcomes = new Array<Outcome>(transactions.length)
    let at = 0

    /** Sends transactions `from` to `to`, as many at a time as there are places. */
    async function sendPart(from: number, to: number): Promise<void> {
      for (let next = from; next < to; ) {
        const places = await reserve(to - next)
        const part = transactions.slice(next, next + places)
        const calls = part.map((transaction) => ({ method: RAW_SEND, params: [transaction] }))
        const answers = await send(places, calls, (hash, i) => {
          const bytes = part[i] as Hex
          return { hash, raw: bytes, envelope: peekRawTransaction(bytes) }
        })
        for (const [i, answer] of answers.entries()) outcomes[next + i] = answer
        next += places
      }
    }

    async function sendRest(): Promise<void> {
      while (at < transactions.length) {
        const from = at
        at = Math.min(from + CHUNK, transactions.length)
        await sendPart(from, at)
      }
    }

    const lanes = await Promise.allSettled(Array.from({ length: LANES }, sendRest))
    // Rejected is only who waits for a place when the node ends.
    for (const lane of lanes)
      if (lane.status === 'rejected')
        for (let i = 0; i < outcomes.length; i++) outcomes[i] ??= internalError(lane.reason)
    await options.onArrival()
    return outcomes
  }

  return {
    raw,
    async arcology(transactions) {
      const wrong = transactions.findIndex((transaction) => typeof transaction !== 'string')
      if (wrong >= 0) {
        const message = `Parameter ${wrong} is no raw transaction; each parameter is one, as a hexadecimal string.`
        return { error: { code: CODES.invalidParams, message } }
      }
      const outcomes = await raw(transactions)
      let taken = 0
      for (const outcome of outcomes)
        if ('result' in outcome) taken += 1
        else log.debug(outcome.error, 'a transaction of arn_sendRawTransactions was refused')
      return { result: taken }
    },
    async unlocked(method, params) {
      try {
        const [outcome] = await send(await reserve(1), [{ method, params }], (hash) => ({
          hash,
          raw: undefined,
          envelope: describeUnlocked(params[0]),
        }))
        await options.onArrival()
        return outcome as Outcome
      } catch (error) {
        return internalError(error)
      }
    },
    counters: () => ({ ...counters }),
  }
}

export declare namespace createSends {
  type Options = {
    upstream: Upstream
    gate: Gate
    mempool: Mempool
    log: DevnetLog
    /** Told when transactions wait for a block, or for a place in one; the sender's answer waits for it. Never rejects. */
    onArrival: () => Promise<void>
  }
}

/** The same as for raw bytes. Used once Anvil has taken the transaction, so its fields are what they should be. */
function describeUnlocked(transaction: unknown): Envelope {
  const { to, data, input, nonce } = Object(transaction) as Partial<Record<string, Hex | null>>
  const calldata = (input ?? data ?? '0x').toLowerCase()
  return {
    to: (to ?? undefined)?.toLowerCase() as Hex | undefined,
    selector: calldata.length < 10 ? undefined : (calldata.slice(0, 10) as Hex),
    nonce: nonce === undefined || nonce === null ? undefined : Number(nonce),
  }
}
