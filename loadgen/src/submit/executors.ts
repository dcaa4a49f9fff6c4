import type { Clock } from '../core/clock.js'
import type { ExecutorName, RampResult, RampStep } from '../core/sending.js'
import type { TxTable } from '../core/txTable.js'
import { type Arrivals, createArrivals, rampSegments } from './arrivals.js'
import type { Span } from './lanes.js'
import { type Ledger, OUTCOME } from './ledger.js'
import { createRampMeter, judgeStep, type RampLimits } from './ramp.js'

/**
 * When transactions are sent.
 *
 * `per-block`: a batch of the plan when its gate opens, the next when all of it is answered. `closed`: the next request when one is
 * answered; the intended time is the moment of sending, so a slow node hides its slowness. `rate`: at a constant rate,
 * whatever the node does. `ramp`: at rates that rise by steps until the node breaks (see ramp.ts).
 */
export type Executor =
  | {
      type: 'per-block'
      /** Opens the gate for a plan batch; resolves with the intended time of its transactions, if that is not now. */
      beforeBatch?: ((batch: number) => Promise<number | undefined>) | undefined
    }
  | { type: 'closed' }
  | ({
      type: 'rate' /** Transactions a second, of all shards together. */
      perSecond: number
    } & Sharded)
  | ({ type: 'ramp'; limits?: RampLimits | undefined } & rampSegments.Options & Sharded)

/** Which part of the send times is this process's. Default: all. */
type Sharded = { shard?: createArrivals.Options['shard'] }

/** True for executors whose send times do not depend on the node. */
export function isOpenLoop(executor: ExecutorName): boolean {
  return executor === 'rate' || executor === 'ramp'
}

/** A submission under way, as an executor sees it. */
export type Run = {
  table: TxTable
  ledger: Ledger
  clock: Clock
  /** Requests that fill all lanes once. */
  requestsAtOnce: number
  batchSize: number
  /** Lets the lanes send a span, once it is in the journal. `settled` never rejects: a failure ends the run. */
  open(span: Span): Promise<{ settled: Promise<void> }>
  /** Aborted when the run is to end: by the caller, by a failure, by {@link Run.end}. */
  signal: AbortSignal
  /** Nothing more is sent. */
  end(): void
}

/** Carries out a submission; a ramp has a result. */
export async function execute(run: Run, executor: Executor): Promise<RampResult | undefined> {
  // Starting threads takes a while: the first send time is set when they answer.
  await (await run.open({ from: 0, to: 0 })).settled
  if (executor.type === 'per-block') return perBlock(run, executor.beforeBatch)
  if (executor.type === 'closed') return closed(run)
  if (executor.type === 'ramp') return ramp(run, executor)
  const { perSecond, shard } = executor
  const seconds = (run.table.count * (shard?.of ?? 1)) / perSecond
  const arrivals = createArrivals([{ perSecond, durationMs: seconds * 1000 }], { shard })
  await feed(run, { arrivals, startMs: run.clock.now() })
  return undefined
}

async function perBlock(
  run: Run,
  beforeBatch: ((batch: number) => Promise<number | undefined>) | undefined,
): Promise<undefined> {
  const { table, ledger, clock, signal } = run
  for (let from = 0, to = 0; from < table.count && !signal.aborted; from = to) {
    const batch = table.batches[from] as number
    while (to < table.count && table.batches[to] === batch) to++
    if (ledger.outcomes.subarray(from, to).every((outcome) => outcome !== OUTCOME.pending)) continue
    plan(ledger, { from, to }, (await beforeBatch?.(batch)) ?? clock.now())
    await (await run.open({ from, to })).settled
  }
}

/** Fillings of all lanes in one span: enough that no lane runs dry while the next is opened. */
const FILLINGS = 8

async function closed(run: Run): Promise<undefined> {
  const { count } = run.table
  const size = FILLINGS * run.requestsAtOnce * run.batchSize
  const open: Promise<void>[] = []
  for (let from = 0; from < count && !run.signal.aborted; from += size) {
    if (open.length === 2) await open.shift()
    open.push((await run.open({ from, to: Math.min(count, from + size) })).settled)
  }
  await Promise.all(open)
}

async function ramp(run: Run, executor: Executor & { type: 'ramp' }): Promise<RampResult> {
  const { clock, signal } = run
  const arrivals = createArrivals(rampSegments(executor), { shard: executor.shard })
  const startMs = clock.now()
  const steps: RampStep[] = []
  let breaking: RampResult['breaking']
  // What an earlier run settled takes no send time: the n-th of these takes the n-th.
  const open: number[] = []
  for (const [position, outcome] of run.ledger.outcomes.entries())
    if (outcome === OUTCOME.pending) open.push(position)
  const measure = createRampMeter({
    ...{ ledger: run.ledger, arrivals, startMs, share: 1 / (executor.shard?.of ?? 1) },
    firstOf: (step) => open[arrivals.segments[step]?.first ?? arrivals.count] ?? run.table.count,
  })

  async function judge(): Promise<void> {
    for (const [index, segment] of arrivals.segments.entries()) {
      const end = arrivals.segments[index + 1]?.first ?? arrivals.count
      // Transactions ran out in this step: there is nothing to judge.
      if (end > open.length) return
      await until(run, startMs + segment.startMs + segment.durationMs)
      if (signal.aborted) return
      const step = measure(index)
      steps.push(step)
      const reason = judgeStep(step, executor.limits)
      if (reason === undefined) continue
      breaking = { perSecond: step.perSecond, reason }
      return run.end()
    }
  }
  await Promise.all([feed(run, { arrivals, startMs }), judge()])
  const lastGood = steps[breaking === undefined ? steps.length - 1 : steps.length - 2]
  return { steps, breaking, lastGoodPerSecond: lastGood?.perSecond }
}

/** Send times that are given to the lanes at once, and how long ahead. Both milliseconds. */
const WINDOW_MS = 500
const AHEAD_MS = 250

/** Gives the lanes their transactions and send times a little ahead, until either is used up. */
async function feed(run: Run, options: { arrivals: Arrivals; startMs: number }): Promise<void> {
  const { table, ledger, signal } = run
  const { arrivals, startMs } = options
  const open: Promise<void>[] = []
  let from = 0
  let next = 0
  for (let endMs = WINDOW_MS; from < table.count && next < arrivals.count; endMs += WINDOW_MS) {
    await until(run, startMs + endMs - WINDOW_MS - AHEAD_MS)
    if (signal.aborted) break
    const last = arrivals.countBefore(endMs)
    let to = from
    for (; to < table.count && next < last; to++)
      // What an earlier run settled takes no send time.
      if (ledger.outcomes[to] === OUTCOME.pending)
        ledger.plannedMs[to] = startMs + arrivals.offsetMs(next++)
    if (to > from) open.push((await run.open({ from, to })).settled)
    from = to
  }
  await Promise.all(open)
}

/** Sets the intended time of what is not settled yet. */
function plan(ledger: Ledger, { from, to }: Span, plannedMs: number): void {
  for (let position = from; position < to; position++)
    if (ledger.outcomes[position] === OUTCOME.pending) ledger.plannedMs[position] = plannedMs
}

/** Sleeps until a time, or until the run is to end. */
async function until(run: Run, timeMs: number): Promise<void> {
  const { clock, signal } = run
  const ms = timeMs - clock.now()
  if (ms <= 0 || signal.aborted) return
  await clock.sleep(ms, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error
  })
}
