import type { Generation } from '../parallel/access.js'
import type { SystemCall } from './runtime.js'
import { groupBy } from './strictGroups.js'

/** What the order depends on; a {@link WaitingCall} is one. */
export type OrderedCall = {
  /** From 0, ascending with the nonce among the calls of one sender. */
  id: number
  from: string
  isFixed: boolean
}

/** A stretch of a block. */
export type Step = { system: SystemCall } | Run

/** Transactions that follow each other; in any order unless they are of one sequence. */
export type Run = { ids: readonly number[]; isSequence: boolean }

export type WantedOrder = {
  /** These begin the block, in the order in which they came: they can stay in the pool. */
  kept: readonly number[]
  /** What follows. */
  steps: readonly Step[]
}

/**
 * The order in which a block's transactions, and the system calls between them, have the effect of its generations when they
 * run one by one.
 *
 * Generation by generation; in each, first those that stand, then those that find the deferred flag up although they are not
 * deferred, then those that are aborted. Within a generation the order has no effect, for those that stand do not conflict.
 *
 * A chain runs the transactions of one sender in order of nonce, and that goes first. An earlier nonce of a later generation is
 * moved up to that of the later nonce; before a deferred call, to the end of the generation before it. A deferred call itself is
 * not moved, for it belongs behind the others: later nonces move behind it. Calls that are fixed begin the block.
 */
export function wantedOrder(options: wantedOrder.Options): WantedOrder {
  const { calls, generations, aborted } = options
  const places = placeCalls(calls, generations)
  const flagged = new Set(generations.flatMap((generation) => generation.flagged))
  const sequenced = new Set(
    generations.flatMap(({ sequences }) => sequences.filter(({ length }) => length > 1)).flat(),
  )
  function kindOf({ id, isFixed }: OrderedCall): Kind {
    if (isFixed) return 'standing'
    if (aborted.has(id)) return 'aborted'
    return flagged.has(id) ? 'flagged' : 'standing'
  }

  const steps: Step[] = []
  let wasDeferred = false
  places.forEach((placed, place) => {
    if (placed.length === 0) return
    const isDeferred = generations[place]?.isDeferred ?? false
    if (isDeferred) steps.push({ system: 'beginDeferred' })
    else if (steps.length > 0) steps.push({ system: 'endDeferred' })
    wasDeferred = isDeferred
    for (const { kind, ids } of runsOf(placed, kindOf)) {
      const bracket = BRACKETS[kind]
      if (bracket !== undefined) steps.push({ system: bracket[0] })
      const inSequence = kind === 'standing' ? ids.filter((id) => sequenced.has(id)) : []
      const single = inSequence.length === 0 ? ids : ids.filter((id) => !sequenced.has(id))
      if (inSequence.length > 0) steps.push({ ids: inSequence, isSequence: true })
      if (single.length > 0) steps.push({ ids: single, isSequence: false })
      if (bracket !== undefined) steps.push({ system: bracket[1] })
    }
  })
  if (wasDeferred) steps.push({ system: 'endDeferred' })
  const firstSystem = steps.findIndex((step) => 'system' in step)
  const begin = firstSystem === -1 ? steps : steps.slice(0, firstSystem)
  return {
    kept: begin.flatMap((step) => ('ids' in step ? step.ids : [])),
    steps: steps.slice(begin.length),
  }
}

export declare namespace wantedOrder {
  type Options = {
    /** Of the whole block; the id of each is its index. */
    calls: readonly OrderedCall[]
    /** Of these ids. Each deferred one follows an ordinary one. */
    generations: readonly Generation[]
    /** Ids. */
    aborted: ReadonlySet<number>
  }
}

const KINDS = ['standing', 'flagged', 'aborted'] as const
type Kind = (typeof KINDS)[number]

const BRACKETS: Readonly<Record<Kind, readonly [SystemCall, SystemCall] | undefined>> = {
  standing: undefined,
  flagged: ['raiseFlag', 'lowerFlag'],
  aborted: ['beginAborting', 'endAborting'],
}

/**
 * The calls of each generation, in order of id, with the order of nonces kept between generations. One more than there are
 * generations: an ordinary one at the end, of those that had to be moved behind the last.
 */
function placeCalls(
  calls: readonly OrderedCall[],
  generations: readonly Generation[],
): OrderedCall[][] {
  const place = new Array<number>(calls.length).fill(0)
  const isDeferred = (index: number) => generations[index]?.isDeferred ?? false
  generations.forEach(({ sequences }, index) => {
    for (const id of sequences.flat()) place[id] = index
  })
  for (const { id, isFixed } of calls) if (isFixed) place[id] = 0

  for (const chain of groupBy(calls, ({ from }) => from).values()) {
    if (chain.length === 1) continue
    let floor = 0
    for (const { id } of chain) {
      const wanted = place[id] as number
      place[id] = Math.max(wanted, floor)
      if (isDeferred(wanted) && wanted >= floor) floor = wanted
      // What is not deferred itself goes behind the deferred generation, not into it.
      else if (isDeferred(floor) && place[id] === floor) place[id] = floor + 1
    }
    let ceiling = generations.length
    for (const { id } of chain.toReversed()) {
      const wanted = place[id] as number
      if (wanted > ceiling) place[id] = isDeferred(ceiling) ? ceiling - 1 : ceiling
      ceiling = place[id] as number
    }
  }

  const placed = Array.from({ length: generations.length + 1 }, (): OrderedCall[] => [])
  for (const call of calls) placed[place[call.id] as number]?.push(call)
  return placed
}

/** Stretches of one kind, as few as the nonces allow. */
function runsOf(
  calls: readonly OrderedCall[],
  kindOf: (call: OrderedCall) => Kind,
): { kind: Kind; ids: number[] }[] {
  const runs: { kind: Kind; ids: number[] }[] = []
  let waiting = calls
  for (let turn = 0; waiting.length > 0; turn++) {
    const kind = KINDS[turn % KINDS.length] as Kind
    // Senders whose next call is of another kind: what follows it waits too.
    const held = new Set<string>()
    const ids: number[] = []
    const rest: OrderedCall[] = []
    for (const call of waiting) {
      if (kindOf(call) === kind && !held.has(call.from)) {
        ids.push(call.id)
        continue
      }
      held.add(call.from)
      rest.push(call)
    }
    if (ids.length > 0) runs.push({ kind, ids })
    waiting = rest
  }
  return runs
}
