import type { ChainEvent, ModeRecord } from '../core/types.js'
import { isShardRecord } from './mergeShard.js'
import { abs, divide, inGroups, significant, sum } from './numbers.js'
import { type ShortfallMetrics, shortfallMetrics } from './shortfalls.js'
import { eventsOf } from './trace.js'

const WAD = 10n ** 18n
const BPS = 10_000n
const MOST_POINTS = 300

/** Liquidations, funding and what stands behind bad debt. Amounts in USD, nine significant digits. */
export type RiskMetrics = {
  /** Liquidations that filled, wholly or in part. */
  liquidations: number
  /** Base that they filled against other orders ÷ base that they closed. 0 to 1; null where none closed anything. */
  liquidationsNettedShare: number | null
  /** Losses that no collateral covered. */
  badDebt: number
  /** What accounts paid in funding, to other accounts or the fund. */
  fundingPaid: number
  /** What the insurance fund holds after the run; negative where bad debt was more than it had. */
  insuranceFund: number
  /** Accounts below their maintenance margin; absent where nobody looked between the blocks. */
  shortfalls?: ShortfallMetrics | undefined
  /** The course: blocks with anything of this in them, in at most 300 groups of as many blocks each. */
  blocks: RiskPoint[]
}

/** What happened in a group of blocks. */
export type RiskPoint = {
  /** Number of the first block of the group. */
  block: number
  /** Liquidations that filled. */
  liquidations: number
  /** What they closed at their fills' prices, and what of it netted. */
  closed: number
  netted: number
  badDebt: number
  fundingPaid: number
  /** What the insurance fund held at the end of the group, as above; null where not everybody's payments are known. */
  insuranceFund: number | null
}

/** WAD. */
type Tally = Record<'closed' | 'netted' | 'badDebt' | 'fundingPaid' | 'insurance', bigint> & {
  liquidations: number
}

/**
 * Computes what liquidations and funding did. null for swaps, and for a record of an older version. Of one of several generators: what
 * happened to its own traders; the insurance fund is everybody's, so its course is not told.
 */
export function riskMetrics(record: ModeRecord): RiskMetrics | null {
  const { before, after } = record
  if (before.insurance === undefined || after.insurance === undefined) return null
  const isShard = isShardRecord(record)
  const events = isShard ? ofTraders(record) : record.events
  const tallies = tallyBlocks({ after, events })
  const total = together(tallies.map(([, tally]) => tally))
  const filled = liquidationFills(events)
  const shortfalls = shortfallMetrics(record)
  const nettedBase = sum(filled, ({ netted }) => netted)
  return {
    liquidations: total.liquidations,
    liquidationsNettedShare: divide(
      nettedBase,
      sum(filled, ({ baseDelta }) => abs(baseDelta)),
    ),
    badDebt: usd(total.badDebt),
    fundingPaid: usd(total.fundingPaid),
    insuranceFund: usd(after.insurance.fund - after.insurance.uncovered),
    ...(shortfalls !== undefined && { shortfalls }),
    blocks: toPoints(
      tallies,
      isShard ? undefined : before.insurance.fund - before.insurance.uncovered,
    ),
  }
}

/** What happened to the accounts of a record; a liquidation is of the account, not of its keeper. */
function ofTraders({ events, traders }: ModeRecord): ChainEvent[] {
  const own = new Set(traders.map((trader) => trader.toLowerCase()))
  return events.filter((event) => 'trader' in event && own.has(event.trader.toLowerCase()))
}

/** The fills of liquidations. */
function liquidationFills(events: readonly ChainEvent[]) {
  const ids = new Set(eventsOf(events, 'Liquidated').map(({ orderId }) => orderId))
  return eventsOf(events, 'OrderSettled').filter(({ orderId }) => ids.has(orderId))
}

/** What was paid into the fund from outside is in no event of the run: it is not in the course. */
function tallyBlocks({ after, events }: Pick<ModeRecord, 'after' | 'events'>): [number, Tally][] {
  const tallies = new Map<number, Tally>()
  const at = (block: number): Tally => {
    const tally = tallies.get(block) ?? together([])
    tallies.set(block, tally)
    return tally
  }
  for (const fill of liquidationFills(events)) {
    const tally = at(fill.blockNumber)
    const [base, quote] = [abs(fill.baseDelta), abs(fill.quoteDelta)]
    tally.liquidations++
    tally.closed += quote
    if (base > 0n) tally.netted += (quote * fill.netted) / base
  }
  for (const event of events) {
    const change = insuranceChange(event, after)
    if (change !== 0n) at(event.blockNumber).insurance += change
    if (event.type === 'BadDebt') at(event.blockNumber).badDebt += event.amount
    if (event.type === 'FundingPaid' && event.amount > 0n)
      at(event.blockNumber).fundingPaid += event.amount
  }
  return [...tallies].sort(([a], [b]) => a - b)
}

/** Fees are split order by order: the protocol's share rounded down, the rest to the insurance fund (PerpNetting). */
function insuranceChange(event: ChainEvent, { markets }: ModeRecord['after']): bigint {
  if (event.type === 'BadDebt') return -event.amount
  if (event.type === 'Liquidated') return event.fee - event.reward
  if (event.type !== 'FeePaid') return 0n
  const fee = event.nettedFee + event.pooledFee
  return fee - (fee * BigInt(markets[event.market]?.risk?.protocolShareBps ?? 0)) / BPS
}

/** @param fund what the insurance fund held before. */
function toPoints(tallies: readonly [number, Tally][], fund: bigint | undefined): RiskPoint[] {
  let held = fund
  return inGroups(tallies, MOST_POINTS).map((group) => {
    const [[block] = [0]] = group
    const tally = together(group.map(([, each]) => each))
    if (held !== undefined) held += tally.insurance
    const { liquidations, closed, netted, badDebt, fundingPaid } = tally
    return {
      ...{ block, liquidations, closed: usd(closed), netted: usd(netted) },
      ...{ badDebt: usd(badDebt), fundingPaid: usd(fundingPaid) },
      insuranceFund: held === undefined ? null : usd(held),
    }
  })
}

function together(tallies: readonly Tally[]): Tally {
  const total = { liquidations: 0, closed: 0n, netted: 0n, badDebt: 0n, fundingPaid: 0n }
  const all: Tally = { ...total, insurance: 0n }
  for (const tally of tallies) {
    all.liquidations += tally.liquidations
    for (const key of ['closed', 'netted', 'badDebt', 'fundingPaid', 'insurance'] as const)
      all[key] += tally[key]
  }
  return all
}

function usd(value: bigint): number {
  return significant(divide(value, WAD) ?? 0)
}
