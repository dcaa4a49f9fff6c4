import { type Command, Option } from 'commander'
import { EXIT } from '../core/errors.js'
import type { ChainSnapshot, Mode, ModeRecord } from '../core/types.js'
import { modeMetrics } from '../metrics/modeMetrics.js'
import {
  checkThresholds,
  parseThreshold,
  type Threshold,
  type ThresholdResult,
} from '../metrics/thresholds.js'

export type ThresholdOptions = { threshold: Threshold[] }

/** Bounds that decide the exit code. */
export function addThresholdOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--threshold <bound>',
      'bound on a figure of a mode in report.json, like "settlement.p99 < 2000" (ms) or "netting.touches <= 10"; repeatable. One that is missed makes the exit code 3',
    )
      .argParser((text, bounds: readonly Threshold[]) => [...bounds, parseThreshold(text)])
      .default([], 'none'),
  )
}

/**
 * Refuses a bound that no run in these modes could be held against, before the run has taken its time.
 * @throws UsageError for a mode that does not run, or a figure that no mode has.
 */
export function requireFigures(thresholds: readonly Threshold[], modes: readonly Mode[]): void {
  const figures = modes.map((mode) => [mode, modeMetrics({ ...NOTHING, mode })])
  checkThresholds(Object.fromEntries(figures), thresholds)
}

const HOUSE = '0x'
const STATE: ChainSnapshot = {
  ...{ blockNumber: 0, markets: [], positions: [] },
  ...{ balances: [], fund: 0n, vaultTokens: 0n },
}
/** A run in which nothing happened: it has the same figures as any other. */
const NOTHING: Omit<ModeRecord, 'mode'> = {
  plan: {
    ...{ scenario: '', seed: '', traders: 0, markets: 0, batches: 0, collateral: 0n },
    intents: [],
  },
  traders: [],
  deployment: {
    ...{ mode: 'netting', chainId: 0, house: HOUSE, vault: HOUSE, collateralToken: HOUSE },
    ...{ collateralDecimals: 0, registry: HOUSE, router: HOUSE, markets: [], deployedAtBlock: 0 },
  },
  before: STATE,
  after: STATE,
  ...{ signed: [], submitted: [], receipts: [], settlements: [], blocks: [], events: [] },
}

/** A line for each bound and mode, as the checks of `verify` are printed; nothing without bounds. */
export function renderThresholds(results: readonly ThresholdResult[]): string {
  return results
    .map(({ threshold, mode, actual, ok }) => {
      const measured = actual === null ? 'not measured' : String(actual)
      return `${ok ? 'ok  ' : 'FAIL'} ${mode}: ${threshold}: ${measured}\n`
    })
    .join('')
}

/** What a command exits with: a failed verification weighs more than a missed bound, since its figures mean nothing. */
export function exitCodeOf(outcome: exitCodeOf.Outcome): number {
  if (!outcome.isVerified) return EXIT.fault
  return outcome.thresholds.every(({ ok }) => ok) ? EXIT.ok : EXIT.threshold
}

export declare namespace exitCodeOf {
  type Outcome = { isVerified: boolean; thresholds: readonly Pick<ThresholdResult, 'ok'>[] }
}
