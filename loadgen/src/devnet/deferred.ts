import type { Rpc, RpcAnswer } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import type { PoolEntry } from './mempool.js'
import { callKey } from './runtime.js'

/** Lookups in one request to Anvil. */
const LOOKUPS = 500

/** A transaction that is to run deferred. */
export type Deferred = {
  entry: PoolEntry
  /** Later transactions of its sender, which leave the pool together with it: they are for the next block. */
  followers: readonly PoolEntry[]
}

/** The calls of each deferrable function that has two or more of them, in order of arrival. */
export function groupDeferrable(
  entries: readonly PoolEntry[],
  deferrable: ReadonlySet<string>,
): PoolEntry[][] {
  const groups = new Map<string, PoolEntry[]>()
  if (deferrable.size === 0) return []
  for (const entry of entries) {
    const { to, selector } = entry.envelope ?? {}
    if (to === undefined || selector === undefined) continue
    const key = callKey(to, selector)
    if (!deferrable.has(key)) continue
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [entry])
    else group.push(entry)
  }
  return [...groups.values()].filter((calls) => calls.length >= 2)
}

/**
 * The last of the calls that can run in the coming block, when at least one other can too: on the runtime a lone call is not
 * deferred. Passed over are calls that wait for an earlier nonce, those that Anvil signed (they cannot be sent again), and those
 * whose sender has a later call of the same function: that one is the last.
 * @param calls Of one function, in order of arrival.
 * @param pool Everything that waits.
 */
export async function findDeferred(
  rpc: Rpc,
  calls: readonly PoolEntry[],
  pool: readonly PoolEntry[],
): Promise<Deferred | undefined> {
  let chosen: Deferred | undefined
  let others = 0
  for (const entry of [...calls].reverse()) {
    if (chosen !== undefined && others > 0) break
    const place = await readPlace(rpc, entry)
    if (place === undefined) continue
    const followers = chosen === undefined ? await findFollowers(rpc, place, pool) : undefined
    const movable = followers?.every(({ raw }) => raw !== undefined) ?? false
    if (entry.raw === undefined || followers === undefined || !movable) others += 1
    else if (followers.some((follower) => calls.includes(follower))) others += 1
    else chosen = { entry, followers }
  }
  return others > 0 ? chosen : undefined
}

/** Sender, nonce, and the nonce that Anvil expects next of this sender. */
type Place = { from: string; nonce: number; next: number }

/** Where a transaction stands; undefined when it is not in the pool or waits for an earlier nonce. */
async function readPlace(rpc: Rpc, entry: PoolEntry): Promise<Place | undefined> {
  const found = pooled(await rpc.call('eth_getTransactionByHash', [entry.hash]))
  if (found === undefined) return undefined
  const next = Number(await rpc.call('eth_getTransactionCount', [found.from, 'pending']))
  return next > found.nonce ? { ...found, next } : undefined
}

/** The transactions of a sender that follow one of its nonces; undefined when not all of them are known here. */
async function findFollowers(
  rpc: Rpc,
  { from, nonce, next }: Place,
  pool: readonly PoolEntry[],
): Promise<readonly PoolEntry[] | undefined> {
  const expected = next - nonce - 1
  if (expected === 0) return []
  const follows = (other: number) => other > nonce && other < next
  const possible = pool.filter(
    ({ envelope }) => envelope?.nonce === undefined || follows(envelope.nonce),
  )
  const found = await lookUp(rpc, possible)
  const followers = possible.filter((_, i) => found[i]?.from === from && follows(found[i].nonce))
  return followers.length === expected ? followers : undefined
}

/** What waits in the pool under these hashes; undefined where nothing does. In the order of the entries. */
export async function lookUp(
  rpc: Rpc,
  entries: readonly PoolEntry[],
): Promise<({ from: string; nonce: number } | undefined)[]> {
  const answers: RpcAnswer[] = []
  for (let at = 0; at < entries.length; at += LOOKUPS)
    answers.push(
      ...(await rpc.batch(
        entries
          .slice(at, at + LOOKUPS)
          .map(({ hash }) => ({ method: 'eth_getTransactionByHash', params: [hash] })),
      )),
    )
  return answers.map(({ result }) => pooled(result))
}

function pooled(found: unknown): { from: string; nonce: number } | undefined {
  const transaction = found as
    | { from: string; nonce: Hex; blockHash: Hex | null }
    | null
    | undefined
  if (transaction === null || transaction === undefined || transaction.blockHash !== null)
    return undefined
  return { from: transaction.from, nonce: Number(transaction.nonce) }
}
