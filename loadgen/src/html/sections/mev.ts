import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { barChart } from '../chart.js'
import { html } from '../escape.js'
import { amount, fixed } from '../format.js'
import { LOOKS } from '../looks.js'
import { badge, type Section } from '../parts.js'
import { table } from '../table.js'

const ROWS = ["attacker's profit (USDC)", "victims' extra cost (USDC)"].map(rowOf)

/** What an attack was worth; undefined where the workload has no attacker. */
export function mevSection(report: RunReport): Section | undefined {
  const modes = modesOf(report).flatMap(({ mode, metrics }) =>
    metrics.mev == null ? [] : [{ mode, metrics, mev: metrics.mev }],
  )
  const [first] = modes
  if (first === undefined) return undefined
  return {
    id: 'mev',
    title: 'MEV',
    body: html`<p>${amount(first.mev.attackers, 'account')} of an attacker bracket the orders of others: buy before them, sell after them. ${amount(first.mev.victims.orders, 'order')} of everybody else are the prey.</p>
${barChart({
  title: 'The attacker’s profit',
  note: 'Left of 0: the attack lost money.',
  bars: modes.map(({ mode, mev }) => ({
    name: mode,
    parts: [{ name: 'profit', color: LOOKS[mode].color, value: mev.attackerProfit }],
  })),
  x: { label: 'USDC', format: (value) => fixed(value, 2) },
})}
${table({
  label: 'MEV by mode',
  header: ['', ...modes.map(({ mode }) => mode), 'definition', 'kind'],
  rows: [
    ...ROWS.map((row) => [
      row.label,
      ...modes.map(({ metrics }) => cell(row, metrics)),
      row.definition,
      badge(row, report),
    ]),
    [
      'victims’ orders settled',
      ...modes.map(({ mev }) => `${fixed(mev.victims.settled)} of ${fixed(mev.victims.orders)}`),
      'orders of the others that were filled',
      '',
    ],
  ],
  numbers: modes.length,
})}`,
  }
}
