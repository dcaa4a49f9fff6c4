import { abs, max, min } from './bigints.js'

/** WAD, 1e18. */
const WAD = 10n ** 18n

/**
 * Batches until an order counts as settled in every mode: the keeper settles batch b in the block of batch b + 1, next to that
 * batch's own orders, so what b opened can be closed from b + 2 on.
 */
export const SETTLED_AFTER = 2

/**
 * A planned account's exposure at the initial prices stays within MAX_LEVERAGE × its collateral. When prices then move by
 * DRIFT against it, exposure ÷ equity is at most 2 × 1.2 ÷ (1 − 2 × 0.2) = 4, well below the 10 that margin allows.
 */
export const MAX_LEVERAGE = 2n
/** Price move that a plan must survive, in percent. */
export const DRIFT_PERCENT = 20n

/**
 * What the plan knows of its traders: which positions are open for certain, and what they surely can spare. It always errs
 * on the safe side: deposits count from the next batch on, withdrawals at once, and every base that is closed is charged with a
 * loss of DRIFT. Amounts in WAD.
 */
export type AccountBook = {
  /** Starts a batch: what is old enough counts as settled. Batches come in order, from 0. */
  startBatch(batch: number): void
  /** Base that surely can be closed: > 0 long, < 0 short, 0 when there is none. */
  closable(trader: number, market: number): bigint
  /** Base after all planned orders: its sign is the side. */
  planned(trader: number, market: number): bigint
  /** True when the account carries `delta` more base of that market. */
  carries(trader: number, market: number, delta: bigint): boolean
  /** Adds an order of this batch. `delta` > 0 buys. */
  trade(trader: number, market: number, delta: bigint): void
  /** Collateral that can be taken out. */
  spare(trader: number): bigint
  deposit(trader: number, amount: bigint): void
  withdraw(trader: number, amount: bigint): void
}

type Position = { settled: bigint; pending: { batch: number; delta: bigint }[] }

/** Opens the book of accounts that all hold `collateral` and no position. */
export function createAccountBook(options: createAccountBook.Options): AccountBook {
  const { markets, prices } = options
  const collateral = new Array<bigint>(options.traders).fill(options.collateral)
  const positions = new Map<number, Position>()
  let deposits: { trader: number; amount: bigint }[] = []
  let now = 0

  function position(trader: number, market: number): Position | undefined {
    const found = positions.get(trader * markets + market)
    while (found?.pending[0] !== undefined && found.pending[0].batch + SETTLED_AFTER <= now) {
      found.settled += found.pending[0].delta
      found.pending.shift()
    }
    return found
  }

  /** The settled base and what it is after each pending order. */
  function path(trader: number, market: number): bigint[] {
    const found = position(trader, market)
    if (found === undefined) return [0n]
    let base = found.settled
    return [base, ...found.pending.map(({ delta }) => (base += delta))]
  }

  function exposure(trader: number, market: number, delta: bigint): bigint {
    let sum = 0n
    for (let m = 0; m < markets; m++) {
      const bases = path(trader, m)
      if (m === market) bases.push((bases.at(-1) as bigint) + delta)
      sum += (bases.map(abs).reduce(max) * (prices[m] as bigint)) / WAD
    }
    return sum
  }

  return {
    startBatch(batch) {
      now = batch
      for (const { trader, amount } of deposits) collateral[trader] = balance(trader) + amount
      deposits = []
    },
    closable(trader, market) {
      const bases = path(trader, market)
      const long = (bases[0] as bigint) > 0n
      if (bases.some((base) => base === 0n || base > 0n !== long)) return 0n
      const least = bases.map(abs).reduce(min)
      return long ? least : -least
    },
    planned: (trader, market) => path(trader, market).at(-1) as bigint,
    carries: (trader, market, delta) =>
      exposure(trader, market, delta) <= balance(trader) * MAX_LEVERAGE,
    trade(trader, market, delta) {
      const before = path(trader, market).at(-1) as bigint
      if (before !== 0n && before > 0n !== delta > 0n) {
        const closed = min(abs(before), abs(delta))
        const notional = (closed * (prices[market] as bigint)) / WAD
        collateral[trader] = balance(trader) - (notional * DRIFT_PERCENT) / 100n
      }
      const key = trader * markets + market
      const found = positions.get(key) ?? { settled: 0n, pending: [] }
      found.pending.push({ batch: now, delta })
      positions.set(key, found)
    },
    spare(trader) {
      const free = balance(trader) - exposure(trader, 0, 0n) / MAX_LEVERAGE - 1n
      return max(free, 0n)
    },
    deposit(trader, amount) {
      deposits.push({ trader, amount })
    },
    withdraw(trader, amount) {
      collateral[trader] = balance(trader) - amount
    },
  }

  function balance(trader: number): bigint {
    return collateral[trader] as bigint
  }
}

export declare namespace createAccountBook {
  type Options = {
    traders: number
    markets: number
    /** Initial mark price by market, WAD. */
    prices: readonly bigint[]
    /** Collateral of each account, WAD. */
    collateral: bigint
  }
}
