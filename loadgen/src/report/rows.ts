import { MODES, type Mode } from '../core/types.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import type { RiskMetrics } from '../metrics/risk.js'
import type { SendingMetrics } from '../metrics/sending.js'
import type { RunReport } from './runReport.js'

/** One figure, as tables show it. */
export type Row<T> = {
  label: string
  definition: string
  /**
   * What the figure depends on: `chain` facts are the same on any node, `gas` and `time` are those of the node that ran, `model`
   * was computed from measured figures by assumptions that the definition names.
   */
  source: 'chain' | 'gas' | 'time' | 'model'
  value(of: T): number | null
  format(value: number): string
}

/** The modes that a report has, in their usual order. */
export function modesOf(report: RunReport): { mode: Mode; metrics: ModeMetrics }[] {
  return MODES.flatMap((mode) => {
    const metrics = report.modes[mode]
    return metrics === undefined ? [] : [{ mode, metrics }]
  })
}

/** A row's figure as text; a dash when it is not defined. */
export function cell<T>(row: Row<T>, of: T): string {
  const value = row.value(of)
  return value === null ? '–' : row.format(value)
}

/** How a figure was got: measured or modelled. The gas and the times of the embedded node are not Arcology's. */
export function provenance<T>(
  { source }: Row<T>,
  { environment }: Pick<RunReport, 'environment'>,
): string {
  if (source === 'model') return '**modelled**'
  if (source === 'chain' || !environment.emulated) return 'measured'
  return source === 'gas' ? 'measured, emulated gas' : 'measured, emulated node'
}

/** The workload in one line. */
export function workloadText(workload: RunReport['workload']): string {
  const { scenario, traders, orders, transfers, markets, batches } = workload
  const amount = (value: number, noun: string, plural = `${noun}s`) =>
    `${value.toLocaleString('en-US')} ${value === 1 ? noun : plural}`
  return (
    `${scenario}: ${amount(traders, 'trader')}, ${amount(orders, 'order')} and ${amount(transfers, 'transfer')} ` +
    `a mode, ${amount(markets, 'market')}, ${amount(batches, 'batch', 'batches')}`
  )
}

/** How a mode was sent, where it says more than the default does: batch by batch, all of it measured. */
export function sendingOf({ sending }: ModeMetrics): SendingMetrics | undefined {
  if (sending === undefined || sending === null) return undefined
  const { executor, phases } = sending
  const isWarm = phases !== null && phases.measureMs > phases.startMs
  return executor === 'per-block' && !isWarm ? undefined : sending
}

/** Liquidations, funding and bad debt of a mode, where there was any of it. */
export function riskOf({ risk }: ModeMetrics): RiskMetrics | undefined {
  if (risk === undefined || risk === null) return undefined
  return risk.blocks.length === 0 && risk.insuranceFund === 0 ? undefined : risk
}

/** How the modes of a report were sent, in one line; undefined for the default. */
export function sendingText(report: RunReport): string | undefined {
  const [first] = modesOf(report)
  const sending = first === undefined ? undefined : sendingOf(first.metrics)
  if (sending === undefined) return undefined
  const { executor, perSecond, ramp } = sending
  const steps = (ramp?.steps ?? []).map((step) => step.perSecond.toLocaleString('en-US'))
  const how = {
    'per-block': 'batch by batch',
    closed: 'closed loop: the next request when one is answered',
    rate: `constant rate: ${perSecond?.toLocaleString('en-US')} transactions a second`,
    ramp: `ramp: ${steps.length === 0 ? 'no step held to its end' : `${steps.join(', ')} transactions a second`}`,
  }
  return how[executor]
}

/** How a ramp ended, in words; undefined for a mode without one. */
export function rampText({ sending }: ModeMetrics): string | undefined {
  const ramp = sending?.ramp
  if (ramp === undefined || ramp === null) return undefined
  const { breaking, lastGoodPerSecond, steps } = ramp
  if (breaking !== undefined)
    return `broke at ${breaking.perSecond.toLocaleString('en-US')} a second: ${breaking.reason}`
  return steps.length === 0
    ? 'no rate was held to its end: the transactions ran out'
    : `no limit was broken up to ${lastGoodPerSecond?.toLocaleString('en-US')} a second: the ramp, or the workload, was too short`
}
