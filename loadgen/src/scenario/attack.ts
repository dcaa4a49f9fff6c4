import { type PoolModel, swap } from './pool.js'

/** The orders that an attacker brackets. All trade in one direction. */
export type Victims = {
  /** True when they buy: the attacker buys before them and sells after them. */
  buys: boolean
  /** Base of each, in their order. */
  sizes: readonly number[]
  /** Worst average price that they accept. */
  limit: number
}

/** Halvings of the search for the size. */
const STEPS = 50

/**
 * The largest sandwich that the victims' limits let through, of at most `most` base: all victims still fill, one after the
 * other, behind the attacker's first order. 0 when it would not pay for its fees.
 */
export function largestAttack(pool: PoolModel, victims: Victims, most: number): number {
  let [low, high] = [0, most]
  for (let step = 0; step < STEPS; step++) {
    const size = (low + high) / 2
    if (playAttack(pool, victims, size).allFill) low = size
    else high = size
  }
  return low > 0 && playAttack(pool, victims, low).profit > 0 ? low : 0
}

/**
 * What a sandwich of `size` base does: the attacker's order, the victims', the attacker's opposite order of the same size.
 * @returns the attacker's profit in quote, whether all victims are within their limit, and the pool afterwards.
 */
export function playAttack(
  pool: PoolModel,
  { buys, sizes, limit }: Victims,
  size: number,
): { profit: number; allFill: boolean; pool: PoolModel } {
  let allFill = true
  let now = pool
  function trade(order: { buys: boolean; base: number }): number {
    if (order.base === 0) return 0
    const { pool: after, average } = swap(now, order)
    now = after
    return average
  }
  const front = trade({ buys, base: size })
  for (const base of sizes) {
    const average = trade({ buys, base })
    if (buys ? average > limit : average < limit) allFill = false
  }
  const back = trade({ buys: !buys, base: size })
  return { profit: (buys ? back - front : front - back) * size, allFill, pool: now }
}
