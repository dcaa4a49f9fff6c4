import { fetchReceipts, toTxReceipt } from '../chain/receipts.js'
import { type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { readSnapshot } from '../chain/snapshot.js'
import { systemClock } from '../core/clock.js'
import type { Sending } from '../core/sending.js'
import { hashAt } from '../core/txTable.js'
import type { Hex, ModeRecord, Plan, TxReceipt } from '../core/types.js'
import { concernsShard } from '../metrics/mergeShard.js'
import type { ReceiptMethod } from '../receipts/fetch.js'
import { saveRecord } from '../report/records.js'
import { OUTCOME } from '../submit/ledger.js'
import { phasesOf } from '../submit/submitTable.js'
import { modelGas } from './gasModel.js'
import { type Ledger, samplesOf } from './ledger.js'
import type { Market } from './market.js'
import type { Node } from './node.js'
import type { OnProgress, OnSample } from './progress.js'
import { readSchedules } from './schedules.js'
import type { Submission } from './submission.js'
import { STALL_MS } from './submitStage.js'

/** Blocks in a row without any of what is waited for, after which it counts as lost. */
const EMPTY_BLOCKS = 20
const BATCH_SIZE = 200
const NOBODY: Hex = `0x${'0'.repeat(40)}`

/**
 * Waits until every transaction of a submission is accounted for, settles what is left in the queues, reads receipts and events,
 * and writes the mode's record.
 */
export async function collectStage(
  node: Node,
  submission: Submission,
  options: collectStage.Options,
): Promise<ModeRecord> {
  const { rpc } = node
  const { timeoutMs, onProgress, market } = options
  const { folder, mode, setup, table, journal, collector, keeper, shard } = submission
  const { traders, deployment, before } = setup
  const { ledger } = journal

  // Old blocks are not a sign that something is lost.
  await collector.reach(Number(await rpc.call('eth_blockNumber')))
  const wait = { timeoutMs, emptyBlocks: EMPTY_BLOCKS }
  const sent = sentHashes(submission)
  if (!node.makesBlocks) await collector.waitFor(sent, wait)
  async function seal(): Promise<void> {
    if (node.makesBlocks) await rpc.call('evm_mine')
    else await waitForKeeper(submission, { timeoutMs })
  }
  await keeper.finish(seal)
  await market?.finish(async () => {
    await seal()
    await keeper.finish(seal)
  })
  if (node.makesBlocks) await collector.waitFor(keeper.hashes(), { timeoutMs })
  else await waitForKeeper(submission, { timeoutMs })
  // The last orders may have been settled by somebody else.
  await collector.reach(Number(await rpc.call('eth_blockNumber')))
  const { blocks, receipts, events } = await collector.drain(sent, {
    ...wait,
    deployment,
    receipts: options.receipts ?? (node.isEmulated ? 'dump' : 'transaction'),
    keeps: shard
      ? concernsShard({ traders, hashes: [...sent, ...ledger.settlements()] })
      : undefined,
    onProgress: (done) => onProgress('collect', done, sent.length),
  })
  // None of them can be in a block; should one be, verification has to see it.
  const doubled = ledger
    .healed()
    .map(({ replaced }) => replaced)
    .filter((hash) => collector.blockOf(hash) !== undefined)
  const ran: ModeRecord = {
    ...{ mode, plan: options.plan, traders, deployment, before },
    after: await readSnapshot(rpc, { deployment, traders }),
    signed: Array.from({ length: table.count }, (_, position) => ({
      intent: table.intents[position] as number,
      hash: hashAt(table, position),
    })),
    healed: healedOf(submission),
    submitted: samplesOf(ledger, table),
    receipts: [...receipts, ...(await receiptsOf(rpc, doubled))],
    settlements: await receiptsOf(rpc, ledger.settlements()),
    // A block was seen when the first stage that followed the chain saw it.
    blocks: blocks.map((block) => ({
      ...block,
      seenMs: ledger.seenMs(block.number) ?? block.seenMs,
    })),
    events,
    sending: sendingOf(ledger),
    schedules: node.isStrict ? await readSchedules(rpc, blocks) : undefined,
    market: market && {
      observed: market.observed(),
      transactions: await receiptsOf(rpc, market.hashes()),
    },
  }
  // The settlements of a shard's orders are in the transactions of others too: its gas an order cannot be modelled.
  // A node that was started again in the middle of the run has no traces of what was before.
  const isModelled =
    node.isEmulated && shard === undefined && (await hasStateOf(rpc, before.blockNumber))
  const record = isModelled ? { ...ran, gasModel: await modelGas(rpc, ran) } : ran
  await saveRecord(folder, record, { standing: ['signed'] })
  journal.add({ kind: 'collected', atMs: systemClock.now() })
  options.onSample?.({ kind: 'failed', total: receipts.filter(({ ok }) => !ok).length })
  options.onSample?.({
    kind: 'settled',
    total: events.filter(({ type }) => type === 'OrderSettled').length,
  })
  return record
}

export declare namespace collectStage {
  type Options = {
    plan: Plan
    /** How receipts are read. Default: what is cheapest, `dump` on the embedded node and `transaction` elsewhere. */
    receipts?: ReceiptMethod | undefined
    /** Milliseconds that the inclusion of what is left may take. */
    timeoutMs: number
    /** What went on beside it. Default: nothing. */
    market?: Market | undefined
    onProgress: OnProgress
    onSample?: OnSample | undefined
  }
}

/** How it was sent; undefined for a journal of an older version. */
function sendingOf(ledger: Ledger): Sending | undefined {
  const execution = ledger.execution()
  if (execution === undefined) return undefined
  const { warmupMs, isDone: _, ...how } = execution
  const phases = phasesOf(ledger.transactions, warmupMs)
  return { ...how, ...(Number.isFinite(phases.startMs) && { phases }) }
}

/** Hashes of all that may be in a block. */
function sentHashes({ table, journal }: Submission): Hex[] {
  const { outcomes } = journal.ledger.transactions
  const hashes: Hex[] = []
  for (let position = 0; position < table.count; position++)
    if (outcomes[position] === OUTCOME.taken || outcomes[position] === OUTCOME.pending)
      hashes.push(hashAt(table, position))
  return hashes
}

/** Waits until all settle() are in blocks; what the node has lost is sent again. */
async function waitForKeeper(
  { collector, keeper }: Submission,
  { timeoutMs }: { timeoutMs: number },
): Promise<void> {
  const deadline = systemClock.now() + timeoutMs
  for (;;) {
    const leftMs = deadline - systemClock.now()
    const late = await collector.waitFor(keeper.hashes(), {
      timeoutMs: Math.max(0, Math.min(STALL_MS, leftMs)),
    })
    if (late.length === 0 || leftMs <= STALL_MS) return
    await keeper.sendAgain(late)
  }
}

async function hasStateOf(rpc: Rpc, blockNumber: number): Promise<boolean> {
  try {
    await rpc.call('eth_getBalance', [NOBODY, `0x${blockNumber.toString(16)}`])
    return true
  } catch (error) {
    if (error instanceof RpcRefusedError) return false
    throw error
  }
}

/** What was signed anew, by intent. */
function healedOf({ table, journal }: Submission): ModeRecord['healed'] {
  const healed = journal.ledger.healed()
  if (healed.length === 0) return undefined
  return healed.map(({ position, replaced, hash }) => ({
    ...{ intent: table.intents[position] as number, replaced, hash },
  }))
}

/** Receipts of those that are in a block: a settle() that was noted down and then not sent, because of a kill, is in none. */
async function receiptsOf(rpc: Rpc, hashes: readonly Hex[]): Promise<TxReceipt[]> {
  const receipts: TxReceipt[] = []
  for (let start = 0; start < hashes.length; start += BATCH_SIZE)
    for (const receipt of await fetchReceipts(rpc, hashes.slice(start, start + BATCH_SIZE)))
      if (receipt !== undefined) receipts.push(toTxReceipt(receipt))
  return receipts
}
