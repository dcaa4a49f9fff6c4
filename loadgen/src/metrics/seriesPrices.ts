import type { ModeRecord } from '../core/types.js'
import { inGroups, significant } from './numbers.js'
import { toPrice } from './prices.js'
import type { MarketPrices, PricePoint } from './series.js'
import { eventsOf, inChainOrder } from './trace.js'

const MOST_POINTS = 300
/** Of all markets together, as long as each has its {@link FEWEST_POINTS}. */
const MOST_POINTS_OF_ALL = 1_200
const FEWEST_POINTS = 12

/** The price paths of the pools, from their Swap events and the two snapshots. */
export function priceSeries(record: ModeRecord): MarketPrices[] {
  const { before, after } = record
  const share = Math.floor(MOST_POINTS_OF_ALL / before.markets.length)
  const most = Math.max(FEWEST_POINTS, Math.min(MOST_POINTS, share))
  const swaps = swapBlocks(record)
  return before.markets.map(({ sqrtPriceX96 }, market) => {
    const first = still(before.blockNumber, sqrtPriceX96)
    const path = inGroups(swaps.get(market) ?? [], most - 2).map(together)
    const last = still(after.blockNumber, after.markets[market]?.sqrtPriceX96 ?? sqrtPriceX96)
    const points = [first, ...path]
    if (last.block > (points.at(-1) as PricePoint).block) points.push(last)
    return { market, points }
  })
}

/** The blocks with a swap of each market, in order. */
function swapBlocks({ events }: ModeRecord): Map<number, PricePoint[]> {
  const markets = new Map<number, PricePoint[]>()
  for (const { market, blockNumber, sqrtPriceX96 } of inChainOrder(eventsOf(events, 'Swap'))) {
    const points = markets.get(market) ?? []
    markets.set(market, points)
    const point = still(blockNumber, sqrtPriceX96)
    const known = points.at(-1)
    if (known?.block !== blockNumber) points.push(point)
    else points[points.length - 1] = together([known, point])
  }
  return markets
}

function still(block: number, sqrtPriceX96: bigint): PricePoint {
  const price = significant(Number(toPrice(sqrtPriceX96)) / 1e18)
  return { block, price, low: price, high: price }
}

/** @param points one or more, in order. */
function together(points: readonly PricePoint[]): PricePoint {
  return points.reduce((all, { block, price, low, high }) => ({
    ...{ block, price },
    low: Math.min(all.low, low),
    high: Math.max(all.high, high),
  }))
}
