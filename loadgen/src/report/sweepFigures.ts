import { LoadgenError } from '../core/errors.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { SECTIONS } from './figures.js'
import type { Row } from './rows.js'

/** A figure of a mode that a sweep draws as a curve. */
export type SweepFigure = Row<ModeMetrics> & {
  /** Its place in a mode of report.json, and its name in sweep.json and sweep.csv. */
  key: string
}

/** Places of the figures, and the labels under which reports define them. */
const LABELS = {
  'netting.ratioVolume': 'netting ratio (volume)',
  'netting.optimum': 'optimum',
  poolTouches: 'pool touches',
  'slippageBps.mean': 'slippage mean (bps)',
  'gas.perOrder': 'gas / order',
  'gas.perOrderArcologyModel': 'gas / order, Arcology',
  'throughput.submittedPerSecond': 'submitted / s',
  'throughput.includedPerSecond': 'included / s',
  'throughput.settledPerSecond': 'settled / s',
  'latencyMs.inclusion.p50': 'inclusion p50 (ms)',
  'latencyMs.inclusion.p99': 'inclusion p99 (ms)',
  'latencyMs.settlement.p50': 'settlement p50 (ms)',
  'latencyMs.settlement.p99': 'settlement p99 (ms)',
  'orders.settled': 'settled',
  'orders.rejected': 'rejected',
  'orders.failed': 'failed',
  'orders.dropped': 'dropped',
  'orders.lost': 'lost',
} as const
export type SweepFigureKey = keyof typeof LABELS

/** The netting ratio: the figure that a replay is held against. */
export const RATIO: SweepFigureKey = 'netting.ratioVolume'

/** Every curve of a sweep, as reports define it. */
export const SWEEP_FIGURES: readonly SweepFigure[] = Object.entries(LABELS).map(([key, label]) => {
  const row = SECTIONS.flatMap(({ rows }) => rows).find((known) => known.label === label)
  if (row === undefined) throw new LoadgenError(`Reports define no figure "${label}".`)
  return { ...row, key }
})
