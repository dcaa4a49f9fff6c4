import { createRng } from '../core/rng.js'
import type { Intent } from '../core/types.js'
import { batchSizes } from './batchSizes.js'
import { checkAmount, checkInteger, checkNumber, checkSizes, MAX_AMOUNT } from './options.js'
import { type Bounds, drawSize } from './sizes.js'
import type { PlanSource } from './source.js'

const BPS = 10_000n

/**
 * Plans seeded swaps of token pairs. In each batch a trader swaps once at most, in the markets in turn, and every swap has a limit
 * around the initial price: a buyer must have one. The same options give the same plan, byte for byte.
 * @throws UsageError for an option out of its range.
 */
export function openSpot(options: openSpot.Options): PlanSource {
  check(options)
  const { scenario, seed, traders, markets, orders, perBatch } = options
  const batches = Math.ceil(orders / perBatch)
  return {
    head: { scenario, seed, product: 'spot', traders, markets, batches, collateral: 0n },
    intents: () => drawIntents(options),
  }
}

export declare namespace openSpot {
  type Options = {
    scenario: string
    seed: string
    /** Accounts, 1 to 1,000,000. */
    traders: number
    /** Swaps, 1 to 10,000,000. */
    orders: number
    /** Pairs, 1 to 32. */
    markets: number
    /** Swaps of one batch, 1 to `traders`: a trader has at most one a batch. */
    perBatch: number
    /** Share of swaps that buy base, 0 to 1. */
    longShare: number
    /** Base amount, WAD, drawn log-uniformly. */
    sizes: Bounds
    /** Initial price of every pair, WAD. */
    price: bigint
    /** How far beyond the initial price a swap may fill, 1 to 5,000. */
    toleranceBps: number
  }
}

function* drawIntents(options: openSpot.Options): Generator<Intent> {
  const { traders, markets, orders, perBatch, longShare, sizes, price } = options
  const rng = createRng(options.seed, 'plan')
  const tolerance = BigInt(options.toleranceBps)
  const accounts = range(traders)
  let [index, longs] = [0, 0]
  for (const [batch, amount] of batchSizes({ orders, perBatch, most: perBatch, rng }).entries()) {
    const first = index
    const buyers = Math.round((first + amount) * longShare) - longs
    longs += buyers
    const chosen = rng.shuffle(accounts).slice(0, amount)
    const sides = rng.shuffle(range(amount).map((i) => i < buyers))
    const places = rng.shuffle(range(amount).map((i) => (first + i) % markets))
    for (const [i, trader] of chosen.entries()) {
      const isLong = sides[i] as boolean
      yield {
        ...{ index: index++, batch, trader, action: 'swap', market: places[i] as number, isLong },
        size: drawSize(rng, sizes),
        limitPrice: (price * (isLong ? BPS + tolerance : BPS - tolerance)) / BPS,
      }
    }
  }
}

function check(options: openSpot.Options): void {
  checkInteger('traders', options.traders, 1, 1_000_000)
  checkInteger('orders', options.orders, 1, 10_000_000)
  checkInteger('markets', options.markets, 1, 32)
  checkInteger(
    'perBatch (at most one swap a trader and batch)',
    options.perBatch,
    1,
    options.traders,
  )
  checkNumber('longShare', options.longShare, 0, 1)
  checkSizes('sizes', options.sizes)
  checkAmount('price (WAD)', options.price, 2n, MAX_AMOUNT)
  checkInteger('toleranceBps', options.toleranceBps, 1, 5_000)
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}
