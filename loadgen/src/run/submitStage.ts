import { systemClock } from '../core/clock.js'
import { UsageError } from '../core/errors.js'
import { hashAt, type TxTable } from '../core/txTable.js'
import type { Hex } from '../core/types.js'
import { isOrderIntent } from '../metrics/trace.js'
import type { Executor } from '../submit/executors.js'
import { OUTCOME } from '../submit/ledger.js'
import type { SubmitMethod } from '../submit/send.js'
import { type SubmitResult, submitTable } from '../submit/submitTable.js'
import { toWorkingLedger } from './ledger.js'
import type { Node } from './node.js'
import { noteSubmission } from './noteSubmission.js'
import type { OnProgress, OnSample } from './progress.js'
import { positionsOf } from './signedFile.js'
import type { Submission } from './submission.js'

/** Milliseconds without a block that holds any of what is waited for, after which the node is asked whether it still has it. */
const STALL_MS = 10_000

/**
 * Gives the transactions of a signed mode to the node, batch by batch, and waits until they are in blocks. What the journal says
 * was answered is not sent again, so a submission that was killed goes on where it was; what was sent without an answer is looked
 * up by its hash, and sent again, byte for byte, only when the node does not have it.
 *
 * A batch of the plan is a block where the run makes the blocks; elsewhere the next batch is sent when all of the last one is
 * included. A keeper's settle() goes ahead of the next batch: after every batch in the mode `keeper`, and when netting after a
 * batch of a single order, which the runtime does not defer.
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
  if (isSubmitted(submission)) return undefined
  if (node.makesBlocks && (options.sending?.executor?.type ?? 'per-block') !== 'per-block')
    throw new UsageError(
      'Only a node that makes blocks by itself can be sent to at a rate; give one with --rpc-url (loadgen devnet serves one).',
    )
  const { outcomes } = ledger.transactions
  const clock = systemClock
  const settlesAfter = createSettlesAfter(submission)

  /** Sends what is open, or the positions given, and notes down what becomes of them. */
  async function send(executor: Executor, positions?: readonly number[]): Promise<SubmitResult> {
    const working = toWorkingLedger(ledger, positions)
    return submitTable(table, {
      ...{ endpoints: [rpc.url], ...options.sending, executor },
      ...{ method: options.method, batchSize: options.batchSize },
      inFlight: submission.isOrdered ? 1 : requestsAtOnce(executor),
      ledger: working,
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

  /** Makes a block, or waits until the positions are in blocks; what the node has lost meanwhile is sent again. */
  async function seal(range: readonly [number, number]): Promise<void> {
    if (node.makesBlocks) return void (await rpc.call('evm_mine'))
    const deadline = clock.now() + options.timeoutMs
    for (let missing = missingOf(range); missing.length > 0; missing = missingOf(range)) {
      const hashes = missing.map((position): Hex => hashAt(table, position))
      const leftMs = deadline - clock.now()
      if (leftMs <= 0) return
      const late = await collector.waitFor(hashes, { timeoutMs: Math.min(STALL_MS, leftMs) })
      if (late.length === hashes.length) await send({ type: 'per-block' }, missingOf(range))
    }
  }

  /** Opens the gate of a batch. @returns when it opened first: its transactions were meant to be sent then. */
  async function openGate(batch: number): Promise<number> {
    const before = ledger.gateOf(batch)
    if (before !== undefined) return before
    const [first] = positionsOf(table, batch)
    if (first > 0) {
      const last = table.batches[first - 1] as number
      await seal(positionsOf(table, last))
      if (settlesAfter(last)) await keeper.send()
    }
    const atMs = clock.now()
    journal.add({ kind: 'gate', batch, atMs })
    return atMs
  }

  if (node.makesBlocks) await rpc.call('evm_setAutomine', [false])
  const { executor = { type: 'per-block' } } = options.sending ?? {}
  const result = await send(
    executor.type === 'per-block' ? { ...executor, beforeBatch: openGate } : executor,
  )
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
    /** When and from where it is sent. Default: batch by batch, from one thread, to the node. */
    sending?:
      | Partial<Omit<submitTable.Options, 'ledger' | 'journal' | 'onProgress' | 'method'>>
      | undefined
    /** Milliseconds that the inclusion of a batch may take. */
    timeoutMs: number
    onProgress: OnProgress
    onSample?: OnSample | undefined
  }
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
