/**
 * What a load generator needs of Arcology's package `@arcologynetwork/frontend-util`, for viem and without ethers:
 *
 * | there | here |
 * |---|---|
 * | `generateTx(fn, ...args)`: sends one transaction and waits for it | {@link sendAndWait} |
 * | `waitingTxs(txs)`: waits for many | {@link waitForTransactions} |
 * | `parseReceipt(receipt)`: status and height | {@link parseReceipt}; {@link countReceipts} for many |
 * | `parseEvent(receipt, name)`: the data of the first event of a name | {@link parseEvents}: all of them, decoded |
 * | `writePreSignedTxFile(file, signer, tx)` | `signTransaction` in accounts/sign.ts, `writeTxFile` in accounts/txFile.ts |
 * | `startRpc(url)`, `rpcRequest(client, method, params)` | `createRpc` in chain/rpc.ts |
 *
 * Unlike there, nothing is swallowed: a transaction that is refused or never included is an error.
 */
import pLimit from 'p-limit'
import {
  type Abi,
  type ContractEventName,
  type ParseEventLogsReturnType,
  parseEventLogs,
} from 'viem'
import { type Clock, systemClock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { fetchReceipts, type RpcReceipt, resultOf } from './receipts.js'
import type { Rpc } from './rpc.js'

/**
 * Sends raw transactions in batches of eth_sendRawTransaction and waits until all are included. When none of them is for a while,
 * those that are missing are sent again, the same bytes: a node that was started again has forgotten what it had not included.
 * @returns their receipts, in order, whatever their status.
 * @throws NodeError when one is refused, or not included in time.
 */
export async function sendAndWait(
  rpc: Rpc,
  raws: readonly Hex[],
  options: sendAndWait.Options = {},
): Promise<RpcReceipt[]> {
  const hashes: Hex[] = []
  // One batch at a time: the transactions of one sender reach the node in the order of their nonces.
  for (const batch of chunks(raws, options.batchSize ?? BATCH_SIZE)) {
    const answers = await rpc.batch(
      batch.map((raw) => ({ method: 'eth_sendRawTransaction', params: [raw] })),
    )
    for (const answer of answers) hashes.push(resultOf(answer, 'eth_sendRawTransaction') as Hex)
  }
  const rawOf = new Map(hashes.map((hash, i) => [hash, raws[i] as Hex]))
  return waitForTransactions(rpc, hashes, {
    ...options,
    async onStall(missing) {
      // What it says of those that it has is no failure; inclusion tells.
      for (const batch of chunks(missing, options.batchSize ?? BATCH_SIZE))
        await rpc.batch(
          batch.map((hash) => ({ method: 'eth_sendRawTransaction', params: [rawOf.get(hash)] })),
        )
    },
  })
}

export declare namespace sendAndWait {
  type Options = Omit<waitForTransactions.Options, 'onStall'>
}

const BATCH_SIZE = 200
const PARALLEL_BATCHES = 2
/** Milliseconds without a new receipt after which something may have been lost. */
const STALL_MS = 5_000

/**
 * Waits until all transactions are included.
 * @returns their receipts, in order, whatever their status.
 * @throws NodeError when some are not included in time.
 */
export async function waitForTransactions(
  rpc: Rpc,
  hashes: readonly Hex[],
  options: waitForTransactions.Options = {},
): Promise<RpcReceipt[]> {
  const { timeoutMs = 120_000, pollMs = 100, batchSize = BATCH_SIZE, clock = systemClock } = options
  const { stallMs = STALL_MS, onStall } = options
  const limit = pLimit(PARALLEL_BATCHES)
  const found = new Map<Hex, RpcReceipt>()
  const deadline = clock.now() + timeoutMs
  let asked: unknown
  let progressMs = clock.now()
  for (;;) {
    const height = await rpc.call('eth_blockNumber')
    const missing = hashes.filter((hash) => !found.has(hash))
    const before = found.size
    // Without a new block there is nothing new to learn: a thousand questions a poll would only slow the node down.
    if (height !== asked)
      await limit.map(chunks(missing, batchSize), async (batch) => {
        for (const [i, receipt] of (await fetchReceipts(rpc, batch)).entries())
          if (receipt !== undefined) found.set(batch[i] as Hex, receipt)
        options.onProgress?.(found.size)
      })
    asked = height
    if (found.size > before) progressMs = clock.now()
    if (hashes.every((hash) => found.has(hash)))
      return hashes.map((hash) => found.get(hash) as RpcReceipt)
    if (clock.now() >= deadline) {
      const lost = hashes.filter((hash) => !found.has(hash))
      throw new NodeError(
        `${lost.length} of ${hashes.length} transactions were not included within ${timeoutMs / 1000} s; the first is ${lost[0]}.`,
      )
    }
    if (clock.now() - progressMs >= stallMs) {
      await onStall?.(hashes.filter((hash) => !found.has(hash)))
      progressMs = clock.now()
    }
    await clock.sleep(pollMs)
  }
}

export declare namespace waitForTransactions {
  type Options = {
    /** Milliseconds until all must be included. Default 120,000. */
    timeoutMs?: number | undefined
    /** Milliseconds between looks for a new block. Default 100. */
    pollMs?: number | undefined
    /** Calls a request. Default 200. */
    batchSize?: number | undefined
    clock?: Clock | undefined
    /** Milliseconds without a new receipt until `onStall` is called, with what is missing, in order; and again. Default 5,000. */
    stallMs?: number | undefined
    onStall?: ((missing: readonly Hex[]) => Promise<void>) | undefined
    /** Called now and then with the number of transactions that are included. */
    onProgress?: ((included: number) => void) | undefined
  }
}

/** Status and height of a transaction. */
export function parseReceipt(receipt: RpcReceipt): { ok: boolean; height: number } {
  return { ok: Number(receipt.status) === 1, height: Number(receipt.blockNumber) }
}

/** How many transactions succeeded and failed, and the blocks that they are in. */
export function countReceipts(receipts: readonly RpcReceipt[]): countReceipts.ReturnType {
  const parsed = receipts.map(parseReceipt)
  const succeeded = parsed.filter(({ ok }) => ok).length
  const heights = [...new Set(parsed.map(({ height }) => height))].sort((a, b) => a - b)
  return { succeeded, failed: parsed.length - succeeded, heights }
}

export declare namespace countReceipts {
  type ReturnType = {
    succeeded: number
    failed: number /** Ascending, each once. */
    heights: number[]
  }
}

/** All events of a name in a receipt, decoded by viem. A failed transaction has none. */
export function parseEvents<const abi extends Abi, name extends ContractEventName<abi>>(
  receipt: RpcReceipt,
  options: { abi: abi; eventName: name },
): ParseEventLogsReturnType<abi, name> {
  const { abi, eventName } = options
  return parseEventLogs({ abi, eventName, logs: receipt.logs as never })
}

/** Cuts a list into pieces of at most `size`. */
function chunks<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}
