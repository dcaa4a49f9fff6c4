import type { Hex } from '../core/types.js'
import type { Gate } from './gate.js'
import { CODES, type Outcome, type RpcFault } from './jsonRpc.js'
import type { DevnetLog } from './log.js'
import type { Mempool, PoolEntry } from './mempool.js'
import { RAW_SEND } from './methods.js'
import { type Envelope, legacyChainId, peekRawTransaction } from './rawTransaction.js'
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
    const shown: { bytes: Hex; position: number }[] = []
    for (const [position, transaction] of transactions.entries()) {
      const read = readRaw(transaction, options.chainId)
      if ('bytes' in read) shown.push({ bytes: read.bytes, position })
      else outcomes[position] = { error: read.refused }
    }
    counters.refused += transactions.length - shown.length
    let at = 0

    /** Sends transactions `from` to `to`, as many at a time as there are places. */
    async function sendPart(from: number, to: number): Promise<void> {
      for (let next = from; next < to; ) {
        const places = await reserve(to - next)
        const part = shown.slice(next, next + places)
        const calls = part.map(({ bytes }) => ({ method: RAW_SEND, params: [bytes] }))
        const answers = await send(places, calls, (hash, i) => {
          const { bytes } = part[i] as { bytes: Hex }
          return { hash, raw: bytes, envelope: peekRawTransaction(bytes) }
        })
        for (const [i, { position }] of part.entries()) outcomes[position] = answers[i] as Outcome
        next += places
      }
    }

    async function sendRest(): Promise<void> {
      while (at < shown.length) {
        const from = at
        at = Math.min(from + CHUNK, shown.length)
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
    /** Of this chain. */
    chainId: number
    /** Told when transactions wait for a block, or for a place in one; the sender's answer waits for it. Never rejects. */
    onArrival: () => Promise<void>
  }
}

/** A transaction of this type carries blobs, which the runtime does not have. */
const BLOB_TYPE = '0x03'

/**
 * The bytes of a raw transaction, or why Anvil is not even asked: it would take blobs, which the runtime does not know; bytes as a
 * list of numbers, which nobody else does; and legacy transactions of other chains, only to drop them without a word.
 */
function readRaw(transaction: unknown, chainId: number): { bytes: Hex } | { refused: RpcFault } {
  if (typeof transaction !== 'string') {
    const message = 'A raw transaction is a hexadecimal string.'
    return { refused: { code: CODES.invalidParams, message } }
  }
  // Anvil reads it without the prefix as well.
  const bytes = (transaction.startsWith('0x') ? transaction : `0x${transaction}`) as Hex
  if (bytes.startsWith(BLOB_TYPE)) {
    const message = 'transaction type not supported: the runtime has types 0, 1 and 2, not 3'
    return { refused: { code: CODES.rejected, message } }
  }
  const signedFor = legacyChainId(bytes) ?? chainId
  if (signedFor !== chainId) {
    const message = `invalid chain id for signer: signed for chain ${signedFor}, this is chain ${chainId}`
    return { refused: { code: CODES.rejected, message } }
  }
  return { bytes }
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
