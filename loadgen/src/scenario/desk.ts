import { UsageError } from '../core/errors.js'
import type { Rng } from '../core/rng.js'
import type { Intent } from '../core/types.js'
import type { AccountBook } from './accountBook.js'
import { abs, max } from './bigints.js'
import { type Bounds, drawSize } from './sizes.js'
import { createZipf, type Zipf } from './zipf.js'

/** An intent that has no place in the plan yet. */
export type Draft = Pick<Intent, 'trader' | 'action' | 'market' | 'isLong' | 'size'>

/**
 * Drafts the intents of one batch after the other. In a batch, `closes` comes first, then `opens`, then the transfers. Who is
 * reserved neither closes nor opens but by `openFor`.
 */
export type Desk = {
  /** Up to `amount` closes, fewer when fewer accounts have something to close. Starts the batch. */
  closes(amount: number): Draft[]
  /** Exactly `amount` opens, `longs` of them long. @throws UsageError when no account carries one. */
  opens(wanted: { amount: number; longs: number; sizes: Bounds }): Draft[]
  /** An open of one account in a random market, on a side that it carries. @throws UsageError when it carries none. */
  openFor(trader: number, sizes: Bounds): Draft
  deposits(amount: number): Draft[]
  /** @throws UsageError when no account can spare one. */
  withdrawals(amount: number): Draft[]
}

/** Random accounts that are tried for one open before all are asked in turn. */
const TRIES = 64

/** Opens a desk that chooses accounts, markets and sizes by `rng` and by what `book` allows. */
export function createDesk(options: createDesk.Options): Desk {
  const { book, rng, traders, markets, collateral, unit, zipf = {} } = options
  const everyMarket = range(markets)
  const unreserved = range(traders).filter((trader) => !options.reserved?.includes(trader))
  const marketOdds = toOdds(markets, zipf.markets)
  const traderOdds = toOdds(unreserved.length, zipf.traders)
  let busy = new Set<number>()
  let opened = 0

  function close(trader: number, market: number): Draft {
    const base = book.closable(trader, market)
    const isLong = base > 0n
    const held = abs(base)
    const part = (held * BigInt(25 + rng.int(51))) / 100n
    const size = rng.int(2) === 0 ? held : max(part, 1n)
    book.trade(trader, market, isLong ? -size : size)
    return { trader, action: 'close', market, isLong, size }
  }

  function open(trader: number, market: number, delta: bigint): Draft {
    book.trade(trader, market, delta)
    return { trader, action: 'open', market, isLong: delta > 0n, size: abs(delta) }
  }

  /** Index in `free` of an account that carries the order, if possible one that it does not close. */
  function carrier(free: readonly number[], market: number, delta: bigint): number {
    let second = -1
    for (let i = free.length - 1; i >= 0; i--) {
      const trader = free[i] as number
      if (!book.carries(trader, market, delta)) continue
      const base = book.planned(trader, market)
      if (base === 0n || base > 0n === delta > 0n) return i
      second = second === -1 ? i : second
    }
    return second
  }

  /** Takes an account out of `free`, so that it has one order a batch; by Zipf's odds it may have several. */
  function choose(free: number[], market: number, delta: bigint): number | undefined {
    for (let tries = 0; traderOdds !== undefined && tries < TRIES; tries++) {
      const trader = unreserved[traderOdds.draw(rng)] as number
      if (!busy.has(trader) && book.carries(trader, market, delta)) return trader
    }
    const chosen = carrier(free, market, delta)
    const trader = free[chosen]
    if (traderOdds === undefined && trader !== undefined) free.splice(chosen, 1)
    return trader
  }

  function marketsOf(amount: number): number[] {
    if (marketOdds !== undefined) return range(amount).map(() => marketOdds.draw(rng))
    return rng.shuffle(range(amount).map((i) => (opened + i) % markets))
  }

  return {
    closes(amount) {
      const holders: { trader: number; held: number[] }[] = []
      for (const trader of unreserved) {
        const held = everyMarket.filter((market) => book.closable(trader, market) !== 0n)
        if (held.length > 0) holders.push({ trader, held })
      }
      const chosen = rng.shuffle(holders).slice(0, amount)
      busy = new Set(chosen.map(({ trader }) => trader))
      return chosen.map(({ trader, held }) => close(trader, rng.pick(held)))
    },

    opens({ amount, longs, sizes }) {
      const free = rng.shuffle(unreserved.filter((trader) => !busy.has(trader)))
      const sides = rng.shuffle(range(amount).map((i) => i < longs))
      const places = marketsOf(amount)
      opened += amount
      return sides.map((isLong, i) => {
        const market = places[i] as number
        const size = drawSize(rng, sizes)
        const delta = isLong ? size : -size
        const trader = choose(free, market, delta)
        if (trader === undefined)
          throw new UsageError(
            `No trader's collateral carries one more open of ${size} (WAD) in market ${market}; ` +
              'raise collateral or traders, or lower sizes or orders.',
          )
        return open(trader, market, delta)
      })
    },

    openFor(trader, sizes) {
      const market = rng.int(markets)
      const size = drawSize(rng, sizes)
      const first = rng.int(2) === 0 ? size : -size
      const delta = [first, -first].find((side) => book.carries(trader, market, side))
      if (delta === undefined)
        throw new UsageError(
          `The collateral of trader ${trader} carries no open of ${size} (WAD) in market ${market}; ` +
            'raise collateral or lower its sizes.',
        )
      return open(trader, market, delta)
    },

    deposits: (amount) =>
      range(amount).map(() => {
        const trader = rng.int(traders)
        const size = percent(collateral, 1 + rng.int(10))
        book.deposit(trader, size * unit)
        return { trader, action: 'deposit', market: 0, isLong: false, size }
      }),

    withdrawals: (amount) =>
      range(amount).map(() => {
        const size = percent(collateral, 1 + rng.int(5))
        let trader = rng.int(traders)
        for (let tried = 1; book.spare(trader) < size * unit; tried++) {
          if (tried === traders)
            throw new UsageError(
              `No trader can spare a withdrawal of ${size} token units; ` +
                'raise collateral, or lower sizes, orders or mix.withdraw.',
            )
          trader = (trader + 1) % traders
        }
        book.withdraw(trader, size * unit)
        return { trader, action: 'withdraw', market: 0, isLong: false, size }
      }),
  }
}

export declare namespace createDesk {
  type Options = {
    book: AccountBook
    rng: Rng
    traders: number
    markets: number
    /** Initial collateral of an account, token units: deposits are 1 to 10 % of it, withdrawals 1 to 5 %. */
    collateral: bigint
    /** WAD in one token unit. */
    unit: bigint
    /** Exponents of Zipf's law, by which opens spread over markets and over traders. Without one they spread evenly. */
    zipf?: { markets?: number | undefined; traders?: number | undefined } | undefined
    /** Traders whose orders are drafted one by one. */
    reserved?: readonly number[] | undefined
  }
}

function toOdds(count: number, exponent: number | undefined): Zipf | undefined {
  return exponent === undefined ? undefined : createZipf({ count, exponent })
}

/** A percentage of an amount, at least 1. */
function percent(amount: bigint, percentage: number): bigint {
  const part = (amount * BigInt(percentage)) / 100n
  return max(part, 1n)
}

function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i)
}
