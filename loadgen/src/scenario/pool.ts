/**
 * A Uniswap V3 pool whose liquidity is one full-range position: reserves with a constant product (Uniswap v3 white paper, 6.2).
 * Fees are taken from what comes in and stay out of the reserves. In plain numbers, with operations that every machine rounds
 * alike (IEEE 754): good to some twelve digits.
 */
export type PoolModel = {
  /** Quote per base at the margin. */
  price: number
  /** Base and quote in the range. */
  base: number
  quote: number
  /** Share of what comes in that is the fee. */
  fee: number
}

/** A pool at a price. @param depth Quote in the range. @param fee 0 to 1. */
export function createPool(options: { price: number; depth: number; fee: number }): PoolModel {
  const { price, depth, fee } = options
  return { price, base: depth / price, quote: depth, fee }
}

/**
 * Swaps base with the pool, as the contracts do: a buy takes exactly `base` out, a sell brings exactly `base` in, the fee
 * included.
 * @returns the pool afterwards, and the average price, fee included: what a limit is held against. A buy of more than
 * there is costs Infinity and leaves the pool as it was.
 */
export function swap(
  pool: PoolModel,
  order: { buys: boolean; base: number },
): { pool: PoolModel; average: number } {
  const { fee } = pool
  if (order.buys && order.base >= pool.base) return { pool, average: Number.POSITIVE_INFINITY }
  const product = pool.base * pool.quote
  const base = order.buys ? pool.base - order.base : pool.base + order.base * (1 - fee)
  const quote = product / base
  const paid = order.buys ? (quote - pool.quote) / (1 - fee) : pool.quote - quote
  return { pool: { price: quote / base, base, quote, fee }, average: paid / order.base }
}
