import type { ChainEvent, Mode } from '../core/types.js'
import { abs, divide, groupBy, min, ratio, sum } from './numbers.js'
import { eventsOf } from './trace.js'

export type NettingMetrics = {
  /** Base that orders filled against each other ÷ base of all admitted orders: 2 Σ N ÷ Σ (L + S). 0 to 1; null without orders. */
  ratioVolume: number | null
  /** Settled orders that used no pool liquidity ÷ settled orders. 0 to 1; null without settled orders. */
  ratioOrders: number | null
  /** What could net at most: 1 − Σ |L − S| ÷ Σ (L + S). 0 to 1; null without orders. */
  optimum: number | null
  /** ratioVolume ÷ optimum; null when nothing could net. */
  efficiency: number | null
  /** What the ratios are made of; absent in reports of older versions. */
  sums?: NettingSums | undefined
}

/** Base amounts in WAD, as decimal digits. */
export type NettingSums = {
  /** What orders filled against each other, both sides: 2 Σ N. */
  netted: string
  /** Σ (L + S). */
  volume: string
  /** 2 Σ min(L, S). */
  nettable: string
  /** Settled orders, and those of them that used no pool liquidity. */
  settled: number
  unpooled: number
}

/**
 * How much netted. L and S are the admitted base of buyers and sellers of a batch (BatchCleared). What netted is added up from
 * the orders' own fills (OrderSettled), not from what the batch announced, so that a batch that promises more than its
 * orders got shows as an efficiency below 1. `direct` has no batches: nothing nets, and the optimum takes the settled
 * orders of one market and block for a batch.
 */
export function nettingMetrics(mode: Mode, events: readonly ChainEvent[]): NettingMetrics {
  const settled = eventsOf(events, 'OrderSettled')
  const batches = mode === 'direct' ? blocksAsBatches(events) : eventsOf(events, 'BatchCleared')
  const volume = sum(batches, ({ longs, shorts }) => longs + shorts)
  const netted = sum(settled, (order) => order.netted)
  const nettable = 2n * sum(batches, ({ longs, shorts }) => min(longs, shorts))
  const unpooled = settled.filter(({ pooled }) => pooled === 0n).length

  const ratioVolume = divide(netted, volume)
  const optimum = divide(nettable, volume)
  return {
    ratioVolume,
    ratioOrders: ratio(unpooled, settled.length),
    optimum,
    efficiency: ratio(ratioVolume, optimum),
    sums: {
      netted: String(netted),
      volume: String(volume),
      nettable: String(nettable),
      settled: settled.length,
      unpooled,
    },
  }
}

/**
 * The same for one of several generators, which knows the fills of its own traders and the batches of everybody: what is a
 * share of all volume is null there.
 */
export function shardNettingMetrics(mode: Mode, events: readonly ChainEvent[]): NettingMetrics {
  return {
    ...nettingMetrics(mode, events),
    ratioVolume: null,
    optimum: null,
    efficiency: null,
  }
}

function blocksAsBatches(events: readonly ChainEvent[]): { longs: bigint; shorts: bigint }[] {
  const groups = groupBy(
    eventsOf(events, 'OrderSettled'),
    ({ blockNumber, market }) => `${blockNumber}/${market}`,
  )
  return [...groups.values()].map((orders) => {
    const bought = sum(orders, ({ baseDelta }) => (baseDelta > 0n ? baseDelta : 0n))
    const traded = sum(orders, ({ baseDelta }) => abs(baseDelta))
    return { longs: bought, shorts: traded - bought }
  })
}
