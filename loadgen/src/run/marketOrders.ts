import { type Call, encodeIntent, encodeLiquidation } from '../chain/encode.js'
import { toWadPrice } from '../chain/uniswap.js'
import type { MarketRisk } from '../core/marketRisk.js'
import type { Hex, Mode } from '../core/types.js'
import { arbitrage, expectedCloses, withinReach } from './arbitrage.js'
import type { MarketView } from './marketView.js'

/** A pool is left alone when less than this share of its base is missing: about a hundredth of a percent of the price. */
const LEAST_SHARE = 20_000n

/** Calls of the accounts beside a workload. */
export type MarketCalls = {
  /** One for each position of an account below its maintenance margin. */
  liquidations: Call[]
  /** At most one a market. */
  trades: Call[]
}

/**
 * What to do about what was seen: liquidate everybody who is below the maintenance margin, and trade every pool to its target by
 * what the liquidations are not expected to move it, so that they net against the trade where they go beyond the target.
 */
export function marketCalls(view: MarketView, options: marketCalls.Options): MarketCalls {
  const { mode, house, risks, targets, maxPriceMoveBps } = options
  const markets = view.prices.map(({ mark }, i) => ({ mark, risk: risks[i] as MarketRisk }))
  const buys = markets.map(() => 0n)
  const liquidations = view.below.flatMap(({ trader, state, positions }) => {
    const closes = expectedCloses(positions, { ...state, markets })
    return positions.map(({ market, base }, i) => {
      const [isLong, closed] = [base > 0n, closes[i] as bigint]
      buys[market] = (buys[market] as bigint) + (isLong ? -closed : closed)
      return encodeLiquidation({ house, mode, trader, market, isLong, size: abs(base) })
    })
  })
  const trades = (targets ?? []).flatMap((wanted, market) => {
    const pool = view.pools[market] as (typeof view.pools)[number]
    const { mark, risk } = markets[market] as (typeof markets)[number]
    const mid = toWadPrice(pool.sqrtPriceX96)
    const target = withinReach(wanted, { mid, mark, risk, maxPriceMoveBps })
    const base = arbitrage({ pool, target, others: buys[market] as bigint })
    const size = abs(base)
    const held = (pool.liquidity << 96n) / pool.sqrtPriceX96
    if (size * LEAST_SHARE < held || size < risk.minOrderSize) return []
    const terms = { market, isLong: base > 0n, size, limitPrice: 0n }
    return [
      encodeIntent(
        { ...terms, action: 'open', index: 0, batch: 0, trader: 0 },
        { mode, house, marketCount: risks.length, deadline: 0n },
      ),
    ]
  })
  return { liquidations, trades }
}

export declare namespace marketCalls {
  type Options = {
    mode: Mode
    house: Hex
    /** By market. */
    risks: readonly MarketRisk[]
    /** How far one batch may move a pool, bps. */
    maxPriceMoveBps: bigint
    /** Price that each pool is traded to, quote per base, WAD. Absent: nobody trades. */
    targets?: readonly bigint[] | undefined
  }
}

function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}
