/**
 * The course of one mode's run, small enough for a report: whatever the number of orders, no list is longer than its maximum.
 * Times are milliseconds since the mode's first intended time of sending.
 */
export type ModeSeries = {
  /**
   * Blocks with anything of the run in them, in order; when there are more than 300, in groups of as many blocks each (the last may
   * be smaller).
   */
  blocks: BlockPoint[]
  /** The price path of each market: at most 300 points each, and 1,200 of all. */
  prices: MarketPrices[]
  /** Filled orders by slippage: at most 59 bins of equal width from p0 to p99.5, and an open one beyond. */
  slippageBps: SlippageBin[]
  /** At most 40 points, denser at the tail, up to the percentile that so many orders can tell; null when no order came that far. */
  latencyMs: Record<'inclusion' | 'settlement', LatencyPoint[] | null>
  time: TimeSeries
}

/**
 * What happened in a group of blocks. Transactions, orders, failures and gas count in the block that holds the transaction; settled
 * and rejected in the block in which the order ended; volumes in the block that announced the batch (direct: of the fill).
 */
export type BlockPoint = {
  /** Number of the first block of the group. */
  block: number
  /** How many blocks with anything of the run it stands for. */
  blocks: number
  /** Of the run: orders, transfers and keepers' settlements. */
  transactions: number
  /** Order transactions. */
  orders: number
  settled: number
  rejected: number
  /** Order transactions with status 0; those that the node refused are in no block. */
  failed: number
  /** Transactions, transfers among them, that lost a conflict; null where the node does not tell. */
  aborted: number | null
  /**
   * Admitted base, longs and shorts, at the batches' mid prices, over all markets; in USD, nine significant digits. (The netting
   * ratio of the whole run adds up base without a price: the two differ as far as prices do.)
   */
  volume: number
  /** What of it was filled against other orders, both sides, same unit: netted ÷ volume is the netting ratio. */
  netted: number
  /** What of it could have been, same unit: nettable ÷ volume is the optimum. */
  nettable: number
  /** Swap events of the pools. */
  poolTouches: number
  /** One after the other; null where the node does not tell. */
  generations: number | null
  /** Of the run's transactions. */
  gas: number
}

/**
 * Price of a market's pool, quote for one base, nine significant digits: before the run, at the blocks with a swap (in groups of as
 * many each when there are too many), and after the run. Between two points it is that of the first.
 */
export type MarketPrices = { market: number; points: PricePoint[] }

/** The last price of a group of blocks, with the lowest and the highest that a swap in it left. */
export type PricePoint = {
  /** Number of the group's last block with a swap. */
  block: number
  price: number
  low: number
  high: number
}

/** Orders whose slippage is at least `from` and below `to`; without a `to`, at least `from`. */
export type SlippageBin = {
  from: number
  to: number | null
  orders: number
  /** Base at the batches' mid prices, in USD, nine significant digits. */
  volume: number
}

/** So many percent of the orders took no longer. */
export type LatencyPoint = { percentile: number; ms: number }

/**
 * At most 200 steps of equal length from the first intended time of sending to the last event; one item a step in each list. Over
 * several generators the steps are by their own clocks; latency is of one clock each.
 */
export type TimeSeries = {
  /** 1, 2 or 5 times a power of ten. */
  stepMs: number
  /** Orders and transfers taken by the node, by the time at which they were sent. */
  submitted: number[]
  /** Orders and transfers by the time at which their block was seen. */
  included: number[]
  /** Orders by the time at which the block that settled them was seen. */
  settled: number[]
  /** Settlement latency of the orders settled in the step, nearest rank, to the microsecond; null: none. */
  p50Ms: (number | null)[]
  p99Ms: (number | null)[]
}
