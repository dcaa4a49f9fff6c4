import pLimit from 'p-limit'
import { decodeLogs, eventAddresses } from '../chain/decode.js'
import { getLogs } from '../chain/logs.js'
import {
  fetchBlockReceipts,
  fetchReceipts,
  type RpcReceipt,
  toTxReceipt,
} from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import { type Clock, systemClock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { BlockSample, ChainEvent, Deployment, Hex, TxReceipt } from '../core/types.js'
import { dumpReceipts } from './anvilDump.js'

/**
 * How receipts are read: transaction by transaction in batches of eth_getTransactionReceipt, block by block with
 * eth_getBlockReceipts, or all at once from a dump of an Anvil's state.
 *
 * Measured on Anvil 1.7.1 with 1,000 / 4,000 / 8,000 transactions in one block: transaction 0.13 / 2.6 / 10.9 s, block
 * 0.16 / 2.3 / 35.5 s, dump 0.4 s at 8,000. On a node that keeps receipts by hash, as Arcology's, transaction is linear.
 */
export const RECEIPT_METHODS = ['transaction', 'block', 'dump'] as const
export type ReceiptMethod = (typeof RECEIPT_METHODS)[number]

const BATCH_SIZE = 200
const PARALLEL_REQUESTS = 2
/** Looks for a receipt that a node has not indexed yet. */
const ATTEMPTS = 20
const RETRY_MS = 100
/** Transactions of the blocks whose logs are asked for at once: some ten megabytes of answer. */
const TRANSACTIONS_A_LOG_RANGE = 5_000

/** Where a transaction was included. */
export type Inclusion = { hash: Hex; blockNumber: number }

/**
 * Receipts of included transactions, in their order.
 * @throws NodeError when the node has none for a transaction that it has included.
 */
export async function collectReceipts(
  rpc: Rpc,
  included: readonly Inclusion[],
  options: collectReceipts.Options = {},
): Promise<TxReceipt[]> {
  const { method = 'transaction' } = options
  if (included.length === 0) return []
  if (method === 'transaction') return byTransaction(rpc, included, options)
  const receipts = method === 'dump' ? await dumpReceipts(rpc) : await blockReceipts(rpc, included)
  return included.map((inclusion) => {
    const receipt = receipts.get(inclusion.hash)
    if (receipt === undefined) throw noReceipt(inclusion)
    return receipt
  })
}

export declare namespace collectReceipts {
  type Options = {
    /** Default `transaction`: every node has it. */
    method?: ReceiptMethod | undefined
    clock?: Clock | undefined
    onProgress?: ((collected: number) => void) | undefined
  }
}

async function byTransaction(
  rpc: Rpc,
  included: readonly Inclusion[],
  options: collectReceipts.Options,
): Promise<TxReceipt[]> {
  const { clock = systemClock, onProgress } = options
  let collected = 0
  const batches = Array.from({ length: Math.ceil(included.length / BATCH_SIZE) }, (_, i) =>
    included.slice(i * BATCH_SIZE, (i + 1) * BATCH_SIZE),
  )
  const receipts = await pLimit(PARALLEL_REQUESTS).map(batches, async (batch) => {
    const found = await patiently(rpc, batch, clock)
    collected += batch.length
    onProgress?.(collected)
    return found
  })
  return receipts.flat()
}

async function patiently(
  rpc: Rpc,
  batch: readonly Inclusion[],
  clock: Clock,
): Promise<TxReceipt[]> {
  for (let attempt = 1; ; attempt++) {
    const receipts = await fetchReceipts(
      rpc,
      batch.map(({ hash }) => hash),
    )
    const missing = batch[receipts.indexOf(undefined)]
    if (missing === undefined) return receipts.map((receipt) => toTxReceipt(receipt as RpcReceipt))
    if (attempt === ATTEMPTS) throw noReceipt(missing)
    await clock.sleep(RETRY_MS)
  }
}

async function blockReceipts(
  rpc: Rpc,
  included: readonly Inclusion[],
): Promise<Map<Hex, TxReceipt>> {
  const found = new Map<Hex, TxReceipt>()
  // One after the other: a node that is slow here would be slower with two of them.
  for (const blockNumber of new Set(included.map((inclusion) => inclusion.blockNumber)))
    for (const receipt of await fetchBlockReceipts(rpc, blockNumber))
      found.set(receipt.transactionHash, toTxReceipt(receipt))
  return found
}

function noReceipt({ hash, blockNumber }: Inclusion): NodeError {
  return new NodeError(
    `The node has no receipt of transaction ${hash}, which is in its block ${blockNumber}.`,
  )
}

/**
 * The events of a deployment in a run of blocks, those that `keeps` lets through, in their order on the chain, by eth_getLogs.
 * @param blocks consecutive blocks.
 */
export async function collectEvents(
  rpc: Rpc,
  blocks: readonly BlockSample[],
  options: { deployment: Deployment; keeps?: ((event: ChainEvent) => boolean) | undefined },
): Promise<ChainEvent[]> {
  const { deployment, keeps = () => true } = options
  const addresses = eventAddresses(deployment)
  const events: ChainEvent[] = []
  for (const { fromBlock, toBlock } of logRanges(blocks)) {
    const logs = await getLogs(rpc, { fromBlock, toBlock, addresses })
    for (const event of decodeLogs(logs, { deployment })) if (keeps(event)) events.push(event)
  }
  return events
}

/** Cuts consecutive blocks into ranges of about as many transactions; an empty block costs nothing. */
function logRanges(blocks: readonly BlockSample[]): { fromBlock: number; toBlock: number }[] {
  const ranges: { fromBlock: number; toBlock: number }[] = []
  let transactions = Number.POSITIVE_INFINITY
  for (const block of blocks) {
    transactions += block.transactions
    const open = ranges.at(-1)
    if (open !== undefined && transactions <= TRANSACTIONS_A_LOG_RANGE) {
      open.toBlock = block.number
      continue
    }
    ranges.push({ fromBlock: block.number, toBlock: block.number })
    transactions = block.transactions
  }
  return ranges
}
