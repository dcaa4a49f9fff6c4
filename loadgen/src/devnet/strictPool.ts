import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import type { CalleeKey } from '../parallel/access.js'
import type { PoolEntry } from './mempool.js'
import { callKey } from './runtime.js'
import { groupBy } from './strictGroups.js'
import { type DecodedTransaction, decodeRawTransaction } from './transactions.js'

/** Lookups in one request to Anvil. */
const LOOKUPS = 500

/** A transaction that can run in the coming block. */
export type WaitingCall = DecodedTransaction & {
  /**
   * Its place among them, from 0: by arrival, but in order of nonce among those of one sender, and behind all that are fixed.
   */
  id: number
  entry: PoolEntry
  /** Undefined for a transfer and for a creation. */
  callee: CalleeKey | undefined
  /** Stays where it stands in Anvil's pool: Anvil signed it, or a later one of its sender, and cannot be sent it again. */
  isFixed: boolean
}

export type StrictPool = {
  /** Recovers senders as transactions come, so that the block maker need not. */
  note(entries: readonly PoolEntry[]): void
  /** Of what waits, in order of arrival, all that can run in the coming block; in order of id. */
  read(entries: readonly PoolEntry[]): Promise<WaitingCall[]>
}

export function createStrictPool(rpc: Rpc): StrictPool {
  const decoded = new WeakMap<PoolEntry, DecodedTransaction>()

  function note(entries: readonly PoolEntry[]): void {
    for (const entry of entries) {
      if (entry.raw === undefined || decoded.has(entry)) continue
      const signed = decodeRawTransaction(entry.raw)
      if (signed !== undefined) decoded.set(entry, signed)
    }
  }

  /** Has Anvil tell what cannot be read here. */
  async function ask(entries: readonly PoolEntry[]): Promise<void> {
    for (let at = 0; at < entries.length; at += LOOKUPS) {
      const part = entries.slice(at, at + LOOKUPS)
      const answers = await rpc.batch(
        part.map(({ hash }) => ({ method: 'eth_getTransactionByHash', params: [hash] })),
      )
      answers.forEach(({ result }, i) => {
        if (result !== null && result !== undefined)
          decoded.set(part[i] as PoolEntry, fromAnswer(result as Answer))
      })
    }
  }

  return {
    note,
    async read(entries) {
      if (entries.length === 0) return []
      note(entries)
      await ask(entries.filter((entry) => !decoded.has(entry)))
      const { pending } = (await rpc.call('txpool_inspect')) as Inspection
      const ready = entries.flatMap((entry) => {
        const signed = decoded.get(entry)
        return signed === undefined || pending[signed.from]?.[signed.nonce] === undefined
          ? []
          : [{ ...signed, entry }]
      })
      return number(await withoutReplaced(rpc, ready))
    },
  }
}

/** What Anvil holds ready, by sender and nonce; it says it without recovering senders, which its other calls do. */
type Inspection = { pending: Record<string, Record<string, string>> }

/** Of several with the same sender and nonce, Anvil's pool holds one. */
async function withoutReplaced<T extends DecodedTransaction & { entry: PoolEntry }>(
  rpc: Rpc,
  calls: readonly T[],
): Promise<T[]> {
  const places = groupBy(calls, ({ from, nonce }) => `${from} ${nonce}`)
  const doubtful = [...places.values()].filter(({ length }) => length > 1).flat()
  if (doubtful.length === 0) return [...calls]
  const answers = await rpc.batch(
    doubtful.map(({ entry }) => ({ method: 'eth_getTransactionByHash', params: [entry.hash] })),
  )
  const gone = new Set(doubtful.filter((_, i) => (answers[i]?.result ?? null) === null))
  return calls.filter((call) => !gone.has(call))
}

/** Gives ids. */
function number(calls: readonly (DecodedTransaction & { entry: PoolEntry })[]): WaitingCall[] {
  const lastFixed = new Map<Hex, number>()
  for (const { from, nonce, entry } of calls)
    if (entry.raw === undefined) lastFixed.set(from, Math.max(nonce, lastFixed.get(from) ?? 0))
  const isFixed = (call: DecodedTransaction) => call.nonce <= (lastFixed.get(call.from) ?? -1)
  const ordered = [...calls.filter(isFixed), ...calls.filter((call) => !isFixed(call))]
  const queues = groupBy(ordered, ({ from }) => from)
  for (const queue of queues.values()) queue.sort((a, b) => b.nonce - a.nonce)
  return ordered.map(({ from }, id) => {
    const call = queues.get(from)?.pop() as (typeof ordered)[number]
    return { ...call, id, callee: calleeOf(call), isFixed: isFixed(call) }
  })
}

/** As the runtime names a callee; none for fewer than four bytes of call data. */
function calleeOf({ to, data }: DecodedTransaction): CalleeKey | undefined {
  return to === undefined || data.length < 10 ? undefined : callKey(to, data.slice(0, 10))
}

type Answer = {
  from: Hex
  nonce: Hex
  to: Hex | null
  input: Hex
  value: Hex
  gas: Hex
  gasPrice?: Hex
  maxFeePerGas?: Hex
}

function fromAnswer(answer: Answer): DecodedTransaction {
  return {
    from: answer.from.toLowerCase() as Hex,
    nonce: Number(answer.nonce),
    to: (answer.to?.toLowerCase() ?? undefined) as Hex | undefined,
    data: answer.input,
    value: BigInt(answer.value),
    gas: BigInt(answer.gas),
    gasPrice: BigInt(answer.maxFeePerGas ?? answer.gasPrice ?? '0x0'),
  }
}
