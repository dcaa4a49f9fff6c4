import type { ModeRecord } from '../core/types.js'
import type { LatencyMetrics } from './latency.js'
import { type Fill, planFills } from './prices.js'
import type { ModeSeries } from './series.js'
import { blockSeries } from './seriesBlocks.js'
import { latencySeries } from './seriesLatency.js'
import { priceSeries } from './seriesPrices.js'
import { slippageSeries } from './seriesSlippage.js'
import { timeSamples, timeSeries } from './seriesTime.js'
import type { TxTrace } from './trace.js'

/** The course of a mode's run, in the order of n log n. Pure. */
export function modeSeries(record: ModeRecord, options: modeSeries.Options): ModeSeries {
  const { traces, fills, latencyMs } = options
  return {
    blocks: blockSeries(record, { traces, fills }),
    prices: priceSeries(record),
    slippageBps: slippageSeries(planFills(fills, traces)),
    latencyMs: latencySeries(latencyMs),
    time: timeSeries([timeSamples(traces, record.blocks)]),
  }
}

export declare namespace modeSeries {
  type Options = {
    /** The record's transactions. */
    traces: readonly TxTrace[]
    /** The record's settled orders. */
    fills: readonly Fill[]
    /** The record's latency. */
    latencyMs: LatencyMetrics
  }
}
