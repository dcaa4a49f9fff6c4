import type { Clock } from '../core/clock.js'
import type { TxTable } from '../core/txTable.js'
import { createFifo } from './fifo.js'
import { COUNT, type Ledger, OUTCOME, settle } from './ledger.js'

/** Consecutive positions that may be sent from now on. */
export type Span = { from: number /** Exclusive. */; to: number }

/** Sends what belongs to some of the lanes. */
export type Lanes = {
  /** Lets the lanes send their share of a span; resolves when every send time in it is used up and what was sent is settled. */
  send(span: Span): Promise<void>
  /** No span comes any more: what is left without a send time is `dropped`. Resolves when all is settled. */
  finish(): Promise<void>
}

/**
 * Lanes keep the transactions of a sender in order and bound what is in flight: every sender belongs to one lane, and a lane has
 * one request on the way at a time.
 *
 * A transaction is sent at its `plannedMs` or as soon after as its lane is free, together with what is due then; where that is
 * NaN, as soon as its lane is free. A send time that has passed by more than `maxDelayMs` is dropped, and the transaction takes the
 * next one of its lane: a transaction left out would make those after it, of the same sender, impossible to include. So as many
 * transactions are left over as send times were dropped, at the end of each lane.
 */
export function createLanes(options: createLanes.Options): Lanes {
  const { table, ledger, laneCount, clock, signal } = options
  const { batchSize, maxDelayMs = Number.POSITIVE_INFINITY, lingerMs = 0 } = options
  const lanes = options.lanes.map((index) => ({
    index,
    positions: createFifo(),
    slots: createFifo(),
    /** Send times that were given and that are done with. */
    given: 0,
    done: 0,
    wake: () => {},
  }))
  type Lane = (typeof lanes)[number]
  const byIndex = new Map(lanes.map((lane) => [lane.index, lane]))
  let waiting: { targets: readonly number[]; resolve: () => void }[] = []
  let failure: unknown

  /** Takes what is due, as much as one request carries. */
  function takeDue(lane: Lane, nowMs: number): number[] {
    const due: number[] = []
    while (due.length < batchSize) {
      const slot = lane.slots.peek()
      if (slot === undefined || slot > nowMs) break
      lane.slots.shift()
      if (nowMs - slot > maxDelayMs) {
        Atomics.add(ledger.counts, COUNT.dropped, 1)
        lane.done++
        continue
      }
      const position = lane.positions.shift() as number
      ledger.plannedMs[position] = Number.isNaN(slot) ? nowMs : slot
      due.push(position)
    }
    return due
  }

  function announce(): void {
    const isDone = ({ targets }: { targets: readonly number[] }) =>
      lanes.every(({ done }, i) => done >= (targets[i] as number))
    const ready = waiting.filter(isDone)
    if (ready.length === 0) return
    waiting = waiting.filter((each) => !isDone(each))
    for (const { resolve } of ready) resolve()
  }

  /** Until something new is given; with `untilMs`, at most until then. */
  async function idle(lane: Lane, untilMs: number | undefined): Promise<void> {
    const news = new AbortController()
    const woken = new Promise<void>((resolve) => {
      lane.wake = () => {
        news.abort()
        resolve()
      }
    })
    if (signal.aborted) return
    if (untilMs === undefined) return woken
    const asleep = clock.sleep(Math.max(0, untilMs - clock.now()), { signal: news.signal })
    await asleep.catch((error: unknown) => {
      if (!news.signal.aborted) throw error
    })
  }

  async function run(lane: Lane): Promise<void> {
    while (!signal.aborted && !(isFinishing && lane.slots.length === 0)) {
      const due = takeDue(lane, clock.now())
      if (due.length > 0) {
        await options.deliver(lane.index, due)
        lane.done += due.length
        announce()
      } else {
        announce()
        const next = lane.slots.peek()
        await idle(lane, next === undefined ? undefined : next + lingerMs)
      }
    }
    // When it is ended early some still have a send time before them.
    for (let left = lane.positions.shift(); left !== undefined; left = lane.positions.shift())
      settle(ledger, left, lane.slots.shift() === undefined ? OUTCOME.dropped : OUTCOME.unsent)
    lane.done = Number.POSITIVE_INFINITY
    announce()
  }

  const wakeAll = () => {
    for (const lane of lanes) lane.wake()
  }
  let isFinishing = false
  signal.addEventListener('abort', wakeAll, { once: true })
  const running = Promise.all(lanes.map(run)).catch((error: unknown) => {
    failure = error
    for (const { resolve } of waiting) resolve()
  })

  return {
    async send({ from, to }) {
      for (let position = from; position < to; position++) {
        const lane = byIndex.get((table.traders[position] as number) % laneCount)
        // Settled by an earlier run.
        if (lane === undefined || ledger.outcomes[position] !== OUTCOME.pending) continue
        lane.positions.push(position)
        lane.slots.push(ledger.plannedMs[position] as number)
        lane.given++
      }
      const targets = lanes.map(({ given }) => given)
      const settled = new Promise<void>((resolve) => waiting.push({ targets, resolve }))
      wakeAll()
      announce()
      if (failure === undefined) await settled
      if (failure !== undefined) throw failure
    },
    async finish() {
      isFinishing = true
      wakeAll()
      await running
      signal.removeEventListener('abort', wakeAll)
      if (failure !== undefined) throw failure
    },
  }
}

export declare namespace createLanes {
  type Options = {
    table: TxTable
    ledger: Ledger
    /** Lanes of this thread, each below `laneCount`. */
    lanes: readonly number[]
    /** Lanes of all threads: a sender belongs to lane `trader mod laneCount`. */
    laneCount: number
    /** Brings transactions to the node and settles them in the ledger. */
    deliver(lane: number, positions: number[]): Promise<void>
    /** Transactions a request. */
    batchSize: number
    /** Milliseconds that a send time may pass unused. Default: any. */
    maxDelayMs?: number | undefined
    /**
     * Milliseconds that the first due transaction waits for company, so that a lane sends few full requests and not a thousand small
     * ones; part of its latency. Default 0.
     */
    lingerMs?: number | undefined
    clock: Clock
    /** Ends it: nothing more is sent, and what has a send time before it is `unsent`. */
    signal: AbortSignal
  }
}
