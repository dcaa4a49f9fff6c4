import type { BlockSchedule, CalleeConflict, Hex } from '../core/types.js'
import type { Conflict } from '../parallel/access.js'
import type { Analysis } from './strictAnalysis.js'
import { groupBy } from './strictGroups.js'
import type { WaitingCall } from './strictPool.js'

/**
 * The analysis of a block in terms of the block that came of it. Transactions that Anvil left out, because their senders could
 * not pay for them any more, are left out here too.
 */
export function describeBlock(options: describeBlock.Options): BlockSchedule {
  const { calls, analysis, jobs } = options
  const indexes = new Map(options.transactions.map((hash, index) => [hash, index]))
  const indexOf = (id: number) => indexes.get((calls[id] as WaitingCall).entry.hash)
  const present = (ids: Iterable<number>): number[] =>
    [...ids].flatMap((id) => {
      const index = indexOf(id)
      return index === undefined ? [] : [index]
    })
  return {
    block: options.block,
    generations: analysis.generations
      .map(({ isDeferred, sequences }) => ({
        isDeferred,
        sequences: sequences.map(present).filter(({ length }) => length > 0),
      }))
      .filter(({ sequences }) => sequences.length > 0),
    aborted: present(options.aborted).sort((a, b) => a - b),
    conflicts: sumUp(analysis.conflicts, options),
    jobs: [...jobs].flatMap(([hash, gas]) => {
      const transaction = indexes.get(hash)
      return transaction === undefined ? [] : [{ transaction, gas }]
    }),
    sampled: analysis.sampled,
    analysisMs: options.analysisMs,
  }
}

export declare namespace describeBlock {
  type Options = {
    block: number
    /** Hashes of all transactions of the block, in order. */
    transactions: readonly Hex[]
    /** The id of each is its index. */
    calls: readonly WaitingCall[]
    analysis: Analysis
    /** Ids. */
    aborted: ReadonlySet<number>
    /** Gas of jobs by transaction. */
    jobs: ReadonlyMap<Hex, readonly number[]>
    analysisMs: number
  }
}

/** The schedule of a block in which nothing was sent. */
export function emptySchedule(block: number): BlockSchedule {
  return {
    block,
    ...{ generations: [], aborted: [], conflicts: [], jobs: [], sampled: [], analysisMs: 0 },
  }
}

/** Conflicts of the same callees over the same piece of state, as one. */
function sumUp(
  conflicts: readonly Conflict[],
  { calls, aborted }: Pick<describeBlock.Options, 'calls' | 'aborted'>,
): CalleeConflict[] {
  const called = (id: number) => calls[id] as WaitingCall
  const groups = groupBy(conflicts, ({ winner, loser, winnerAccess: { owner, space, key } }) =>
    [nameOf(called(winner)), nameOf(called(loser)), owner, space, key].join(),
  )
  return [...groups.values()].map((group) => {
    const { winner, loser, winnerAccess, loserAccess } = group[0] as Conflict
    const { owner, space, key } = winnerAccess
    return {
      winner: nameOf(called(winner)),
      loser: nameOf(called(loser)),
      aborted: group.filter((conflict) => aborted.has(conflict.loser)).length,
      owner,
      space,
      key,
      winnerKind: winnerAccess.kind,
      loserKind: loserAccess.kind,
      example: { winner: called(winner).entry.hash, loser: called(loser).entry.hash },
    }
  })
}

function nameOf({ callee, to }: WaitingCall): string {
  return callee ?? (to === undefined ? 'creation' : 'transfer')
}
