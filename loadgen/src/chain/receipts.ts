import { NodeError } from '../core/errors.js'
import type { Hex, TxReceipt } from '../core/types.js'
import type { RpcLog } from './decode.js'
import type { Rpc, RpcAnswer } from './rpc.js'

/** The part of a node's receipt that is read. */
export type RpcReceipt = {
  transactionHash: Hex
  blockNumber: Hex
  transactionIndex: Hex
  /** 0x1 for success. */
  status: Hex
  gasUsed: Hex
  contractAddress?: Hex | null | undefined
  logs: readonly RpcLog[]
}

/**
 * Receipts of transactions in one batch of eth_getTransactionReceipt, in order; undefined for those that the node has none of.
 * @throws NodeError when the node refuses a call or gives no valid answer.
 */
export async function fetchReceipts(
  rpc: Rpc,
  hashes: readonly Hex[],
): Promise<(RpcReceipt | undefined)[]> {
  const answers = await rpc.batch(
    hashes.map((hash) => ({ method: 'eth_getTransactionReceipt', params: [hash] })),
  )
  return answers.map(
    (answer) =>
      (resultOf(answer, 'eth_getTransactionReceipt') ?? undefined) as RpcReceipt | undefined,
  )
}

/**
 * Receipts of all transactions of a block by one eth_getBlockReceipts.
 * Warning: Anvil takes a time that grows with the square of the block's transactions.
 */
export async function fetchBlockReceipts(rpc: Rpc, blockNumber: number): Promise<RpcReceipt[]> {
  const receipts = await rpc.call('eth_getBlockReceipts', [`0x${blockNumber.toString(16)}`])
  if (!Array.isArray(receipts))
    throw new NodeError(`The node has no receipts of block ${blockNumber}.`)
  return receipts as RpcReceipt[]
}

/** The result of one answer of a batch. @throws NodeError with the node's sentence when it refused the call. */
export function resultOf(answer: RpcAnswer, method: string): unknown {
  if (answer.error !== undefined && answer.error !== null)
    throw new NodeError(`The node refused ${method}: ${answer.error.message}`)
  return answer.result
}

/** A receipt in the words of the stages. */
export function toTxReceipt(receipt: RpcReceipt): TxReceipt {
  return {
    hash: receipt.transactionHash,
    blockNumber: Number(receipt.blockNumber),
    index: Number(receipt.transactionIndex),
    ok: Number(receipt.status) === 1,
    gasUsed: BigInt(receipt.gasUsed),
  }
}
