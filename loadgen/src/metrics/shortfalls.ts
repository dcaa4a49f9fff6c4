import type { MarketCourse } from '../core/priceCourse.js'
import type { Hex, ModeRecord } from '../core/types.js'
import { groupBy } from './numbers.js'
import { eventsOf } from './trace.js'

/** A time in which an account was below its maintenance margin without being liquidated. */
export type Shortfall = {
  /** Index of the trader. */
  trader: number
  /** Block after which it was first seen below. */
  sinceBlock: number
  /** Block of the liquidation that ended it, or after which it was no longer seen below; of the last look for one that is open. */
  untilBlock: number
  end: 'liquidated' | 'recovered' | 'open'
}

/** Blocks from the one after which an account is seen below its maintenance margin to its liquidation, at most. */
export const MOST_BLOCKS = 2

/** What became of the accounts that were below their maintenance margin. */
export type ShortfallMetrics = {
  accounts: number
  /** Shortfalls: an account can have several. */
  times: number
  /** Those of more than {@link MOST_BLOCKS} blocks. */
  late: number
  /** Blocks of the longest. */
  longestBlocks: number
}

/** Counts the shortfalls of a run; undefined where nobody looked. */
export function shortfallMetrics(record: ModeRecord): ShortfallMetrics | undefined {
  const { market } = record
  if (market === undefined) return undefined
  const shortfalls = shortfallsOf({ ...record, market })
  const lengths = shortfalls.map(({ sinceBlock, untilBlock }) => untilBlock - sinceBlock)
  return {
    accounts: new Set(shortfalls.map(({ trader }) => trader)).size,
    times: shortfalls.length,
    late: lengths.filter((length) => length > MOST_BLOCKS).length,
    longestBlocks: Math.max(0, ...lengths),
  }
}

/**
 * Every shortfall of a run whose prices have a course. An account that is below again after a liquidation, because the price went
 * on, has a new one.
 */
export function shortfallsOf(record: ModeRecord & { market: MarketCourse }): Shortfall[] {
  const { market, traders } = record
  const liquidated = liquidatedIn(record)
  const open = new Map<number, number>()
  const found: Shortfall[] = []
  for (const { block, below } of market.observed) {
    const still = new Set(below)
    for (const [trader, sinceBlock] of open) {
      const blocks = liquidated.get((traders[trader] as Hex).toLowerCase()) ?? []
      const at = blocks.find((number) => number > sinceBlock && number <= block)
      if (at === undefined && still.has(trader)) continue
      const end = at === undefined ? 'recovered' : 'liquidated'
      found.push({ trader, sinceBlock, untilBlock: at ?? block, end })
      open.delete(trader)
    }
    for (const trader of below) if (!open.has(trader)) open.set(trader, block)
  }
  const last = market.observed.at(-1)?.block ?? 0
  for (const [trader, sinceBlock] of open)
    found.push({ trader, sinceBlock, untilBlock: last, end: 'open' })
  return found
}

/** Blocks in which something of an account's position was closed by force, ascending, by its address in lower case. */
function liquidatedIn({ events }: ModeRecord): Map<string, number[]> {
  const closed = new Set(
    eventsOf(events, 'OrderSettled').flatMap(({ orderId, baseDelta }) =>
      baseDelta === 0n ? [] : [orderId],
    ),
  )
  const liquidations = eventsOf(events, 'Liquidated').filter(({ orderId }) => closed.has(orderId))
  const byTrader = groupBy(liquidations, ({ trader }) => trader.toLowerCase())
  return new Map(
    [...byTrader].map(([trader, own]) => [
      trader,
      own.map(({ blockNumber }) => blockNumber).sort((a, b) => a - b),
    ]),
  )
}
