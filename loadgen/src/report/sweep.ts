import { MODES, type Mode } from '../core/types.js'
import type { ThresholdResult } from '../metrics/thresholds.js'
import type { CheckResult, Verification } from '../metrics/verify.js'
import type { Environment, RunReport } from './runReport.js'
import { RATIO, SWEEP_FIGURES } from './sweepFigures.js'

/** Version of sweep.json. */
export const SWEEP_VERSION = 1

export type SweepInfo = {
  id: string
  /** Commit of the code that ran; `unknown` outside a repository. */
  commit: string
  /** The command that repeats the sweep. */
  command: string
  /** The words of that command from which a resumed sweep takes its options. No secrets. */
  words: readonly string[]
  /** ISO 8601, UTC. */
  startedAt: string
}

/** An option that varies: its name in camel case, and its values as they stand on a command line. */
export type SweepVariable = { name: string; values: readonly string[] }

/** A point that is done: a run of its own. */
export type SweepPoint = {
  /** Value of each variable. */
  values: Readonly<Record<string, string>>
  /** Id of its run. */
  run: string
  environment: Environment
  /** Checks of the run that failed. */
  failedChecks: readonly string[]
  /**
   * A replay: the netting ratio that the trades themselves allow at this point, computed from their file alone; null for any other
   * workload.
   */
  expected: number | null
  /** Figures by mode, by their places in report.json. null where a run has none. */
  modes: Partial<Record<Mode, Record<string, number | null>>>
  /** What became of the bounds that were asked for. */
  thresholds: readonly ThresholdResult[]
}

/** Everything that a sweep says; the only input of what draws it. */
export type SweepReport = {
  schemaVersion: typeof SWEEP_VERSION
  sweep: SweepInfo
  modes: readonly Mode[]
  variables: readonly SweepVariable[]
  /** Number of points of the grid. */
  size: number
  /** Those that are done, in the order of the grid. */
  points: readonly SweepPoint[]
  verification: Verification
}

/** What a sweep keeps of the report of a point's run. */
export function toSweepPoint(report: RunReport, options: toSweepPoint.Options): SweepPoint {
  const modes: SweepPoint['modes'] = {}
  for (const mode of MODES) {
    const metrics = report.modes[mode]
    if (metrics !== undefined)
      modes[mode] = Object.fromEntries(SWEEP_FIGURES.map(({ key, value }) => [key, value(metrics)]))
  }
  return {
    ...options,
    run: report.run.id,
    environment: report.environment,
    failedChecks: report.verification.checks.flatMap(({ ok, name }) => (ok ? [] : [name])),
    modes,
  }
}

export declare namespace toSweepPoint {
  type Options = Pick<SweepPoint, 'values' | 'expected' | 'thresholds'>
}

/** Puts a sweep together from the points that are done. Pure. */
export function createSweepReport(options: createSweepReport.Options): SweepReport {
  const checks = checkPoints(options.points)
  return {
    schemaVersion: SWEEP_VERSION,
    ...options,
    verification: { ok: checks.every(({ ok }) => ok), checks },
  }
}

export declare namespace createSweepReport {
  type Options = Omit<SweepReport, 'schemaVersion' | 'verification'>
}

/** How far a measured netting ratio may be from that of the trades: orders' shares are cut to a wei, ratios after 12 decimals. */
const TOLERANCE = 1e-9

function checkPoints(points: readonly SweepPoint[]): CheckResult[] {
  const failed = points.filter(({ failedChecks }) => failedChecks.length > 0)
  const checks: CheckResult[] = [
    {
      name: 'every point is verified',
      ok: failed.length === 0,
      detail:
        failed.length === 0
          ? `${points.length} runs`
          : failed.map((point) => `${nameOf(point)}: ${point.failedChecks.join(', ')}`).join('; '),
    },
  ]
  const compared = points.flatMap((point) => {
    const { expected } = point
    if (expected === null) return []
    // `direct` nets nothing, whatever the trades allow.
    return Object.entries(point.modes)
      .filter(([mode]) => mode !== 'direct')
      .map(([mode, figures]) => ({ point, mode, expected, actual: figures[RATIO] ?? null }))
  })
  if (compared.length === 0) return checks
  const wrong = compared.filter(
    ({ expected, actual }) => actual === null || Math.abs(actual - expected) > TOLERANCE,
  )
  checks.push({
    name: 'every netting ratio is the one that the trades alone give',
    ok: wrong.length === 0,
    detail:
      wrong.length === 0
        ? `${compared.length} ratios, to ${TOLERANCE}`
        : wrong
            .map(
              ({ point, mode, expected, actual }) =>
                `${nameOf(point)}, ${mode}: ${actual} instead of ${expected}`,
            )
            .join('; '),
  })
  return checks
}

/** A point by its values: `orders=100 longShare=0.5`. */
export function nameOf({ values }: Pick<SweepPoint, 'values'>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')
}
