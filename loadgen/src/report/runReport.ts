import { UsageError } from '../core/errors.js'
import type { Mode, ModeRecord } from '../core/types.js'
import { compareModes, type RunComparison } from '../metrics/compare.js'
import { type ModeMetrics, modeMetrics } from '../metrics/modeMetrics.js'
import { checkThresholds, type Threshold, type ThresholdResult } from '../metrics/thresholds.js'
import { isOrderIntent } from '../metrics/trace.js'
import { type Verification, verifyRecord } from '../metrics/verify.js'
import { parseVersioned } from './parseVersioned.js'
import { RUN_REPORT, SCHEMA_VERSION } from './runReportShape.js'

export type RunInfo = {
  id: string
  seed: string
  /** Commit of the code that ran; `unknown` outside a repository. */
  commit: string
  /** The command that repeats the run. */
  command: string
  /** ISO 8601, UTC. */
  startedAt: string
  durationMs: number
}

/** Where a run took place. */
export type Environment = {
  /** Version of Node.js. */
  node: string
  /** Operating system and processor. */
  platform: string
  cpus: number
  memoryBytes: number
  /** web3_clientVersion of the node. */
  client: string
  chainId: number
  /** True for the embedded node, which emulates Arcology's precompiles and blocks. */
  emulated: boolean
}

export type Workload = {
  scenario: string
  traders: number
  /** Opens and closes, each mode the same. */
  orders: number
  markets: number
  batches: number
  /** Deposits and withdrawals. */
  transfers: number
}

/** Everything that a report says; the only input of what draws it. */
export type RunReport = {
  schemaVersion: typeof SCHEMA_VERSION
  run: RunInfo
  environment: Environment
  workload: Workload
  modes: Partial<Record<Mode, ModeMetrics>>
  comparison: RunComparison
  /** Checks of all modes; names start with the mode. */
  verification: Verification
  /** What became of the bounds that were asked for; absent where none were. */
  thresholds?: readonly ThresholdResult[] | undefined
}

/**
 * Computes the report of a run from what its modes left behind. Pure.
 * @throws UsageError without a record, with two of one mode, or for a threshold that cannot be held against it.
 */
export function createRunReport(options: createRunReport.Options): RunReport {
  const { run, environment, records, thresholds = [] } = options
  const [first] = records
  if (first === undefined) throw new UsageError('A report needs the record of at least one mode.')
  const modes: RunReport['modes'] = {}
  for (const record of records) {
    if (modes[record.mode] !== undefined)
      throw new UsageError(`A report takes one record of each mode; ${record.mode} has two.`)
    modes[record.mode] = modeMetrics(record)
  }
  const checks = records.flatMap((record) =>
    verifyRecord(record).checks.map((check) => ({
      ...check,
      name: `${record.mode}: ${check.name}`,
    })),
  )
  const { plan } = first
  const orders = plan.intents.filter(isOrderIntent).length
  return {
    schemaVersion: SCHEMA_VERSION,
    run,
    environment,
    workload: {
      scenario: plan.scenario,
      traders: plan.traders,
      orders,
      markets: plan.markets,
      batches: plan.batches,
      transfers: plan.intents.length - orders,
    },
    modes,
    comparison: compareModes(modes),
    verification: { ok: checks.every(({ ok }) => ok), checks },
    ...(thresholds.length > 0 && { thresholds: checkThresholds(modes, thresholds) }),
  }
}

export declare namespace createRunReport {
  type Options = {
    run: RunInfo
    environment: Environment
    /** One a mode, all of the same plan. */
    records: readonly ModeRecord[]
    /** Bounds that its figures are held against. Default: none. */
    thresholds?: readonly Threshold[] | undefined
  }
}

/**
 * Reads a report.
 * @param json Content of a report.json.
 * @param where Its path, for messages.
 * @throws UsageError for what is no report, a broken one, or one of a newer version.
 */
export function parseRunReport(json: string, where: string): RunReport {
  return parseVersioned(json, {
    ...{ where, what: 'report', version: SCHEMA_VERSION, shape: RUN_REPORT },
  }) as RunReport
}
