import type {
  BlockPoint,
  LatencyPoint,
  MarketPrices,
  ModeSeries,
  PricePoint,
  SlippageBin,
  TimeSeries,
} from '../metrics/series.js'
import { integer, list, nullable, number, object } from './shape.js'

const figure = nullable(number)
const percentiles = nullable(list(object<LatencyPoint>({ percentile: number, ms: number })))

/** The course of a mode's run, as reports hold it. */
export const SERIES = object<ModeSeries>({
  blocks: list(
    object<BlockPoint>({
      block: integer,
      blocks: integer,
      transactions: integer,
      orders: integer,
      settled: integer,
      rejected: integer,
      failed: integer,
      aborted: nullable(integer),
      volume: number,
      netted: number,
      nettable: number,
      poolTouches: integer,
      generations: nullable(integer),
      gas: integer,
    }),
  ),
  prices: list(
    object<MarketPrices>({
      market: integer,
      points: list(
        object<PricePoint>({ block: integer, price: number, low: number, high: number }),
      ),
    }),
  ),
  slippageBps: list(
    object<SlippageBin>({ from: number, to: figure, orders: integer, volume: number }),
  ),
  latencyMs: object<ModeSeries['latencyMs']>({ inclusion: percentiles, settlement: percentiles }),
  time: object<TimeSeries>({
    stepMs: number,
    submitted: list(integer),
    included: list(integer),
    settled: list(integer),
    p50Ms: list(figure),
    p99Ms: list(figure),
  }),
})
