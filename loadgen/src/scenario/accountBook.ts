import { abs, max, min } from './bigints.js'

/** WAD, 1e18. */
const WAD = 10n ** 18n

/**
 * Batches until an order counts as settled in every mode: the keeper settles batch b in the block of batch b + 1, next to that
 * batch's own orders, so what b opened can be closed from b + 2 on.
 */
export const SETTLED_AFTER = 2

/**
 * A planned account's exposure at the initial prices stays within this × its collateral, where the plan says nothing else. When
 * prices then move by DRIFT against it, exposure ÷ equity is at most 2 × 1.2 ÷ (1 − 2 × 0.2) = 4, well below the 10 that margin
 * allows.
 */
export const MAX_LEVERAGE = 2n
/** Parts of one that a leverage is counted in. */
const LEVERAGE_UNIT = 1_000n
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

/** The orders of one batch: a batch that nets fills them in any order, so what it can reach is `buys` up and `sells` down. */
type Pending = { batch: number; buys: bigint; sells: bigint }
type Position = { settled: bigint; pending: Pending[] }

/** Opens the book of accounts that all hold `collateral` and no position. */
export function createAccountBook(options: createAccountBook.Options): AccountBook {
  const { markets, prices, leverage = Number(MAX_LEVERAGE) } = options
  const parts = BigInt(Math.round(leverage * Number(LEVERAGE_UNIT)))
  const collateral = new Array<bigint>(options.traders).fill(options.collateral)
  const positions = new Map<number, Position>()
  let deposits: { trader: number; amount: bigint }[] = []
  let now = 0

  function position(trader: number, market: number): Position | undefined {
    const found = positions.get(trader * markets + market)
    while (found?.pending[0] !== undefined && found.pending[0].batch + SETTLED_AFTER <= now) {
      found.settled += found.pending[0].buys - found.pending[0].sells
      found.pending.shift()
    }
    return found
  }

  /** The settled base, and what it can be while each pending batch fills and after it. */
  function path(found: Position | undefined): bigint[] {
    if (found === undefined) return [0n]
    let base = found.settled
    const bases = [base]
    for (const { buys, sells } of found.pending) {
      if (buys !== 0n && sells !== 0n) bases.push(base + buys, base - sells)
      base += buys - sells
      bases.push(base)
    }
    return bases
  }

  /** The position as if `delta` were ordered in this batch too. */
  function withOrder(found: Position | undefined, delta: bigint): Position {
    const { settled, pending } = found ?? { settled: 0n, pending: [] }
    const last = pending.at(-1)
    const isNow = last?.batch === now
    const open = isNow ? last : { buys: 0n, sells: 0n }
    const [buys, sells] = delta > 0n ? [delta, 0n] : [0n, -delta]
    const changed = { batch: now, buys: open.buys + buys, sells: open.sells + sells }
    return { settled, pending: [...(isNow ? pending.slice(0, -1) : pending), changed] }
  }

  function exposure(trader: number, ordered?: { market: number; delta: bigint }): bigint {
    let sum = 0n
    for (let market = 0; market < markets; market++) {
      const found = position(trader, market)
      const bases = path(ordered?.market === market ? withOrder(found, ordered.delta) : found)
      sum += (bases.map(abs).reduce(max) * (prices[market] as bigint)) / WAD
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
      const bases = path(position(trader, market))
      const long = (bases[0] as bigint) > 0n
      if (bases.some((base) => base === 0n || base > 0n !== long)) return 0n
      const least = bases.map(abs).reduce(min)
      return long ? least : -least
    },
    planned: (trader, market) => path(position(trader, market)).at(-1) as bigint,
    carries: (trader, market, delta) =>
      exposure(trader, { market, delta }) * LEVERAGE_UNIT <= balance(trader) * parts,
    trade(trader, market, delta) {
      const found = position(trader, market)
      const before = path(found).at(-1) as bigint
      if (before !== 0n && before > 0n !== delta > 0n) {
        const closed = min(abs(before), abs(delta))
        const notional = (closed * (prices[market] as bigint)) / WAD
        collateral[trader] = balance(trader) - (notional * DRIFT_PERCENT) / 100n
      }
      positions.set(trader * markets + market, withOrder(found, delta))
    },
    spare(trader) {
      const free = balance(trader) - (exposure(trader) * LEVERAGE_UNIT) / parts - 1n
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
    /** Exposure at the initial prices ÷ collateral, at most; three decimals count. Default {@link MAX_LEVERAGE}. */
    leverage?: number | undefined
  }
}
