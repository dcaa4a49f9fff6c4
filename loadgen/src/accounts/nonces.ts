import { resultOf } from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'

const BATCH_SIZE = 500

/**
 * The next nonce of each account, in order. Counts what waits in the node's pool too, so nothing that was sent before is
 * replaced.
 * @throws NodeError when the node does not tell.
 */
export async function getNonces(rpc: Rpc, addresses: readonly Hex[]): Promise<number[]> {
  const nonces: number[] = []
  for (let start = 0; start < addresses.length; start += BATCH_SIZE) {
    const method = 'eth_getTransactionCount'
    const calls = addresses
      .slice(start, start + BATCH_SIZE)
      .map((address) => ({ method, params: [address, 'pending'] }))
    for (const answer of await rpc.batch(calls)) nonces.push(Number(resultOf(answer, method)))
  }
  return nonces
}
