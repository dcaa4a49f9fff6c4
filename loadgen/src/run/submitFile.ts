import { fetchReceipts } from '../chain/receipts.js'
import type { Rpc } from '../chain/rpc.js'
import { hashAt } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { startCollector } from '../receipts/collector.js'
import { OUTCOME } from '../submit/ledger.js'
import type { SubmitMethod } from '../submit/send.js'
import { submitTable } from '../submit/submitTable.js'
import { checkEndpoints } from './endpoints.js'
import type { OnProgress, OnSample } from './progress.js'
import { openTxFile } from './signedFile.js'
import type { submitStage } from './submitStage.js'

/** Blocks in a row without any of what is waited for, after which it counts as not included. */
const EMPTY_BLOCKS = 20
const BATCH_SIZE = 200
const POLL_MS = 50

/** What became of the transactions of a file. sent = accepted + refused + unanswered; what was not sent is `unsent`. */
export type FileSubmission = {
  sent: number
  accepted: number
  refused: number
  /** Sent without ever getting an answer. */
  unanswered: number
  /** Never sent: a send time had passed, or a ramp ended before. */
  unsent: number
  /** In a block, whatever their status. */
  included: number
  /** How often the node refused with each sentence. */
  refusedBy: Record<string, number>
}

/**
 * Gives the transactions of a file in Arcology's format to a node, by default as fast as it answers, and waits until they are in
 * blocks. Nothing else is known of them: they go in the order of the file, several requests at a time, and what they did is not read. Can
 * be repeated: what the node has already counts as accepted.
 * @throws UsageError for a file that is malformed; nothing is sent then.
 */
export async function submitFile(rpc: Rpc, options: submitFile.Options): Promise<FileSubmission> {
  const { timeoutMs, onProgress, sending } = options
  const { executor = { type: 'closed' }, endpoints = [] } = sending ?? {}
  const table = await openTxFile(options.path, options)
  await checkEndpoints(endpoints, { chainId: Number(await rpc.call('eth_chainId')) })
  const newest = Number(await rpc.call('eth_blockNumber'))
  const collector = startCollector(rpc, { fromBlock: newest + 1, pollMs: POLL_MS })
  try {
    const { ledger, sentences, progress } = await submitTable(table, {
      ...{ ...sending, executor, endpoints: [rpc.url, ...endpoints], method: options.method },
      ...{ batchSize: options.batchSize, inFlight: options.inFlight },
      onProgress(progress) {
        onProgress('submit', progress.sent, table.count)
        for (const kind of ['sent', 'accepted', 'refused', 'dropped'] as const)
          options.onSample?.({ kind, total: progress[kind] })
      },
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
    const unsent = table.count - sent
    return { sent, accepted, refused, unanswered, unsent, included, refusedBy }
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
    /** When and from where it is sent, and to which nodes beside this one. Default: as fast as it answers. */
    sending?: submitStage.Options['sending']
    onProgress: OnProgress
    onSample?: OnSample | undefined
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
