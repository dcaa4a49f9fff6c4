import { MODES } from '../core/types.js'
import type { Comparison, RunComparison } from '../metrics/compare.js'
import type { ConflictMetrics, ConflictPair } from '../metrics/conflicts.js'
import type { GasMetrics } from '../metrics/gas.js'
import type { Latency, LatencyHistograms, LatencyMetrics } from '../metrics/latency.js'
import type { MevMetrics } from '../metrics/mev.js'
import type { ModeMetrics, OrderCounts, TransferCounts } from '../metrics/modeMetrics.js'
import type { NettingMetrics, NettingSums } from '../metrics/netting.js'
import { type ParallelMetrics, THREADS } from '../metrics/parallel.js'
import type { SlippageMetrics } from '../metrics/prices.js'
import type { ThresholdResult } from '../metrics/thresholds.js'
import type { ThroughputMetrics } from '../metrics/throughput.js'
import type { CheckResult, Verification } from '../metrics/verify.js'
import { GAS_MODEL } from './gasModelShape.js'
import { RISK } from './riskShape.js'
import type { Environment, RunInfo, RunReport, Workload } from './runReport.js'
import { SENDING } from './sendingShape.js'
import { SERIES } from './seriesShape.js'
import {
  boolean,
  dictionary,
  integer,
  list,
  nullable,
  number,
  object,
  oneOf,
  optional,
  text,
} from './shape.js'

/** Version of report.json that this code writes and reads. */
export const SCHEMA_VERSION = 1

const figure = nullable(number)

const transfers = {
  signed: integer,
  submitted: integer,
  included: integer,
  failed: integer,
  dropped: optional(integer),
  unsent: optional(integer),
  lost: integer,
}

const latency = object<Latency>({
  p50: figure,
  p90: figure,
  p99: figure,
  p999: figure,
  max: figure,
})

const conflicts = object<ConflictMetrics>({
  aborted: integer,
  pairs: list(
    object<ConflictPair>({
      winner: text,
      loser: text,
      aborted: integer,
      blocks: integer,
      owner: text,
      ownerName: text,
      space: text,
      key: text,
      winnerKind: text,
      loserKind: text,
    }),
  ),
})

const parallel = object<ParallelMetrics>({
  generations: integer,
  generationsPerBlock: figure,
  largestGeneration: integer,
  criticalPathGas: integer,
  totalGas: integer,
  modelledSpeedup: object<ParallelMetrics['modelledSpeedup']>(
    Object.fromEntries(THREADS.map((threads) => [threads, number])) as Record<
      (typeof THREADS)[number],
      typeof number
    >,
  ),
})

const mode = object<ModeMetrics>({
  orders: object<OrderCounts>({
    ...transfers,
    settled: integer,
    rejected: integer,
    unended: integer,
    rejectedBy: dictionary(integer),
    failedBy: dictionary(integer),
  }),
  transfers: object<TransferCounts>(transfers),
  netting: object<NettingMetrics>({
    ratioVolume: figure,
    ratioOrders: figure,
    optimum: figure,
    efficiency: figure,
    sums: optional(
      object<NettingSums>({
        netted: text,
        volume: text,
        nettable: text,
        settled: integer,
        unpooled: integer,
      }),
    ),
  }),
  poolTouches: integer,
  conflicts: optional(nullable(conflicts)),
  parallel: optional(nullable(parallel)),
  sending: optional(nullable(SENDING)),
  throughput: object<ThroughputMetrics>({
    submittedPerSecond: figure,
    includedPerSecond: figure,
    settledPerSecond: figure,
  }),
  latencyMs: object<LatencyMetrics>({
    inclusion: latency,
    settlement: latency,
    histograms: optional(
      object<LatencyHistograms>({ inclusion: nullable(text), settlement: nullable(text) }),
    ),
  }),
  gas: object<GasMetrics>({
    total: integer,
    perOrder: figure,
    queueing: integer,
    settlement: integer,
    transfers: integer,
    perOrderArcologyModel: optional(figure),
    arcologyModel: optional(nullable(GAS_MODEL)),
  }),
  slippageBps: object<SlippageMetrics>({ mean: figure, p50: figure, p99: figure }),
  mev: optional(
    nullable(
      object<MevMetrics>({
        attackers: integer,
        attackerProfit: number,
        victims: object<MevMetrics['victims']>({
          orders: integer,
          settled: integer,
          extraCost: number,
          extraCostBps: figure,
        }),
      }),
    ),
  ),
  risk: optional(nullable(RISK)),
  priceImpactBps: number,
  priceImpactBpsByMarket: list(number),
  series: optional(nullable(SERIES)),
})

const comparison = {
  poolTouchReduction: figure,
  gasPerOrderRatio: figure,
  slippageRatio: figure,
  throughputRatio: figure,
}

export const ENVIRONMENT = object<Environment>({
  node: text,
  platform: text,
  cpus: integer,
  memoryBytes: integer,
  client: text,
  chainId: integer,
  emulated: boolean,
})

/** What a report.json of {@link SCHEMA_VERSION} must look like. */
export const RUN_REPORT = object<RunReport>({
  schemaVersion: oneOf([SCHEMA_VERSION]),
  run: object<RunInfo>({
    id: text,
    seed: text,
    commit: text,
    command: text,
    startedAt: text,
    durationMs: number,
  }),
  environment: ENVIRONMENT,
  workload: object<Workload>({
    scenario: text,
    traders: integer,
    orders: integer,
    markets: integer,
    batches: integer,
    transfers: integer,
  }),
  modes: object<RunReport['modes']>(
    Object.fromEntries(MODES.map((name) => [name, optional(mode)])) as Record<
      (typeof MODES)[number],
      ReturnType<typeof optional>
    >,
  ),
  comparison: object<RunComparison>({
    ...comparison,
    keeper: optional(object<Comparison>(comparison)),
  }),
  verification: object<Verification>({
    ok: boolean,
    checks: list(object<CheckResult>({ name: text, ok: boolean, detail: text })),
  }),
  thresholds: optional(
    list(
      object<ThresholdResult>({ threshold: text, mode: oneOf(MODES), actual: figure, ok: boolean }),
    ),
  ),
})
