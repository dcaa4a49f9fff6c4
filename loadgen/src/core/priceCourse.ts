import type { TxReceipt } from './types.js'

/** How the price feeds of a plan go, in every market alike, and how much time its blocks take. */
export type PriceCourse = {
  /** Seconds from one block to the next, 1 to 86,400. */
  blockSeconds: number
  /** Stretches in which the price moves; between them it stands. Ascending, none overlaps another. */
  path: readonly PriceMove[]
  /** True when an account trades the pools to the feeds' price before every batch. */
  arbitrage: boolean
}

/** A move of the price, by the same factor in each batch. */
export type PriceMove = {
  /** First batch that finds another price. */
  fromBatch: number
  /** Batches that it takes, 1 or more. */
  batches: number
  /** Where it ends, as a share of the initial price, > 0. */
  to: number
}

/** What happened beside a workload whose prices have a course. */
export type MarketCourse = {
  /** What was seen between the blocks of the plan, ascending. */
  observed: readonly MarketObservation[]
  /** Transactions that are no orders of the plan: answers of the feeds, the arbitrageur's orders, liquidations. */
  transactions: readonly TxReceipt[]
}

/** The state after a block, at the time of the next one: what its settlement would find if nothing else happened. */
export type MarketObservation = {
  block: number
  /** The batch of the plan whose prices the feeds say; -1 before the first. */
  batch: number
  /** By market: what the feed says, and the mark price. WAD. */
  prices: readonly { index: bigint; mark: bigint }[]
  /** Accounts below their maintenance margin, by trader index. */
  below: readonly number[]
}

/** What the feeds say when a batch settles, as a share of the initial price. @param batch from 0. */
export function priceShare(path: PriceCourse['path'], batch: number): number {
  let share = 1
  for (const { fromBatch, batches, to } of path) {
    if (batch < fromBatch) break
    const done = Math.min(1, (batch - fromBatch + 1) / batches)
    share *= (to / share) ** done
  }
  return share
}
