import type { GasModel } from '../../core/gasModel.js'
import type { GasMetrics } from '../../metrics/gas.js'
import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import type { Bar } from '../bars.js'
import { barChart } from '../chart.js'
import { type Html, html } from '../escape.js'
import { fixed } from '../format.js'
import { badge, MODELLED, type Section } from '../parts.js'
import { table } from '../table.js'

const PER_ORDER = rowOf('gas / order')
const LABELS = ['gas / order', 'gas total', 'gas, queueing', 'gas, settlement', 'gas, transfers']
const PARTS = {
  queueing: 'var(--part-a)',
  settlement: 'var(--part-b)',
  pool: 'var(--part-c)',
} as const

/** What an order costs, and what for. */
export function gasSection(report: RunReport): Section | undefined {
  const modes = modesOf(report).filter(({ metrics }) => metrics.gas.perOrder !== null)
  if (modes.length === 0) return undefined
  const models = modes.flatMap(({ mode, metrics }) => {
    const { arcologyModel } = metrics.gas
    return arcologyModel == null || arcologyModel.settledOrders === 0
      ? []
      : [{ mode, model: arcologyModel }]
  })
  const rows = LABELS.map(rowOf)
  return {
    id: 'gas',
    title: 'Gas per order',
    body: html`<p>All gas of order transactions and settlements ÷ settled orders, so that orders that fail or are aborted make the others dearer.</p>
${barChart({
  title: 'By the node’s receipts',
  note: badge(PER_ORDER, report),
  bars: modes.map(({ mode, metrics }) => ({
    name: mode,
    parts: measuredParts(metrics.gas, metrics.orders.settled),
  })),
  x: { label: 'gas for a settled order' },
})}
${
  models.length > 0 &&
  html`${barChart({
    title: 'By Arcology’s own gas schedule',
    note: html`${MODELLED} From traces of samples; docs/arcology-gas.md says how.`,
    bars: models.map(({ mode, model }) => ({ name: mode, parts: modelledParts(model) })),
    x: { label: 'gas for a settled order' },
  })}
<details><summary>What the model consists of</summary>${models.map(({ mode, model }) => kinds(mode, model))}</details>`
}
${table({
  label: 'Gas by mode',
  header: ['gas', ...modes.map(({ mode }) => mode), 'definition'],
  rows: rows.map((row) => [
    row.label,
    ...modes.map(({ metrics }) => cell(row, metrics)),
    row.definition,
  ]),
  numbers: modes.length,
})}`,
  }
}

/** Queueing and settlement add up to all gas; the pool's swaps are part of settlement and known only where there are traces. */
function measuredParts(gas: GasMetrics, settled: number): Bar['parts'] {
  return [
    { name: 'queueing', color: PARTS.queueing, value: gas.queueing / settled },
    { name: 'settlement', color: PARTS.settlement, value: gas.settlement / settled },
  ]
}

/** The pool's share is inside settlements, and in the baseline inside the orders themselves: there settlement is all else of an order. */
function modelledParts(model: GasModel): Bar['parts'] {
  const { queueGas, settlementGas, swapGas, settledOrders } = model
  const pool = model.poolGas
  return [
    { name: 'queueing', color: PARTS.queueing, value: queueGas },
    {
      name: pool === undefined && swapGas > 0 ? 'order with its swap' : 'settlement',
      color: PARTS.settlement,
      value: settlementGas + swapGas - (pool ?? 0),
    },
    { name: 'pool', color: PARTS.pool, value: pool ?? 0 },
  ]
    .filter(({ value }) => value > 0)
    .map((part) => ({ ...part, value: part.value / settledOrders }))
}

function kinds(mode: string, model: GasModel): Html {
  return table({
    label: `Gas model of ${mode}`,
    header: [mode, 'outcome', 'transactions', 'traced', 'orders', 'mean gas', 'all gas'],
    rows: model.kinds.map((kind) => [
      `${kind.call} (${kind.role})`,
      kind.status,
      ...[kind.transactions, kind.sampled, kind.orders, kind.meanGas, kind.totalGas].map((value) =>
        value === null ? '–' : fixed(value),
      ),
    ]),
    numbersFrom: 2,
  })
}
