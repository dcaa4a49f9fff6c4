import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { barChart } from '../chart.js'
import { html } from '../escape.js'
import { fixed } from '../format.js'
import { LOOKS } from '../looks.js'
import type { Section } from '../parts.js'
import { table } from '../table.js'

const ROWS = [
  ...['submitted', 'included', 'settled', 'rejected', 'failed', 'dropped', 'lost'],
  ...['transfers included', 'transfers failed', 'transfers lost'],
].map(rowOf)

/** How orders ended, and why some were not filled. */
export function outcomesSection(report: RunReport): Section {
  const modes = modesOf(report)
  const bars = modes.flatMap(({ mode, metrics: { orders } }) =>
    [
      ...Object.entries(orders.rejectedBy).map(([reason, value]) => ({
        how: 'rejected',
        reason,
        value,
      })),
      ...Object.entries(orders.failedBy).map(([reason, value]) => ({
        how: 'failed',
        reason,
        value,
      })),
    ].map(({ how, reason, value }) => ({
      name: `${mode}: ${shorten(reason)}`,
      parts: [{ name: `${mode}, ${how}`, color: LOOKS[mode].color, value }],
      full: `${mode}, ${how}: ${fixed(value)} × ${reason}`,
    })),
  )
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

/** A node's sentence can be long; the whole of it is in the data table of report.md. */
function shorten(reason: string): string {
  return reason.length > 28 ? `${reason.slice(0, 27)}…` : reason
}
