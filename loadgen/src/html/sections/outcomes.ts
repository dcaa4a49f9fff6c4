import type { Mode } from '../../core/types.js'
import type { ModeMetrics } from '../../metrics/modeMetrics.js'
import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import type { Bar } from '../bars.js'
import { barChart } from '../chart.js'
import { html } from '../escape.js'
import { fixed } from '../format.js'
import type { Section } from '../parts.js'
import { table } from '../table.js'

const ROWS = [
  ...['submitted', 'included', 'settled', 'rejected', 'failed', 'dropped', 'lost'],
  ...['transfers included', 'transfers failed', 'transfers lost'],
].map(rowOf)

const REJECTED = { name: 'rejected', color: 'var(--part-b)' }
const FAILED = { name: 'failed', color: 'var(--bad)', isHollow: true }

/** How orders ended, and why some were not filled. */
export function outcomesSection(report: RunReport): Section {
  const modes = modesOf(report)
  const bars = modes.flatMap(({ mode, metrics }) => barsOf(mode, metrics.orders))
  return {
    id: 'outcomes',
    title: 'How orders ended',
    body: html`${table({
      label: 'Orders and transfers by outcome',
      header: ['', ...modes.map(({ mode }) => mode), 'definition'],
      rows: ROWS.filter((row) => modes.some(({ metrics }) => row.value(metrics) !== null)).map(
        (row) => [row.label, ...modes.map(({ metrics }) => cell(row, metrics)), row.definition],
      ),
      numbers: modes.length,
    })}
${
  bars.length === 0
    ? html`<p class="note">No order was rejected and none failed.</p>`
    : barChart({
        title: 'Orders that were not filled, by reason',
        note: 'Aborted transactions lost a conflict; reverted ones ended by their own code; anything else is the node’s own sentence.',
        bars,
        x: { label: 'orders', format: fixed },
      })
}`,
  }
}

/** One for each reason, with both parts, so that both are explained. */
function barsOf(mode: Mode, { rejectedBy, failedBy }: ModeMetrics['orders']): Bar[] {
  const [rejected, failed] = [
    new Map(Object.entries(rejectedBy)),
    new Map(Object.entries(failedBy)),
  ]
  return [...new Set([...rejected.keys(), ...failed.keys()])].map((reason) => ({
    name: `${mode}: ${reason}`,
    parts: [
      { ...REJECTED, value: rejected.get(reason) ?? 0 },
      { ...FAILED, value: failed.get(reason) ?? 0 },
    ],
  }))
}
