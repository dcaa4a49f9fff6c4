import { systemClock } from '../core/clock.js'
import { UsageError } from '../core/errors.js'
import type { ExecutorName } from '../core/sending.js'
import type { Shard } from '../core/shard.js'
import { hashAt, type TxTable } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { isOrderIntent } from '../metrics/trace.js'
import type { Executor } from '../submit/executors.js'
import { OUTCOME } from '../submit/ledger.js'
import type { SubmitMethod } from '../submit/send.js'
import { type SubmitResult, submitTable } from '../submit/submitTable.js'
import { checkEndpoints } from './endpoints.js'
import { heal } from './heal.js'
import { toWorkingLedger } from './ledger.js'
import type { Market } from './market.js'
import type { Node } from './node.js'
import { noteSubmission } from './noteSubmission.js'
import type { OnProgress, OnSample } from './progress.js'
import { settleAlong } from './settleAlong.js'
import { positionsOf } from './signedFile.js'
import type { Submission } from './submission.js'

/** Milliseconds without a block that holds any of what is waited for, after which the node is asked whether it still has it. */
export const STALL_MS = 10_000

/**
 * Gives the transactions of a signed mode to the node, batch by batch, and waits until they are in blocks. What the journal says
 * was answered is not sent again, so a submission that was killed goes on where it was; what was sent without an answer is looked
 * up by its hash, and sent again, byte for byte, only when the node does not have it.
 *
 * A batch of the plan is a block where the run makes the blocks; elsewhere the next batch is sent when all of the last one is
 * included. A keeper's settle() goes ahead of the next batch: after every batch in the mode `keeper`, and when netting after a
 * batch of a single order, which the runtime does not defer. With another executor than `per-block` the plan's batches do not
 * matter; in the mode `keeper` a settle() follows each block then.
 * @returns what this process sent; undefined when nothing was left to send.
 */
export async function submitStage(
  node: Node,
  submission: Submission,
  options: submitStage.Options,
): Promise<SubmitResult | undefined> {
  const { rpc } = node
  const { table, journal, collector, keeper } = submission
  const { ledger } = journal
  const { executor = { type: 'per-block' }, endpoints = [], warmupMs = 0 } = options.sending ?? {}
  if (isSubmitted(submission)) return undefined
  if (node.makesBlocks) requirePerBlock(executor.type)
  const begun = ledger.execution()?.executor ?? executor.type
  if (begun !== executor.type)
    throw new UsageError(`It was begun with --executor ${begun}; go on with the same.`)
  await checkEndpoints(endpoints, { chainId: node.chainId, setup: submission.setup })
  const { outcomes } = ledger.transactions
  const clock = systemClock
  const settlesAfter = createSettlesAfter(submission)

  /** Sends what is open, or the positions given, and notes down what becomes of them. */
  async function send(
    executor: Executor,
    { positions, signal }: { positions?: readonly number[]; signal?: AbortSignal } = {},
  ): Promise<SubmitResult> {
    const working = toWorkingLedger(ledger, positions)
    return submitTable(table, {
      ...{ ...options.sending, executor, endpoints: [rpc.url, ...endpoints] },
      ...{ method: options.method, batchSize: options.batchSize },
      // A thread would take longer to start than these take to send.
      ...(positions !== undefined && { workers: 0 }),
      inFlight: submission.isOrdered ? 1 : requestsAtOnce(executor),
      ...{ ledger: working, signal },
      journal: noteSubmission(journal, { working, clock }),
      onProgress(progress) {
        options.onProgress('submit', progress.sent, table.count)
        for (const kind of ['sent', 'accepted', 'refused', 'dropped'] as const)
          options.onSample?.({ kind, total: progress[kind] })
      },
    })
  }

  /** Batch by batch no more at a time than a batch fills: a small one arrives in the order of the plan, the same in every run. */
  function requestsAtOnce({ type }: Executor): number {
    if (type !== 'per-block') return options.inFlight
    return Math.min(options.inFlight, Math.ceil(largestBatch(table) / options.batchSize) || 1)
  }

  /** Those of the positions that the node took and no block holds yet. */
  function missingOf([from, to]: readonly [number, number]): number[] {
    const missing: number[] = []
    for (let position = from; position < to; position++)
      if (
        outcomes[position] === OUTCOME.taken &&
        collector.blockOf(hashAt(table, position)) === undefined
      )
        missing.push(position)
    return missing
  }

  /** Those of the positions whose nonce may be used up. Why a node of Arcology does not take one it does not say. */
  function refusedOf([from, to]: readonly [number, number]): number[] {
    const refused: number[] = []
    for (let position = from; position < to; position++) {
      const outcome = outcomes[position]
      if (
        outcome === OUTCOME.replaced ||
        (outcome === OUTCOME.refused && options.method === 'arcology')
      )
        refused.push(position)
    }
    return refused
  }

  const sendAgain = (positions: readonly number[]) => send({ type: 'per-block' }, { positions })

  /**
   * Makes a block, or waits until the positions are in blocks. What the node has lost meanwhile is sent again; what can never be in
   * a block, because its nonce is used up, is signed anew.
   */
  async function seal(range: readonly [number, number]): Promise<void> {
    const deadline = clock.now() + options.timeoutMs
    for (let leftMs = options.timeoutMs; leftMs > 0; leftMs = deadline - clock.now()) {
      const dead = await heal(node, submission, refusedOf(range))
      if (dead.length > 0) {
        await sendAgain(dead)
        continue
      }
      if (node.makesBlocks) return void (await rpc.call('evm_mine'))
      const hashes = missingOf(range).map((position): Hex => hashAt(table, position))
      if (hashes.length === 0) return
      const late = await collector.waitFor(hashes, { timeoutMs: Math.min(STALL_MS, leftMs) })
      if (late.length < hashes.length) continue
      const missing = missingOf(range)
      await heal(node, submission, missing)
      await sendAgain(missing)
    }
  }

  /** Opens the gate of a batch. @returns when it opened first: its transactions were meant to be sent then. */
  async function openGate(batch: number): Promise<number> {
    const before = ledger.gateOf(batch)
    if (before !== undefined) return before
    const [first] = positionsOf(table, batch)
    const last = table.batches[first - 1]
    if (last !== undefined) await seal(positionsOf(table, last))
    // It may make a block of its own; a settle() goes into the batch's.
    await options.market?.before(batch)
    if (last !== undefined && settlesAfter(last)) await keeper.send()
    const atMs = clock.now()
    journal.add({ kind: 'gate', batch, atMs })
    return atMs
  }

  /** In the mode `keeper`, settles beside the submission. */
  async function sendAlong(): Promise<SubmitResult> {
    const own = ofShard(executor, submission.shard)
    if (submission.mode !== 'keeper') return send(own)
    const fromBlock = Number(await rpc.call('eth_blockNumber')) + 1
    const [ending, failing] = [new AbortController(), new AbortController()]
    const settling = settleAlong(submission, { fromBlock, signal: ending.signal })
    settling.catch((error: unknown) => failing.abort(error))
    const sending = send(own, { signal: failing.signal }).finally(() => ending.abort())
    const [sent, settled] = await Promise.allSettled([sending, settling])
    if (settled.status === 'rejected') throw settled.reason
    if (sent.status === 'rejected') throw sent.reason
    return sent.value
  }

  async function sendAll(): Promise<SubmitResult> {
    if (executor.type === 'per-block') return send({ ...executor, beforeBatch: openGate })
    // Its send times are over; what is open still was given up by an earlier process.
    return ledger.execution()?.isDone === true ? send({ type: 'closed' }) : sendAlong()
  }

  if (node.makesBlocks) await rpc.call('evm_setAutomine', [false])
  if (ledger.execution() === undefined)
    journal.add({
      ...{ kind: 'executing', executor: executor.type, warmupMs, atMs: clock.now() },
      ...(executor.type === 'rate' && { perSecond: executor.perSecond }),
    })
  const result = await sendAll()
  journal.add({
    ...{ kind: 'executed', atMs: clock.now() },
    ...(result.ramp !== undefined && { ramp: result.ramp }),
  })
  await seal([0, table.count])
  journal.add({ kind: 'submitted', atMs: clock.now() })
  return result
}

export declare namespace submitStage {
  type Options = {
    method: SubmitMethod
    /** Transactions a request. */
    batchSize: number
    /** Requests at a time. */
    inFlight: number
    /**
     * When and from where it is sent, and to which nodes beside the run's own. Default: batch by batch, from one thread, to that
     * one alone. Of several generators' rates each sends its share.
     */
    sending?:
      | Partial<Omit<submitTable.Options, 'ledger' | 'journal' | 'onProgress' | 'method'>>
      | undefined
    /** Milliseconds that the inclusion of a batch may take. */
    timeoutMs: number
    /** What goes on beside it. Default: nothing. */
    market?: Market | undefined
    onProgress: OnProgress
    onSample?: OnSample | undefined
  }
}

/** @throws UsageError for an executor that a node which makes its blocks only when it is told cannot have. */
export function requirePerBlock(executor: ExecutorName): void {
  if (executor !== 'per-block')
    throw new UsageError(
      `--executor ${executor} needs a node that makes blocks by itself; give one with --rpc-url (loadgen devnet serves one).`,
    )
}

/** With the shard's own share of the send times. */
function ofShard(executor: Executor, shard: Shard | undefined): Executor {
  if (shard === undefined || executor.type === 'per-block' || executor.type === 'closed')
    return executor
  return { ...executor, shard: { index: shard.index, of: shard.count } }
}

/** True when the stage was done and left nothing without an answer. */
export function isSubmitted({ journal }: Pick<Submission, 'journal'>): boolean {
  const { doneMs, transactions } = journal.ledger
  return doneMs('submitted') !== undefined && !transactions.outcomes.includes(OUTCOME.pending)
}

/** Transactions of the largest batch. */
function largestBatch({ batches, count }: TxTable): number {
  let [largest, first] = [0, 0]
  for (let position = 1; position <= count; position++)
    if (position === count || batches[position] !== batches[first]) {
      largest = Math.max(largest, position - first)
      first = position
    }
  return largest
}

/** Whether a settle() of the keeper follows a batch. */
function createSettlesAfter({ mode, intents }: Submission): (batch: number) => boolean {
  if (mode !== 'netting') return () => mode === 'keeper'
  const orders = new Map<number, number>()
  for (const intent of intents())
    if (isOrderIntent(intent)) orders.set(intent.batch, (orders.get(intent.batch) ?? 0) + 1)
  return (batch) => orders.get(batch) === 1
}
