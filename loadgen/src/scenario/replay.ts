import { UsageError } from '../core/errors.js'
import type { Intent } from '../core/types.js'
import { MAX_LEVERAGE } from './accountBook.js'
import { max, min } from './bigints.js'
import type { Trade } from './csv.js'
import { checkAmount, checkInteger, MAX_ORDER_SIZE } from './options.js'
import type { PlanHead, PlanSource } from './source.js'

const WAD = 10n ** 18n
const MAX_INTERVAL_MS = 86_400_000

/**
 * Groups trades by a batch interval: those of `floor(time / interval)` belong together, empty batches are left out. Batches
 * come in order of time, trades of a batch in order of the file.
 * @param intervalMs Milliseconds, an integer from 1 to 86,400,000 (a day).
 * @throws UsageError for another interval.
 */
export function toBatches(trades: readonly Trade[], intervalMs: number): Trade[][] {
  checkInteger('The batch interval (ms)', intervalMs, 1, MAX_INTERVAL_MS)
  const width = intervalMs * 1_000
  const batches = new Map<number, Trade[]>()
  for (const trade of trades) {
    const start = trade.timeUs - (trade.timeUs % width)
    const batch = batches.get(start)
    if (batch === undefined) batches.set(start, [trade])
    else batch.push(trade)
  }
  return [...batches].sort(([a], [b]) => a - b).map(([, batch]) => batch)
}

/**
 * The share of base volume that nets when trades are cleared in batches: 2 Σ min(bought, sold) ÷ Σ total, both sums over the
 * batches, bought and sold by takers. Computed from the trades alone, to 12 decimals: what the netting ratio of a replay
 * must equal.
 * @throws UsageError for an interval out of range.
 */
export function nettableShare(trades: readonly Trade[], intervalMs: number): number {
  let netted = 0n
  let total = 0n
  for (const batch of toBatches(trades, intervalMs)) {
    let [bought, sold] = [0n, 0n]
    for (const { isBuy, qty } of batch) {
      if (isBuy) bought += qty
      else sold += qty
    }
    netted += 2n * min(bought, sold)
    total += bought + sold
  }
  return total === 0n ? 0 : Number((netted * 10n ** 12n) / total) / 1e12
}

/**
 * Plans a replay: every trade is one open of one trader, in the direction of its taker, in market 0, without a limit. Traders
 * take turns, so a trader's position is what its trades add up to (an open against it reduces it). A batch interval becomes a
 * block.
 *
 * Collateral is the same for all: half (1 ÷ MAX_LEVERAGE) of what the busiest trader trades in total, at the highest price
 * of the trades, rounded up to a whole token. So exposure never exceeds twice the collateral, even were all trades of a
 * trader on one side, and no order lacks margin.
 * @throws UsageError for an option out of its range, no trades, or a size that the scale makes 0 or too large.
 */
export function openReplay(options: openReplay.Options): openReplay.ReturnType {
  const { traders, sizeScale = WAD } = options
  const decimals = options.collateralDecimals ?? 6
  checkInteger('traders', traders, 1, 1_000_000)
  checkInteger('collateralDecimals', decimals, 0, 18)
  checkAmount('sizeScale (WAD)', sizeScale, 1n, 10n ** 9n * WAD)
  if (options.limit !== undefined) checkInteger('limit', options.limit, 1, Number.MAX_SAFE_INTEGER)

  const trades = options.trades.slice(0, options.limit)
  const [first] = trades
  if (first === undefined) throw new UsageError('A replay needs at least one trade.')

  const batches = toBatches(trades, options.intervalMs)
  const traded = new Array<bigint>(traders).fill(0n)
  let highest = 0n
  let index = 0
  for (const { line, qty, price } of batches.flat()) {
    const size = (qty * sizeScale) / WAD
    checkAmount(`The scaled size (WAD) of the trade in line ${line}`, size, 1n, MAX_ORDER_SIZE)
    const trader = index++ % traders
    traded[trader] = (traded[trader] as bigint) + size
    highest = max(highest, price)
  }

  function* intents(): Generator<Intent> {
    let index = 0
    for (const [batch, members] of batches.entries())
      for (const { qty, isBuy } of members) {
        const size = (qty * sizeScale) / WAD
        const open = { action: 'open', market: 0, isLong: isBuy, size, limitPrice: 0n } as const
        yield { index, batch, trader: index % traders, ...open }
        index++
      }
  }

  const busiest = traded.reduce(max)
  const tokens = (busiest * highest) / MAX_LEVERAGE / WAD / WAD + 1n
  const head: PlanHead = {
    scenario: options.scenario ?? 'replay',
    seed: options.seed,
    traders,
    markets: 1,
    batches: batches.length,
    collateral: tokens * 10n ** BigInt(decimals),
  }
  return { source: { head, intents }, initialPrice: first.price }
}

export declare namespace openReplay {
  type Options = {
    /** Name of the plan. Default replay. */
    scenario?: string | undefined
    trades: readonly Trade[]
    /** Names the accounts; the orders themselves are the file's. */
    seed: string
    /** Accounts that take turns, 1 to 1,000,000. */
    traders: number
    /** Batch interval in milliseconds, 1 to 86,400,000. */
    intervalMs: number
    /** Only the first so many trades. Default all. */
    limit?: number | undefined
    /** What sizes are multiplied by, WAD, up to 1e9: real flow on a smaller pool. Default 1. Rounded down. */
    sizeScale?: bigint | undefined
    /** Decimals of the collateral token, 0 to 18. Default 6. */
    collateralDecimals?: number | undefined
  }
  type ReturnType = {
    source: PlanSource
    /** Price of the first trade, WAD: where the pool should start. */
    initialPrice: bigint
  }
}
