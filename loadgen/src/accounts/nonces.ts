import { resultOf } from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'

const BATCH_SIZE = 500

/**
 * The next nonce of each account, in order. `pending` (default) counts what waits in the node's pool too, so nothing that was
 * sent before is replaced; `latest` counts only what is in blocks.
 * @throws NodeError when the node does not tell.
 */
export async function getNonces(
  rpc: Pick<Rpc, 'batch'>,
  addresses: readonly Hex[],
  block: 'pending' | 'latest' = 'pending',
): Promise<number[]> {
  const nonces = await askAll(
    rpc,
    addresses.map((address) => ({ method: 'eth_getTransactionCount', params: [address, block] })),
  )
  return nonces.map(Number)
}

/** A signed transaction whose way into a block is in doubt. */
export type DoubtfulTx = { sender: Hex; nonce: number; hash: Hex }

/** What is to be done about a doubtful transaction. */
export type Healing<T extends DoubtfulTx> = {
  /** The node has these. */
  taken: T[]
  /** Still possible: to be sent again, the same bytes. */
  sendable: T[]
  /**
   * Impossible: a block holds another transaction of the sender with the nonce. To be signed again with `nextNonce`; what is signed
   * for it cannot displace anything.
   */
  dead: (T & { nextNonce: number })[]
}

/**
 * Finds out what became of signed transactions that a node refused for their nonce, or lost. On Arcology the nonce of an account
 * that was the deferred transaction's moves on by itself, by one for each parallel job, so what was signed beforehand with these
 * nonces can never be included. Only such a transaction is given a new nonce; signing any other again could carry its intent out
 * twice.
 *
 * @param doubtful of any senders, in any order.
 * @param options.sent highest nonce of each sender that may have gone out, and is not in `doubtful`: new ones come after it.
 * @throws NodeError when the node does not tell.
 */
export async function healNonces<T extends DoubtfulTx>(
  rpc: Pick<Rpc, 'batch'>,
  doubtful: readonly T[],
  options: { sent?: ReadonlyMap<Hex, number> | undefined } = {},
): Promise<Healing<T>> {
  const senders = [...new Set(doubtful.map(({ sender }) => sender))]
  // First the nonces, then the hashes: one that is included in between is found, never taken for dead.
  const included = await getNonces(rpc, senders, 'latest')
  const pending = await getNonces(rpc, senders, 'pending')
  const found = await askAll(
    rpc,
    doubtful.map(({ hash }) => ({ method: 'eth_getTransactionByHash', params: [hash] })),
  )
  const usedUp = new Map(senders.map((sender, i) => [sender, included[i] as number]))
  const next = new Map(
    senders.map((sender, i) => [
      sender,
      Math.max(pending[i] as number, (options.sent?.get(sender) ?? -1) + 1),
    ]),
  )
  const healing: Healing<T> = { taken: [], sendable: [], dead: [] }
  const dead: T[] = []
  for (const [i, tx] of doubtful.entries()) {
    const isDead = tx.nonce < (usedUp.get(tx.sender) as number)
    if (found[i] !== null) healing.taken.push(tx)
    else if (isDead) dead.push(tx)
    else healing.sendable.push(tx)
    if (!isDead) next.set(tx.sender, Math.max(next.get(tx.sender) as number, tx.nonce + 1))
  }
  // In the order of the old nonces: what a sender wanted first still comes first.
  for (const tx of dead.sort((a, b) => a.nonce - b.nonce)) {
    const nextNonce = next.get(tx.sender) as number
    next.set(tx.sender, nextNonce + 1)
    healing.dead.push({ ...tx, nextNonce })
  }
  return healing
}

async function askAll(
  rpc: Pick<Rpc, 'batch'>,
  calls: readonly { method: string; params: readonly unknown[] }[],
): Promise<unknown[]> {
  const results: unknown[] = []
  for (let start = 0; start < calls.length; start += BATCH_SIZE) {
    const part = calls.slice(start, start + BATCH_SIZE)
    for (const [i, answer] of (await rpc.batch(part)).entries())
      results.push(resultOf(answer, (part[i] as (typeof part)[number]).method))
  }
  return results
}
