import { LoadgenError } from '../core/errors.js'
import type { RampResult, Sending } from '../core/sending.js'
import type { TxTable } from '../core/txTable.js'
import type { Hex, SubmitSample } from '../core/types.js'
import {
  createLedger as createSubmitLedger,
  OUTCOME,
  type Outcome,
  type Ledger as SubmitLedger,
  settle,
  toSamples,
} from '../submit/ledger.js'

/** Positions from the first to the second, the second not included. */
export type Range = readonly [from: number, to: number]

/** Times of consecutive places, epoch milliseconds: one for all, or the first and what each is later, in microseconds. */
export type Times = number | { startMs: number; laterUs: readonly number[] }

/** How a submission can end for a transaction other than that the node has it. */
export type Exception = readonly [
  position: number,
  outcome: 'refused' | 'replaced' | 'unanswered' | 'unsent' | 'dropped',
  sentence?: string | undefined,
]

/**
 * What a submission notes down, in the order in which it happens. Times are epoch milliseconds.
 *
 * `gate`: a plan batch may be sent from then on. `sending`: these are about to be sent; their intended times where they are known
 * beforehand. `answered`: the node has these, but for the exceptions; `of` says for each in which of `requests` it went, with the
 * time of its first attempt and of its answer. `settling`: a settle() is about to be sent. `block`: a block with transactions
 * was seen. `executing`: how everything is to be sent. `executed`: it has been, but for what got no answer. `healed`: these were
 * signed anew, because what was signed for them can never be in a block. `submitted` and `collected`: the stage is done.
 */
export type Note =
  | { kind: 'gate'; batch: number; atMs: number }
  | { kind: 'sending'; ranges: readonly Range[]; atMs: number; plannedMs?: Times | undefined }
  | {
      kind: 'answered'
      ranges: readonly Range[]
      plannedMs: Times
      requests: readonly (readonly [sentMs: number, answeredMs: number])[]
      of: readonly number[]
      exceptions?: readonly Exception[] | undefined
    }
  | { kind: 'settling'; hash: Hex; atMs: number }
  | { kind: 'block'; number: number; seenMs: number }
  | ({ kind: 'executing'; atMs: number } & Omit<Execution, 'ramp' | 'isDone'>)
  | { kind: 'executed'; atMs: number; ramp?: RampResult | undefined }
  | { kind: 'healed'; atMs: number; transactions: readonly HealedTx[] }
  | { kind: 'submitted' | 'collected'; atMs: number }

/** How a submission is sent, by the process that began it. */
export type Execution = Omit<Sending, 'phases'> & {
  /** Milliseconds from the first intended time that do not count. */
  warmupMs: number
  /** True when its send times are over. */
  isDone: boolean
}

/** A transaction that was signed anew with another nonce. `replaced`: the hash of the one in whose place it is. */
export type HealedTx = { position: number; nonce: number; replaced: Hex; hash: Hex; raw: Hex }

/** Where every transaction of a mode stands after some notes. Flat arrays: there may be millions. */
export type Ledger = {
  add(note: Note): void
  /**
   * Times and outcomes by position. What was sent without an answer is pending and in doubt. The first intended and the first send
   * time of a transaction stand, however often it is sent.
   */
  transactions: SubmitLedger
  /** When it was first noted that a transaction is about to be sent, by position; NaN: never. */
  announcedMs: Float64Array
  /** The node's sentence for what is refused or replaced. */
  sentences: ReadonlyMap<number, string>
  /** When the gate of a batch first opened. */
  gateOf(batch: number): number | undefined
  /** When a block was first seen. */
  seenMs(block: number): number | undefined
  /** Hashes of all settle() that were sent, or were about to be. */
  settlements(): readonly Hex[]
  /** All that were signed anew, in their order; one may have been so more than once. */
  healed(): readonly HealedTx[]
  /** How it is sent; undefined before it begins, and for what an older version wrote. */
  execution(): Execution | undefined
  /** When a stage was done; undefined while it is not. */
  doneMs(stage: 'submitted' | 'collected'): number | undefined
}

/** @param count number of transactions. */
export function createLedger(count: number): Ledger {
  const transactions = createSubmitLedger(count)
  const { plannedMs, sentMs, answeredMs, outcomes, doubts } = transactions
  const announcedMs = new Float64Array(count).fill(Number.NaN)
  const sentences = new Map<number, string>()
  const gates = new Map<number, number>()
  const blocks = new Map<number, number>()
  const settlements = new Set<Hex>()
  const healed: HealedTx[] = []
  const done = new Map<string, number>()
  /** Announced more than once: the first intended time stands. */
  const again = new Set<number>()
  let execution: Execution | undefined

  function each(ranges: readonly Range[], set: (position: number, place: number) => void): void {
    let place = 0
    for (const [from, to] of ranges) {
      if (!(from >= 0 && from <= to && to <= count))
        throw new LoadgenError(`There are no positions ${from} to ${to} among ${count}.`)
      for (let position = from; position < to; position++) set(position, place++)
    }
  }
  const setFirst = (times: Float64Array, position: number, ms: number | undefined) => {
    if (ms !== undefined && Number.isNaN(times[position])) times[position] = ms
  }

  /** As never sent, but for the times that stand. */
  function reopen(position: number): void {
    again.add(position)
    outcomes[position] = OUTCOME.pending
    doubts[position] = 0
    answeredMs[position] = Number.NaN
    sentences.delete(position)
  }

  return {
    transactions,
    announcedMs,
    sentences,
    add(note) {
      if (note.kind === 'sending')
        each(note.ranges, (position, place) => {
          if (outcomes[position] !== OUTCOME.pending) return
          if (doubts[position] === 1) again.add(position)
          doubts[position] = 1
          setFirst(announcedMs, position, note.atMs)
          if (note.plannedMs !== undefined)
            setFirst(plannedMs, position, timeAt(note.plannedMs, place))
        })
      else if (note.kind === 'answered') {
        each(note.ranges, (position, place) => {
          const [sent, answered] = note.requests[note.of[place] as number] ?? []
          // One whose send time was dropped took a later one than was announced.
          if (outcomes[position] === OUTCOME.pending && !again.has(position))
            plannedMs[position] = timeAt(note.plannedMs, place)
          setFirst(plannedMs, position, timeAt(note.plannedMs, place))
          setFirst(sentMs, position, sent)
          if (answered !== undefined) answeredMs[position] = answered
          outcomes[position] = OUTCOME.taken
          doubts[position] = 0
        })
        for (const [position, outcome, sentence] of note.exceptions ?? []) {
          const isOpen = outcome === 'unanswered'
          outcomes[position] = isOpen ? OUTCOME.pending : OUTCOME[outcome]
          doubts[position] = isOpen ? 1 : 0
          if (sentence !== undefined) sentences.set(position, sentence)
        }
      } else if (note.kind === 'gate') {
        if (!gates.has(note.batch)) gates.set(note.batch, note.atMs)
      } else if (note.kind === 'block') {
        if (!blocks.has(note.number)) blocks.set(note.number, note.seenMs)
      } else if (note.kind === 'settling') settlements.add(note.hash)
      else if (note.kind === 'healed') {
        healed.push(...note.transactions)
        for (const { position } of note.transactions) reopen(position)
      } else if (note.kind === 'executing') {
        const { kind: _, atMs: __, ...how } = note
        execution ??= { ...how, isDone: false }
      } else if (note.kind === 'executed') {
        if (execution?.isDone === false) execution = { ...execution, isDone: true, ramp: note.ramp }
      } else done.set(note.kind, note.atMs)
    },
    gateOf: (batch) => gates.get(batch),
    seenMs: (block) => blocks.get(block),
    settlements: () => [...settlements],
    healed: () => healed,
    execution: () => execution,
    doneMs: (stage) => done.get(stage),
  }
}

/**
 * A ledger for a submission that goes on where this one is, of which only some positions are open: those that are given, else all
 * that have no outcome. Open ones that may have been sent before are in doubt, so that the node is asked for them first.
 */
export function toWorkingLedger(ledger: Ledger, open?: readonly number[]): SubmitLedger {
  const { plannedMs, sentMs, answeredMs, outcomes, doubts } = ledger.transactions
  const working = createSubmitLedger(outcomes.length)
  const wanted = open === undefined ? undefined : new Set(open)
  for (const [position, outcome] of outcomes.entries()) {
    working.plannedMs[position] = orElse(plannedMs[position], ledger.announcedMs[position])
    working.sentMs[position] = orElse(sentMs[position], ledger.announcedMs[position])
    working.answeredMs[position] = answeredMs[position] as number
    const isOpen = wanted?.has(position) ?? outcome === OUTCOME.pending
    if (isOpen) working.doubts[position] = wanted === undefined ? (doubts[position] as number) : 1
    else
      settle(working, position, outcome === OUTCOME.pending ? OUTCOME.unsent : (outcome as Outcome))
  }
  return working
}

/** A sample for each transaction that has an outcome or may have been sent; the others are not there. */
export function samplesOf(ledger: Ledger, table: TxTable): SubmitSample[] {
  const working = toWorkingLedger(ledger)
  const { outcomes, doubts } = working
  const isNever = outcomes.map((outcome, position) =>
    outcome === OUTCOME.pending && doubts[position] === 0 ? 1 : 0,
  )
  for (const [position, outcome] of outcomes.entries())
    if (outcome === OUTCOME.pending) outcomes[position] = OUTCOME.unanswered
  return toSamples(table, working, ledger.sentences).filter(
    (_, position) => isNever[position] === 0,
  )
}

function orElse(time: number | undefined, other: number | undefined): number {
  return time === undefined || Number.isNaN(time) ? (other as number) : time
}

/** Positions as ranges, ascending. */
export function toRanges(positions: readonly number[]): Range[] {
  const ranges: [number, number][] = []
  for (const position of positions.toSorted((a, b) => a - b)) {
    const open = ranges.at(-1)
    if (open !== undefined && position === open[1]) open[1]++
    else ranges.push([position, position + 1])
  }
  return ranges
}

/** Times in few characters. @param timesMs one or more. */
export function toTimes(timesMs: readonly number[]): Times {
  const [startMs = 0] = timesMs
  if (timesMs.every((time) => time === startMs)) return startMs
  return { startMs, laterUs: timesMs.map((time) => Math.round((time - startMs) * 1_000)) }
}

function timeAt(times: Times, place: number): number {
  return typeof times === 'number'
    ? times
    : times.startMs + (times.laterUs[place] as number) / 1_000
}
