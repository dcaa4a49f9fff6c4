import type { PoolState } from '../chain/accounts.js'
import { toSqrtPriceX96 } from '../chain/uniswap.js'
import type { MarketRisk } from '../core/marketRisk.js'

const WAD = 10n ** 18n
const BPS = 10_000n
const Q96 = 1n << 96n

/**
 * Base that somebody buys (positive) or sells (negative), so that the pool of a market ends at `target`. A range of liquidity L
 * holds L ÷ √P base (Uniswap v3 white paper, 6.2), so on the way from P₀ to P₁ it takes L × (1 ÷ √P₁ − 1 ÷ √P₀). The pool's fee
 * is left out: what is missing is traded the next time.
 * @param options.target quote per base, WAD, > 0.
 * @param options.others base that others are known to buy beside it, WAD, negative when they sell.
 */
export function arbitrage({ pool, target, others }: arbitrage.Options): bigint {
  const held = (sqrtPriceX96: bigint) => (pool.liquidity * Q96) / sqrtPriceX96
  const fromPool = held(pool.sqrtPriceX96) - held(toSqrtPriceX96(target))
  return fromPool - others
}

export declare namespace arbitrage {
  type Options = { pool: PoolState; target: bigint; others: bigint }
}

/** A position that is to be liquidated. `base` in WAD, positive long. */
export type Exposed = { market: number; base: bigint }

/**
 * Base that settlement is expected to close of each position of an account that is below its maintenance margin, WAD, ≥ 0: as
 * LiquidationLib.amount has it, market by market, what restores the initial margin, else all. An estimate: prices move until then.
 */
export function expectedCloses(
  positions: readonly Exposed[],
  { equity, initialMargin, markets }: expectedCloses.Options,
): bigint[] {
  let [worth, margin] = [equity, initialMargin]
  return positions.map(({ market, base }) => {
    const { mark, risk } = markets[market] as expectedCloses.Market
    const held = base < 0n ? -base : base
    const closed = closeOf(held, mark, risk)
    const notional = (closed * mark) / WAD
    worth -= (notional * BigInt(risk.liquidationFeeBps)) / BPS
    margin -= (notional * BigInt(risk.initialMarginBps)) / BPS
    return closed
  })

  function closeOf(held: bigint, mark: bigint, risk: expectedCloses.Market['risk']): bigint {
    if (worth >= margin) return 0n
    const freedBps = BigInt(risk.initialMarginBps - risk.liquidationFeeBps)
    if (worth <= 0n || freedBps <= 0n) return held
    const part = ((margin - worth) * WAD * BPS) / (mark * freedBps)
    return part < held ? part : held
  }
}

export declare namespace expectedCloses {
  type Market = {
    /** Mark price, WAD. */
    mark: bigint
    risk: Pick<MarketRisk, 'initialMarginBps' | 'liquidationFeeBps'>
  }
  type Options = {
    /** Of the account, WAD. */
    equity: bigint
    initialMargin: bigint
    /** By market. */
    markets: readonly Market[]
  }
}
