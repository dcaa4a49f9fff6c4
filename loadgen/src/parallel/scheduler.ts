import type { CalleeKey, Generation, ScheduledCall } from './access.js'

/**
 * Forms the generations of a block as Arcology's scheduler does. It knows a callee once that has a
 * learnt conflict or is deferrable.
 *
 * Known calls, ordered by the number of conflicts of their callee and then by id, are split
 * greedily: a generation takes each call in order whose callee has no conflict with one that is in
 * it. When a generation would hold a single call, the splitting ends: that call and all known ones
 * that are left become one sequence, run one by one. All calls that are not known, and that
 * sequence, form the last generation.
 *
 * Of each deferrable callee with two calls or more in a generation of known calls, the last by id
 * moves to a generation of its own behind it, shared with those of the other deferrable callees. A
 * single one stays where it is and is flagged; the runtime has a bug that then forgets the
 * deferrable callees known later than that one.
 */
export function createScheduler(): Scheduler {
  /** In the order in which callees became known. */
  const known = new Map<CalleeKey, Callee>()
  const learnt: (readonly [CalleeKey, CalleeKey])[] = []

  function know(key: CalleeKey): Callee {
    const found = known.get(key) ?? { key, conflicts: new Set<CalleeKey>(), isDeferrable: false }
    known.set(key, found)
    return found
  }

  return {
    addDeferrable(callee) {
      know(callee).isDeferrable = true
    },

    learn(winner, loser) {
      const { conflicts } = know(winner)
      if (conflicts.has(loser)) return false
      conflicts.add(loser)
      know(loser).conflicts.add(winner)
      learnt.push([winner, loser])
      return true
    },

    schedule(calls) {
      const waiting = new Map<CalleeKey, Queue>()
      const last: number[][] = []
      for (const { id, callee: key } of [...calls].sort((a, b) => a.id - b.id)) {
        const callee = key === undefined ? undefined : known.get(key)
        if (callee === undefined) {
          last.push([id])
          continue
        }
        const queue = waiting.get(callee.key) ?? { callee, ids: [] }
        queue.ids.push(id)
        waiting.set(callee.key, queue)
      }
      const deferrable = [...known.values()].filter(({ isDeferrable }) => isDeferrable)
      const generations: Generation[] = []
      while (waiting.size > 0) {
        const taken = take(waiting)
        const [first] = taken
        if (taken.length === 1 && first?.ids.length === 1) {
          last.unshift([...first.ids, ...inOrder(waiting)])
          break
        }
        generations.push(...defer(taken, deferrable))
      }
      if (last.length > 0) generations.push({ sequences: last, isDeferred: false, flagged: [] })
      return generations
    },

    pairs: () => [...learnt],

    reset() {
      known.clear()
      learnt.length = 0
    },
  }
}

export type Scheduler = {
  /** Makes a callee deferrable from the next block on; a second time changes nothing. */
  addDeferrable(callee: CalleeKey): void
  /**
   * Learns that calls of two callees, or of one when they are the same, conflict. True when that is
   * new, in either order.
   */
  learn(winner: CalleeKey, loser: CalleeKey): boolean
  /**
   * The generations of a block of these calls, in the order of running; each call is in one of
   * them. Sequences of one call stand in order of id, a longer one before them.
   */
  schedule(calls: readonly ScheduledCall[]): Generation[]
  /** What was learnt, each pair once, as and in the order in which it was. */
  pairs(): readonly (readonly [CalleeKey, CalleeKey])[]
  /** Forgets all callees: for a chain that begins anew. */
  reset(): void
}

type Callee = { key: CalleeKey; conflicts: Set<CalleeKey>; isDeferrable: boolean }

/** Calls of one callee, ids ascending. */
type Queue = { callee: Callee; ids: number[] }

/**
 * Takes a generation out of `waiting`. Conflicts are mutual, so that a callee that is in keeps all
 * its calls in: the decision falls once a callee, at its first call.
 */
function take(waiting: Map<CalleeKey, Queue>): Queue[] {
  const taken: Queue[] = []
  const barred = new Set<CalleeKey>()
  for (const { callee, ids } of [...waiting.values()].sort(byConflictsThenId)) {
    if (barred.has(callee.key)) continue
    for (const conflict of callee.conflicts) barred.add(conflict)
    const isOneByOne = callee.conflicts.has(callee.key)
    const mine = isOneByOne ? ids.splice(0, 1) : ids
    if (!isOneByOne || ids.length === 0) waiting.delete(callee.key)
    taken.push({ callee, ids: mine })
  }
  return taken
}

function byConflictsThenId(a: Queue, b: Queue): number {
  return a.callee.conflicts.size - b.callee.conflicts.size || (a.ids[0] ?? 0) - (b.ids[0] ?? 0)
}

function inOrder(waiting: ReadonlyMap<CalleeKey, Queue>): number[] {
  return [...waiting.values()]
    .flatMap(({ callee, ids }) => ids.map((id) => ({ callee, ids: [id] })))
    .sort(byConflictsThenId)
    .flatMap(({ ids }) => ids)
}

/** The generation of calls taken, and the one of those deferred from it, if any. */
function defer(taken: readonly Queue[], deferrable: readonly Callee[]): Generation[] {
  const deferred: number[] = []
  const flagged: number[] = []
  for (const callee of deferrable) {
    const ids = taken.find((queue) => queue.callee === callee)?.ids ?? []
    if (ids.length === 1) {
      flagged.push(...ids)
      break
    }
    deferred.push(...ids.splice(-1))
  }
  const ordinary = {
    sequences: singles(taken.flatMap(({ ids }) => ids)),
    isDeferred: false,
    flagged,
  }
  if (deferred.length === 0) return [ordinary]
  return [ordinary, { sequences: singles(deferred), isDeferred: true, flagged: [] }]
}

function singles(ids: readonly number[]): number[][] {
  return [...ids].sort((a, b) => a - b).map((id) => [id])
}
