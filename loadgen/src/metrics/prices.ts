import type { EventOf, ModeRecord } from '../core/types.js'
import { matchBatches } from './batches.js'
import { abs, divide, percentile, sum } from './numbers.js'
import { eventsOf, inChainOrder, type OrderEnd, type TxTrace } from './trace.js'

const WAD = 10n ** 18n
const BPS = 10_000

export type SlippageMetrics = {
  /** Weighted by base volume. null without a fill whose mid price is known. */
  mean: number | null
  /** By orders, nearest rank. */
  p50: number | null
  p99: number | null
}

/** A settled order in its batch. */
export type Fill = {
  order: EventOf<'OrderSettled'>
  /** The pool's price when the batch started, WAD. */
  mid: bigint
  /** The block that announced the batch; in direct, that of the fill. */
  block: number
}

/**
 * Every settled order whose mid price is known. It is the pool's price when the order's batch started: netting and keeper read it
 * from the order's BatchCleared; direct takes the price at which the order's block started, from the Swap events before it.
 */
export function fillsOf(record: ModeRecord): Fill[] {
  if (record.mode === 'direct') return blockFills(record)
  const batches = matchBatches(record.events)
  return eventsOf(record.events, 'OrderSettled').flatMap((order) => {
    const batch = batches.get(order)
    return batch === undefined ? [] : [{ order, mid: batch.midPrice, block: batch.blockNumber }]
  })
}

/** Those of the plan's own orders, by its traces: neither liquidations nor what is traded beside the workload. */
export function planFills(fills: readonly Fill[], traces: readonly TxTrace[]): Fill[] {
  const ends = new Set<OrderEnd | undefined>(traces.map(({ end }) => end))
  return fills.filter(({ order }) => ends.has(order))
}

/** Slippage over fills, pool fees included: see {@link slippageBpsOf}. */
export function slippageMetrics(fills: readonly Fill[]): SlippageMetrics {
  const paid = fills.flatMap(({ order, mid }) => {
    const bps = slippageBpsOf(order, mid)
    return bps === null ? [] : [{ volume: abs(order.baseDelta), bps }]
  })
  const volume = Number(sum(paid, (fill) => fill.volume))
  const weighted = paid.reduce((total, fill) => total + fill.bps * Number(fill.volume), 0)
  const values = paid.map(({ bps }) => bps)
  return {
    mean: paid.length === 0 ? null : weighted / volume,
    p50: percentile(values, 50),
    p99: percentile(values, 99),
  }
}

/** |average fill price − mid| ÷ mid, in basis points (1e-4), `mid` in WAD; null for no base or no price. */
export function slippageBpsOf(
  { baseDelta, quoteDelta }: Pick<EventOf<'OrderSettled'>, 'baseDelta' | 'quoteDelta'>,
  mid: bigint,
): number | null {
  const atMid = mid * abs(baseDelta)
  const share = divide(abs(abs(quoteDelta) * WAD - atMid), atMid)
  return share === null ? null : share * BPS
}

/**
 * How far the run moved each market's pool: price after ÷ price before − 1, in basis points, signed. From the pools' square
 * roots in the two snapshots.
 */
export function priceImpactBps(record: Pick<ModeRecord, 'before' | 'after'>): number[] {
  return record.before.markets.map(({ sqrtPriceX96 }, market) => {
    const before = sqrtPriceX96 ** 2n
    const after = (record.after.markets[market]?.sqrtPriceX96 ?? sqrtPriceX96) ** 2n
    return (divide(after - before, before) ?? 0) * BPS
  })
}

/** Price of a pool whose token0 is the base, both tokens with 18 decimals: (sqrtPriceX96 ÷ 2^96)², WAD, rounded down. */
export function toPrice(sqrtPriceX96: bigint): bigint {
  return (sqrtPriceX96 ** 2n * WAD) >> 192n
}

function blockFills(record: ModeRecord): Fill[] {
  const fills: Fill[] = []
  const now = record.before.markets.map(({ sqrtPriceX96 }) => sqrtPriceX96)
  let atStart = now.map(toPrice)
  let block = record.before.blockNumber
  for (const event of inChainOrder(record.events)) {
    if (event.blockNumber !== block) {
      block = event.blockNumber
      atStart = now.map(toPrice)
    }
    if (event.type === 'Swap') now[event.market] = event.sqrtPriceX96
    if (event.type === 'OrderSettled')
      fills.push({ order: event, mid: atStart[event.market] ?? 0n, block })
  }
  return fills
}
