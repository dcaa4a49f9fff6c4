import { LoadgenError } from '../core/errors.js'
import type { Access, Conflict, Space } from './access.js'
import { COLLISIONS, isChange, KIND_INDEX } from './collisions.js'

/**
 * Finds the conflicts of one generation, as the runtime does after it has run all of it.
 *
 * Accesses are judged in order of transaction id, lowest first. One that collides (COLLISIONS) with
 * an access that stands, of another sequence, makes its transaction lose and does not stand; every
 * other access stands, those of losers included: each piece of state is judged for itself. In a
 * sequence, the first transaction that loses takes all behind it along.
 *
 * The work grows with the number of accesses, not of pairs: a piece of state remembers at most two
 * accesses of a kind.
 *
 * @throws LoadgenError when a sequence has not one list of accesses for each id.
 */
export function arbitrate(sequences: readonly arbitrate.Sequence[]): arbitrate.Result {
  const firstConflicts = judge(inOrderOfId(sequences))
  const losers: number[] = []
  const conflicts: Conflict[] = []
  for (const { ids } of sequences) {
    const lost = ids.findIndex((id) => firstConflicts.has(id))
    if (lost === -1) continue
    const conflict = firstConflicts.get(ids[lost] as number)
    if (conflict !== undefined) conflicts.push(conflict)
    for (const id of ids.slice(lost)) losers.push(id)
  }
  return {
    losers: new Set(losers.sort((a, b) => a - b)),
    conflicts: conflicts.sort((a, b) => a.loser - b.loser),
  }
}

export declare namespace arbitrate {
  type Sequence = {
    /**
     * Transactions that run one by one, in the order of running. Each id occurs once in a
     * generation.
     */
    ids: readonly number[]
    /** What each of them accesses; the order of accesses decides only which conflict is named. */
    accesses: readonly (readonly Access[])[]
  }
  type Result = {
    /** Ids of the transactions that are aborted, ascending. */
    losers: ReadonlySet<number>
    /**
     * For each loser, ascending by id, the first of its accesses that collides, with the first
     * access that it collides with: that of the lowest id. Of the accesses of one transaction those
     * that change state count as earlier. None for those that lose only because they come behind a
     * loser in its sequence.
     */
    conflicts: readonly Conflict[]
  }
}

type Transaction = { id: number; sequence: number; accesses: readonly Access[] }

/** An access that stands. `order` counts all accesses of the generation, as they are judged. */
type Standing = { id: number; sequence: number; order: number; kind: number; access: Access }

/** What stands on the state of one space that one account has. */
type Holding = {
  /** Whatever the key: for accesses that concern a container as a whole, or collide with such. */
  whole: Standing[]
  byKey: Map<string, Standing[]>
}

function inOrderOfId(sequences: readonly arbitrate.Sequence[]): Transaction[] {
  return sequences
    .flatMap(({ ids, accesses }, sequence) => {
      if (ids.length !== accesses.length)
        throw new LoadgenError(
          `A sequence of ${ids.length} transactions came with ${accesses.length} lists of accesses.`,
        )
      return ids.map((id, place) => ({ id, sequence, accesses: accesses[place] ?? [] }))
    })
    .sort((a, b) => a.id - b.id)
}

function judge(transactions: readonly Transaction[]): Map<number, Conflict> {
  const holdings = new Map<Space, Map<string, Holding>>()
  const conflicts = new Map<number, Conflict>()
  let order = 0

  function judgeOne({ id, sequence }: Transaction, access: Access): void {
    const kind = KIND_INDEX[access.kind]
    const { anyKey = 0, sameKey = 0 } = COLLISIONS[kind] ?? {}
    const { whole, byKey } = holdingOf(holdings, access)
    const here = byKey.get(access.key)
    const winner = earlier(find(here ?? [], sameKey, sequence), find(whole, anyKey, sequence))
    if (winner === undefined) {
      const standing = { id, sequence, order: order++, kind, access }
      if (here === undefined) byKey.set(access.key, [standing])
      else stand(here, standing)
      if (anyKey !== 0) stand(whole, standing)
    } else if (!conflicts.has(id)) {
      const { id: winnerId, access: winnerAccess } = winner
      conflicts.set(id, { winner: winnerId, loser: id, winnerAccess, loserAccess: access })
    }
  }

  for (const transaction of transactions) {
    const { accesses } = transaction
    // Of a read and a write of one slot the write is named: it says more about the cure.
    for (const access of accesses) if (isChange(access.kind)) judgeOne(transaction, access)
    for (const access of accesses) if (!isChange(access.kind)) judgeOne(transaction, access)
  }
  return conflicts
}

/** The first that stands of a kind in `kinds` and of another sequence. */
function find(standing: readonly Standing[], kinds: number, sequence: number) {
  for (const one of standing) {
    if (((kinds >> one.kind) & 1) === 1 && one.sequence !== sequence) return one
  }
  return undefined
}

/**
 * Adds to a list that holds, of each kind, the first and the first of another sequence than that
 * one's: whichever sequence asks, the first of the other sequences is among them.
 */
function stand(standing: Standing[], added: Standing): void {
  let ofKind = 0
  for (const one of standing) {
    if (one.kind !== added.kind) continue
    if (one.sequence === added.sequence || ++ofKind === 2) return
  }
  standing.push(added)
}

function earlier(a: Standing | undefined, b: Standing | undefined): Standing | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return a.order < b.order ? a : b
}

function holdingOf(holdings: Map<Space, Map<string, Holding>>, { space, owner }: Access): Holding {
  const ofSpace = getOrAdd(holdings, space, () => new Map<string, Holding>())
  return getOrAdd(ofSpace, owner, () => ({ whole: [], byKey: new Map() }))
}

function getOrAdd<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
