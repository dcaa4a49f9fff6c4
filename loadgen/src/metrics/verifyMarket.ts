import { priceShare } from '../core/priceCourse.js'
import type { ModeRecord } from '../core/types.js'
import { type Check, type Finding, firstFault } from './check.js'
import { MOST_BLOCKS, shortfallsOf } from './shortfalls.js'

/** How exactly a feed of few decimals says a price, at worst. */
const PRECISION = 1e-6
const WITHOUT = 'prices without a course'

/** Checks of what went on beside a workload whose prices have a course. */
export const MARKET_CHECKS: readonly Check[] = [
  {
    name: 'the price feeds went as planned, and were believed',
    product: 'perp',
    run: ({ record }) => feeds(record),
  },
  {
    name: `every account below its maintenance margin is liquidated within ${MOST_BLOCKS} blocks`,
    product: 'perp',
    // Elsewhere the feeds have blocks of their own, and a liquidation can lose a conflict.
    modes: ['netting'],
    run: ({ record }) => liquidations(record),
  },
]

function feeds({ plan, market }: ModeRecord): Finding {
  const first = market?.observed[0]
  if (plan.priceCourse === undefined || market === undefined || first === undefined)
    return { looked: WITHOUT, fault: undefined }
  const { path } = plan.priceCourse
  const shares = market.observed.map(({ batch }) => priceShare(path, batch))
  const last = shares.at(-1) as number
  return {
    looked: `${market.observed.length} blocks, ${first.prices.length} markets, to ${last} of the initial price`,
    fault: firstFault(market.observed.entries(), ([i, { block, prices }]) =>
      firstFault(prices.entries(), ([id, { index }]) => {
        const initial = Number(first.prices[id]?.index) / (shares[0] as number)
        const expected = initial * (shares[i] as number)
        return Math.abs(Number(index) - expected) <= expected * PRECISION
          ? undefined
          : `the index price of market ${id} after block ${block} is ${index} (WAD), not ${expected}`
      }),
    ),
  }
}

function liquidations(record: ModeRecord): Finding {
  const { market } = record
  if (market === undefined) return { looked: WITHOUT, fault: undefined }
  const shortfalls = shortfallsOf({ ...record, market })
  const liquidated = shortfalls.filter(({ end }) => end === 'liquidated')
  const longest = Math.max(0, ...liquidated.map((s) => s.untilBlock - s.sinceBlock))
  const accounts = new Set(shortfalls.map(({ trader }) => trader)).size
  return {
    looked: `${accounts} accounts below ${shortfalls.length} times, ${liquidated.length} liquidations, ${longest} blocks at most`,
    fault: firstFault(shortfalls, ({ trader, sinceBlock, untilBlock, end }) =>
      untilBlock - sinceBlock <= MOST_BLOCKS
        ? undefined
        : `${record.traders[trader]} was below from block ${sinceBlock} on and ${end === 'open' ? 'not' : end} until block ${untilBlock}`,
    ),
  }
}
