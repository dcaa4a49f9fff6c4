import type { PoolState } from '../chain/accounts.js'
import { POOL_FEE, toSqrtPriceX96 } from '../chain/uniswap.js'
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

/**
 * The price nearest to `target` to which one batch may move a pool, as CostLib.reach has it: the listing's bound around the
 * pool's price, and around the mark what an account at its maintenance margin survives. A basis point inside, because others trade before.
 */
export function withinReach(target: bigint, options: withinReach.Options): bigint {
  const { mid, mark, risk, maxPriceMoveBps } = options
  const fees = BigInt(risk.liquidationFeeBps) + (BigInt(POOL_FEE) + 99n) / 100n
  const survived = BigInt(risk.maintenanceMarginBps) - fees
  const anchor = clamp(survived, 0n, maxPriceMoveBps)
  const reach = (price: bigint, bps: bigint) => (price * (BPS + bps)) / BPS
  const isAnchored = mark !== mid
  const highest = reach(mid, maxPriceMoveBps - 1n)
  const lowest = reach(mid, 1n - maxPriceMoveBps)
  if (!isAnchored) return clamp(target, lowest, highest)
  const [down, up] = [reach(mark, 1n - anchor), reach(mark, anchor - 1n)]
  return clamp(target, min(max(lowest, down), mid), max(min(highest, up), mid))
}

export declare namespace withinReach {
  type Options = {
    /** The pool's price and the mark price, quote per base, WAD. */
    mid: bigint
    mark: bigint
    risk: Pick<MarketRisk, 'liquidationFeeBps' | 'maintenanceMarginBps'>
    /** Of the listing, bps. */
    maxPriceMoveBps: bigint
  }
}

const min = (a: bigint, b: bigint) => (a < b ? a : b)
const max = (a: bigint, b: bigint) => (a > b ? a : b)
const clamp = (value: bigint, low: bigint, high: bigint) => max(min(value, high), low)

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
