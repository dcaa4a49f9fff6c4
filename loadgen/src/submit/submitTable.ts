import { type Clock, systemClock } from '../core/clock.js'
import { LoadgenError } from '../core/errors.js'
import type { Phases, RampResult } from '../core/sending.js'
import type { TxTable } from '../core/txTable.js'
import type { RetryOptions } from './deliver.js'
import { type Executor, execute, isOpenLoop, type Run } from './executors.js'
import type { Span } from './lanes.js'
import { createLedger, type Ledger, OUTCOME, settle } from './ledger.js'
import { readProgress, type SubmitProgress, showProgress } from './progress.js'
import type { SubmitMethod } from './send.js'
import type { createSender } from './sender.js'
import { createSubmitPool } from './submitPool.js'

/** What is written down while a submission runs, so that a killed one can go on. Both take consecutive positions. */
export type SubmitJournal = {
  /** Called and awaited before the first byte of any of them goes out. */
  onSending?: ((span: Span) => void | Promise<void>) | undefined
  /** Called, in order and once for each position, when all of them are settled: what became of them stands in the ledger. */
  onAnswered?:
    | ((span: Span, ledger: Ledger, sentences: ReadonlyMap<number, string>) => void)
    | undefined
}

/** What became of a submission. */
export type SubmitResult = {
  ledger: Ledger
  /** The node's sentence for each transaction that is refused or replaced. */
  sentences: ReadonlyMap<number, string>
  /** By intended time. */
  phases: Phases
  progress: SubmitProgress
  /** Of the executor `ramp`. */
  ramp?: RampResult | undefined
}

/**
 * Gives signed transactions to nodes. Those of one sender reach a node in their order, one request of theirs at a time. A request
 * without an answer is sent again, byte for byte, after the node was asked what it has, so no transaction is carried out or
 * counted twice.
 * @returns when every transaction has its outcome.
 * @throws LoadgenError when plan batches are out of order; what a gate or the journal failed with; the signal's reason.
 */
export async function submitTable(
  table: TxTable,
  options: submitTable.Options,
): Promise<SubmitResult> {
  const { executor, journal, clock = systemClock, ledger = createLedger(table.count) } = options
  const { batchSize = 100, inFlight = 8, workers = 1, timeoutMs = 30_000 } = options
  checkOrder(table)
  options.signal?.throwIfAborted()
  const hasSendTimes = isOpenLoop(executor.type)
  const pool = createSubmitPool(
    {
      ...{ table, ledger, laneCount: inFlight, endpoints: options.endpoints, batchSize, timeoutMs },
      ...{ method: options.method ?? 'standard', retry: options.retry },
      maxDelayMs: hasSendTimes ? options.maxDelayMs : undefined,
      lingerMs: hasSendTimes ? (options.lingerMs ?? 5) : 0,
      seed: options.seed ?? '',
    },
    { workers, tools: options.tools },
  )
  const ending = new AbortController()
  let failures: unknown[] = []
  const end = () => {
    ending.abort()
    pool.stop()
  }
  function fail(error: unknown): void {
    failures = [...failures, error]
    end()
  }
  const onAbort = () => fail(options.signal?.reason)
  options.signal?.addEventListener('abort', onAbort, { once: true })

  /** Ends of opened spans: those before are settled up to the first that is open. */
  const spans: { to: number; isSettled: boolean }[] = []
  let settledTo = 0
  function report(limit: number): void {
    let to = settledTo
    // What a failure left unsent is not settled: it is for who goes on.
    if (failures.length > 0) return
    while (to < limit && Atomics.load(ledger.outcomes, to) !== OUTCOME.pending) to++
    if (to === settledTo) return
    const span = { from: settledTo, to }
    settledTo = to
    journal?.onAnswered?.(span, ledger, pool.sentences)
  }
  const run: Run = {
    ...{ table, ledger, clock, requestsAtOnce: inFlight, batchSize },
    ...{ signal: ending.signal, end },
    async open(span) {
      if (span.to > span.from) await journal?.onSending?.(span)
      const opened = { to: span.to, isSettled: false }
      spans.push(opened)
      const settled = pool.send(span).then(() => {
        opened.isSettled = true
        while (spans[0]?.isSettled === true) report((spans.shift() as typeof opened).to)
      })
      return { settled: settled.catch(fail) }
    },
  }

  const progressing = showProgress({ ...options, ledger, clock })
  let ramp: RampResult | undefined
  try {
    ramp = await execute(run, executor).catch((error: unknown) => {
      fail(error)
      return undefined
    })
    await pool.finish().catch(fail)
    for (let position = 0; position < table.count; position++)
      if (ledger.outcomes[position] === OUTCOME.pending) settle(ledger, position, OUTCOME.unsent)
    report(table.count)
  } finally {
    options.signal?.removeEventListener('abort', onAbort)
    await progressing.stop()
  }
  if (failures.length > 0) throw failures[0]
  return {
    ledger,
    sentences: pool.sentences,
    phases: phasesOf(ledger, options.warmupMs ?? 0),
    progress: readProgress(ledger),
    ...(ramp !== undefined && { ramp }),
  }
}

export declare namespace submitTable {
  type Options = {
    /** Addresses of nodes; requests are spread over them. */
    endpoints: readonly string[]
    executor: Executor
    /** `standard`: batches of eth_sendRawTransaction (default). `arcology`: arn_sendRawTransactions. */
    method?: SubmitMethod | undefined
    /** Transactions a request. Default 100: larger ones are no faster and answer later. */
    batchSize?: number | undefined
    /** Requests at a time, over all nodes; with 1 everything arrives in the order of the table. Default 8. */
    inFlight?: number | undefined
    /** Threads that send; 0: this one. Default 1. */
    workers?: number | undefined
    /** Milliseconds until an answer must be there. Default 30,000. */
    timeoutMs?: number | undefined
    retry?: RetryOptions | undefined
    /** Milliseconds after its intended time that a transaction may still be sent, for `rate` and `ramp`. Default: any. */
    maxDelayMs?: number | undefined
    /** Milliseconds that transactions wait to share a request, for `rate` and `ramp`. Default 5. */
    lingerMs?: number | undefined
    /** Milliseconds from the first intended time that do not count. Default 0. */
    warmupMs?: number | undefined
    /** Of the jitter between attempts. */
    seed?: string | undefined
    /**
     * To go on with a submission: what is settled in it is not sent, what is in doubt is looked up first. Default: an empty one.
     */
    ledger?: Ledger | undefined
    journal?: SubmitJournal | undefined
    /** Called at the start, now and then, and at the end. */
    onProgress?: ((progress: SubmitProgress) => void) | undefined
    /** Milliseconds between two calls. Default 200. */
    progressMs?: number | undefined
    clock?: Clock | undefined
    /** Ends the submission: nothing more is sent. */
    signal?: AbortSignal | undefined
    /** For tests in this thread. */
    tools?: createSender.Tools | undefined
  }
}

function checkOrder({ batches, count }: TxTable): void {
  for (let position = 1; position < count; position++) {
    const [before, own] = [batches[position - 1] as number, batches[position] as number]
    if (own < before)
      throw new LoadgenError(
        `Transaction ${position} belongs to plan batch ${own} but follows one of batch ${before}.`,
      )
  }
}

/** The phases of what was sent; infinite when nothing was. */
export function phasesOf(
  { plannedMs, outcomes }: Pick<Ledger, 'plannedMs' | 'outcomes'>,
  warmupMs: number,
): Phases {
  let startMs = Number.POSITIVE_INFINITY
  let drainMs = Number.NEGATIVE_INFINITY
  for (const [position, outcome] of outcomes.entries()) {
    const planned = plannedMs[position] as number
    if (outcome === OUTCOME.unsent || outcome === OUTCOME.dropped || Number.isNaN(planned)) continue
    if (planned < startMs) startMs = planned
    if (planned > drainMs) drainMs = planned
  }
  return { startMs, measureMs: startMs + warmupMs, drainMs }
}
