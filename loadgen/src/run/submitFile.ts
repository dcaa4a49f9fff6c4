import { fetchReceipts } from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import { hashAt } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { startCollector } from '../receipts/collector.js'
import { OUTCOME } from '../submit/ledger.js'
import type { SubmitMethod } from '../submit/send.js'
import { submitTable } from '../submit/submitTable.js'
import type { OnProgress } from './progress.js'
import { openTxFile } from './signedFile.js'

/** Blocks in a row without any of what is waited for, after which it counts as not included. */
const EMPTY_BLOCKS = 20
const BATCH_SIZE = 200
const POLL_MS = 50

/** What became of the transactions of a file. sent = accepted + refused + unanswered. */
export type FileSubmission = {
  sent: number
  accepted: number
  refused: number
  /** Sent without ever getting an answer. */
  unanswered: number
  /** In a block, whatever their status. */
  included: number
  /** How often the node refused with each sentence. */
  refusedBy: Record<string, number>
}

/**
 * Gives the transactions of a file in Arcology's format to a node, as fast as it answers, and waits until they are in blocks.
 * Nothing else is known of them: they go in the order of the file, several requests at a time, and what they did is not read. Can
 * be repeated: what the node has already counts as accepted.
 * @throws UsageError for a file that is malformed; nothing is sent then.
 */
export async function submitFile(rpc: Rpc, options: submitFile.Options): Promise<FileSubmission> {
  const { timeoutMs, onProgress } = options
  const table = await openTxFile(options.path, options)
  const newest = Number(await rpc.call('eth_blockNumber'))
  const collector = startCollector(rpc, { fromBlock: newest + 1, pollMs: POLL_MS })
  try {
    const { ledger, sentences, progress } = await submitTable(table, {
      ...{ executor: { type: 'closed' }, endpoints: [rpc.url], method: options.method },
      ...{ batchSize: options.batchSize, inFlight: options.inFlight },
      onProgress: ({ sent }) => onProgress('submit', sent, table.count),
    })
    const hashes: Hex[] = []
    for (const [position, outcome] of ledger.outcomes.entries())
      if (outcome === OUTCOME.taken || outcome === OUTCOME.unanswered)
        hashes.push(hashAt(table, position))
    const late = await collector.waitFor(hashes, { timeoutMs, emptyBlocks: EMPTY_BLOCKS })
    const missing = await withoutIncluded(rpc, late)
    const { sent, accepted, refused, unanswered } = progress
    const refusedBy: Record<string, number> = {}
    for (const sentence of sentences.values()) refusedBy[sentence] = (refusedBy[sentence] ?? 0) + 1
    const included = hashes.length - missing.length
    return { sent, accepted, refused, unanswered, included, refusedBy }
  } finally {
    await collector.stop()
  }
}

export declare namespace submitFile {
  type Options = {
    /** The file: one raw transaction a line, a comma after each. */
    path: string
    /** First transaction, from 0. Default 0. */
    from?: number | undefined
    /** The one after the last. Default all. */
    to?: number | undefined
    method: SubmitMethod
    /** Transactions a request. */
    batchSize: number
    /** Requests at a time. */
    inFlight: number
    /** Milliseconds that inclusion may take. */
    timeoutMs: number
    onProgress: OnProgress
  }
}

/** Those that no block holds: one that was sent before may be in an older block than those that were followed. */
async function withoutIncluded(rpc: Rpc, hashes: readonly Hex[]): Promise<Hex[]> {
  const missing: Hex[] = []
  for (let start = 0; start < hashes.length; start += BATCH_SIZE) {
    const part = hashes.slice(start, start + BATCH_SIZE)
    const receipts = await fetchReceipts(rpc, part)
    missing.push(...part.filter((_, i) => receipts[i] === undefined))
  }
  return missing
}
