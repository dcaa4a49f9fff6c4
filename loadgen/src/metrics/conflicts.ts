import type { BlockSchedule, CalleeConflict, Deployment, ModeRecord } from '../core/types.js'

/** Pairs of functions that a report names; those with fewer aborted transactions are left out. */
const MOST_PAIRS = 20

/** What two functions fought over, added up over the blocks of a run. */
export type ConflictPair = Omit<CalleeConflict, 'example'> & {
  /** What `owner` is in the deployment, such as `pool of market 0`; its address where it is none of its contracts. */
  ownerName: string
  /** Blocks in which it happened. */
  blocks: number
}

/** Transactions that Arcology's runtime would abort, as the embedded node in strict mode did. */
export type ConflictMetrics = {
  /** Measured transactions, orders and transfers, that lost a conflict. */
  aborted: number
  /** The most costly first, twenty at most. */
  pairs: ConflictPair[]
}

/** Adds up the conflicts of a run; null where the node did not tell them. */
export function conflictMetrics(
  record: Pick<ModeRecord, 'schedules' | 'deployment'>,
): ConflictMetrics | null {
  const { schedules, deployment } = record
  if (schedules === undefined) return null
  const pairs = new Map<string, ConflictPair>()
  for (const { conflicts } of schedules)
    for (const { example: _, ...conflict } of conflicts) {
      const { winner, loser, owner, space, key } = conflict
      const id = [winner, loser, owner, space, key].join()
      const found = pairs.get(id)
      const ownerName = nameOf(owner, deployment)
      if (found === undefined) pairs.set(id, { ...conflict, ownerName, blocks: 1 })
      else {
        found.aborted += conflict.aborted
        found.blocks += 1
      }
    }
  const sorted = [...pairs.values()].sort((a, b) => b.aborted - a.aborted)
  return { aborted: countAborted(schedules), pairs: sorted.slice(0, MOST_PAIRS) }
}

function countAborted(schedules: readonly BlockSchedule[]): number {
  return schedules.reduce((total, { aborted }) => total + aborted.length, 0)
}

/** The positions in their blocks of all aborted transactions: `block:index`. */
export function abortedPositions(schedules: readonly BlockSchedule[] = []): ReadonlySet<string> {
  return new Set(
    schedules.flatMap(({ block, aborted }) => aborted.map((index) => positionKey(block, index))),
  )
}

export function positionKey(block: number, index: number): string {
  return `${block}:${index}`
}

function nameOf(address: string, deployment: Deployment): string {
  const { house, registry, router, engine, netting } = deployment
  const named: (readonly [string, string | undefined])[] = [
    ...(deployment.product === 'spot'
      ? ([[engine === undefined ? 'swap house' : 'engine', house]] as const)
      : ([
          ['clearing house', house],
          ['vault', deployment.vault],
          ['collateral token', deployment.collateralToken],
          ['engine', engine],
          ['admission', deployment.admission],
          ['risk registry', deployment.risk],
        ] as const)),
    ['registry', registry],
    ['router', router],
    ['netting', netting],
    ...deployment.markets.flatMap((market, i) =>
      Object.entries({
        pool: market.pool,
        'base token': market.baseToken,
        'quote token': market.quoteToken,
        ...('tracker' in market && { tracker: market.tracker, 'price feed': market.feed }),
      }).map(([what, at]): [string, string | undefined] => [`${what} of market ${i}`, at]),
    ),
  ]
  const wanted = address.toLowerCase()
  return named.find(([, at]) => at?.toLowerCase() === wanted)?.[0] ?? address
}
