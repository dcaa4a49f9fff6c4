import { UsageError } from '../core/errors.js'
import { createRng } from '../core/rng.js'
import type { Intent } from '../core/types.js'
import { createAccountBook, MAX_LEVERAGE } from './accountBook.js'
import { largestAttack, playAttack } from './attack.js'
import { abs, max } from './bigints.js'
import { createDesk, type Draft } from './desk.js'
import { checkAmount, checkInteger, checkSizes, MAX_AMOUNT } from './options.js'
import { createPool } from './pool.js'
import { type Bounds, toSixDigits } from './sizes.js'
import type { PlanSource } from './source.js'

/** Which way the victims trade: all long, all short, or long in one batch and short in the next. */
export const SIDES = ['long', 'short', 'alternate'] as const
export type Side = (typeof SIDES)[number]

/** The attacker's accounts. Two, so that it has one order an account and batch, as everybody. */
const ATTACKERS = [0, 1] as const
/** Orders of the attacker in a batch. */
const BRACKET = 2
const WAD = 1e18
const BPS = 10_000
/** The attacker stops so far short of the victims' limits, in basis points: rounding must not make them fail. */
const SHY_BPS = 1

/**
 * Plans a sandwich attack. In each batch the attacker's first order stands before those of the victims, all in one direction
 * and each with a limit, and its second, opposite and of the same size, behind them. The attacker sees the pool and the victims'
 * orders: it takes the largest size that every victim's limit lets through when the batch is carried out one after the other
 * against the pool (mode `direct`), and leaves a batch alone that would not pay. The plan says in which order a batch is
 * to be sent.
 *
 * The pool is followed by a model of the direct mode from batch to batch, so that limits and sizes fit its price. Where a
 * batch nets, the same orders meet a price that differs by the fees on the attacker's volume only.
 * @throws UsageError for an option out of its range; its intents, when no account carries an order.
 */
export function openSandwich(options: openSandwich.Options): PlanSource {
  const { scenario, seed, traders, perBatch, collateral } = options
  check(options)
  const batches = Math.floor(options.orders / perBatch)
  return {
    head: {
      scenario,
      seed,
      traders,
      markets: 1,
      batches,
      collateral,
      attackers: ATTACKERS,
      ordered: true,
    },
    intents: () => drawIntents(options, batches),
  }
}

export declare namespace openSandwich {
  type Options = {
    scenario: string
    seed: string
    /** Accounts, 3 to 1,000,000. The first two are the attacker's. */
    traders: number
    /** Orders at most, the attacker's included; rounded down to whole batches. */
    orders: number
    /** Orders of a batch, two of them the attacker's: 3 to `traders`. */
    perBatch: number
    side: Side
    /** How far from the pool's price at the start of the batch the victims' limit is, 1 to 5,000, below `maxPriceMoveBps`. */
    toleranceBps: number
    /** Base amount of a victim's order, WAD. */
    sizes: Bounds
    /** Initial price, WAD. */
    price: bigint
    /** Quote that the pool holds, WAD. */
    depth: bigint
    /** Fee of the pool, in millionths. */
    poolFee: number
    /** How far one swap may move the pool. */
    maxPriceMoveBps: number
    /** What each account deposits, token units. */
    collateral: bigint
    /** Decimals of the collateral token, 0 to 18. Default 6. */
    collateralDecimals?: number | undefined
  }
}

function* drawIntents(options: openSandwich.Options, batches: number): Generator<Intent> {
  const { traders, perBatch, side, sizes, price, collateral } = options
  const rng = createRng(options.seed, 'plan')
  const unit = 10n ** BigInt(18 - (options.collateralDecimals ?? 6))
  const wealth = collateral * unit
  const book = createAccountBook({ traders, markets: 1, prices: [price], collateral: wealth })
  const reserved = ATTACKERS
  const desk = createDesk({ book, rng, traders, markets: 1, collateral, unit, reserved })
  const [depth, fee] = [Number(options.depth) / WAD, options.poolFee / 1e6]
  let pool = createPool({ price: Number(price) / WAD, depth, fee })
  let index = 0

  for (let batch = 0; batch < batches; batch++) {
    book.startBatch(batch)
    const isLong = side === 'alternate' ? batch % 2 === 0 : side === 'long'
    const amount = perBatch - BRACKET
    // Starts the batch; nobody closes in it.
    desk.closes(0)
    const victims = desk.opens({ amount, longs: isLong ? amount : 0, sizes })
    const start = pool.price
    const limitAt = (bps: number) => start * (1 + (isLong ? bps : -bps) / BPS)
    const seen = { buys: isLong, sizes: victims.map(({ size }) => Number(size) / WAD) }

    const carried = ATTACKERS.map((trader) => room(trader))
    const most = Math.min(...carried)
    const shy = { ...seen, limit: limitAt(options.toleranceBps - SHY_BPS) }
    const size = toSixDigits(largestAttack(pool, shy, most) * WAD)
    pool = playAttack(pool, shy, Number(size) / WAD).pool

    const limitPrice = toSixDigits(limitAt(options.toleranceBps) * WAD)
    for (const draft of bracket(victims, { isLong, size })) {
      const isVictim = victims.includes(draft)
      yield { index: index++, batch, ...draft, limitPrice: isVictim ? limitPrice : 0n }
    }
  }

  /** Base that an account of the attacker can add or take, whatever it holds. */
  function room(trader: number): number {
    const held = abs(book.planned(trader, 0))
    const whole = (wealth * MAX_LEVERAGE * 10n ** 18n) / price
    return Number(max(whole - held, 0n)) / WAD
  }

  /** The victims between the attacker's orders. Its accounts change places so that what one gains the other gives back. */
  function bracket(victims: Draft[], { isLong, size }: { isLong: boolean; size: bigint }): Draft[] {
    if (size === 0n) return victims
    const order = (trader: number, long: boolean): Draft => {
      book.trade(trader, 0, long ? size : -size)
      return { trader, action: 'open', market: 0, isLong: long, size }
    }
    const isFirstLong = book.planned(ATTACKERS[0], 0) > 0n
    const [front, back] = isFirstLong === isLong ? [1, 0] : [0, 1]
    return [order(front, isLong), ...victims, order(back, !isLong)]
  }
}

function check(options: openSandwich.Options): void {
  const { traders, perBatch, maxPriceMoveBps } = options
  checkInteger('traders', traders, BRACKET + 1, 1_000_000)
  checkInteger(
    'perBatch (two orders are the attacker’s, and at most one a trader and batch)',
    perBatch,
    BRACKET + 1,
    traders,
  )
  checkInteger('orders', options.orders, perBatch, 10_000_000)
  checkSizes('sizes', options.sizes)
  checkAmount('price (WAD)', options.price, 1n, MAX_AMOUNT)
  checkAmount('depth (WAD)', options.depth, 1n, MAX_AMOUNT)
  checkAmount('collateral (token units)', options.collateral, 1n, MAX_AMOUNT)
  checkInteger('collateralDecimals', options.collateralDecimals ?? 6, 0, 18)
  checkInteger('toleranceBps', options.toleranceBps, SHY_BPS + 1, 5_000)
  if (options.toleranceBps >= maxPriceMoveBps)
    throw new UsageError(
      `toleranceBps must be below the market's bound of a price move, for the pool would stop the attack first; ` +
        `they are ${options.toleranceBps} and ${maxPriceMoveBps}.`,
    )
}
