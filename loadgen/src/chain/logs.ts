import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import type { RpcLog } from './decode.js'
import { type Rpc, RpcRefusedError } from './rpc.js'

/**
 * Logs of a range of blocks, in their order on the chain. A range that the node refuses is halved until it is taken: nodes bound
 * the blocks or the results of an answer, each in its own way.
 * @throws RpcRefusedError when the node refuses a single block; NodeError when there is no valid answer.
 */
export async function getLogs(rpc: Rpc, options: getLogs.Options): Promise<RpcLog[]> {
  const { fromBlock, toBlock, addresses } = options
  if (fromBlock > toBlock) return []
  try {
    const logs = await rpc.call('eth_getLogs', [
      { fromBlock: hex(fromBlock), toBlock: hex(toBlock), address: addresses },
    ])
    if (!Array.isArray(logs))
      throw new NodeError('The node answered eth_getLogs with something that is no list.')
    return logs as RpcLog[]
  } catch (error) {
    if (!(error instanceof RpcRefusedError) || fromBlock === toBlock) throw error
    const middle = Math.floor((fromBlock + toBlock) / 2)
    const first = await getLogs(rpc, { addresses, fromBlock, toBlock: middle })
    const second = await getLogs(rpc, { addresses, fromBlock: middle + 1, toBlock })
    return [...first, ...second]
  }
}

export declare namespace getLogs {
  type Options = {
    fromBlock: number
    /** Included. */
    toBlock: number
    /** Contracts whose logs are wanted. */
    addresses: readonly Hex[]
  }
}

function hex(block: number): Hex {
  return `0x${block.toString(16)}`
}
