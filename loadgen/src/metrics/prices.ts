import type { ChainEvent, EventOf, ModeRecord } from '../core/types.js'
import { matchBatches } from './batches.js'
import { abs, divide, percentile, sum } from './numbers.js'
import { eventsOf, inChainOrder } from './trace.js'

const WAD = 10n ** 18n
const BPS = 10_000

export type SlippageMetrics = {
  /** Weighted by base volume. null without a fill whose mid price is known. */
  mean: number | null
  /** By orders, nearest rank. */
  p50: number | null
  p99: number | null
}

/**
 * Slippage of every fill: |average fill price − mid| ÷ mid, in basis points (1e-4), pool fees included, against the
 * {@link midPrices | mid price} of its batch.
 */
export function slippageMetrics(record: ModeRecord): SlippageMetrics {
  const midOf = midPrices(record)
  const fills = eventsOf(record.events, 'OrderSettled').flatMap((order) => {
    const mid = midOf(order)
    const volume = abs(order.baseDelta)
    if (mid === undefined || volume === 0n) return []
    const atMid = mid * volume
    const share = divide(abs(abs(order.quoteDelta) * WAD - atMid), atMid)
    return share === null ? [] : [{ volume, bps: share * BPS }]
  })
  const volume = Number(sum(fills, (fill) => fill.volume))
  const weighted = fills.reduce((total, fill) => total + fill.bps * Number(fill.volume), 0)
  const values = fills.map(({ bps }) => bps)
  return {
    mean: fills.length === 0 ? null : weighted / volume,
    p50: percentile(values, 50),
    p99: percentile(values, 99),
  }
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

/** The price that a fill is held against, WAD; undefined where it is not known. */
export type MidOf = (order: EventOf<'OrderSettled'>) => bigint | undefined

/**
 * The mid price of a fill is the pool's when its batch started: netting and keeper read it from the order's BatchCleared; direct
 * takes the price at which the order's block started, from the Swap events before it.
 */
export function midPrices(record: ModeRecord): MidOf {
  return record.mode === 'direct' ? blockStartMids(record) : batchMids(record.events)
}

function batchMids(events: readonly ChainEvent[]): MidOf {
  const batches = matchBatches(events)
  return (order) => batches.get(order)?.midPrice
}

function blockStartMids(record: ModeRecord): MidOf {
  const mids = new Map<EventOf<'OrderSettled'>, bigint>()
  const now = record.before.markets.map(({ sqrtPriceX96 }) => sqrtPriceX96)
  let atStart = [...now]
  let block = record.before.blockNumber
  for (const event of inChainOrder(record.events)) {
    if (event.blockNumber !== block) {
      block = event.blockNumber
      atStart = [...now]
    }
    if (event.type === 'Swap') now[event.market] = event.sqrtPriceX96
    if (event.type === 'OrderSettled') mids.set(event, toPrice(atStart[event.market] ?? 0n))
  }
  return (order) => mids.get(order)
}
