import type { SlippageBin } from '../../metrics/series.js'
import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { beside, chart, type Span } from '../chart.js'
import { type Html, html } from '../escape.js'
import { percent, significant } from '../format.js'
import { LOOKS } from '../looks.js'
import { badge, coursesOf, type Section } from '../parts.js'
import type { Point } from '../plot.js'
import { table } from '../table.js'

const LABELS = [
  'slippage mean (bps)',
  'slippage p50 (bps)',
  'slippage p99 (bps)',
  'price impact (bps)',
]

/** How far fills were from the mid price. */
export function slippageSection(report: RunReport): Section | undefined {
  const modes = modesOf(report).filter(({ metrics }) => metrics.slippageBps.mean !== null)
  if (modes.length === 0) return undefined
  const courses = coursesOf(report).filter(({ series }) => series.slippageBps.length > 0)
  const edges = courses.flatMap(({ series }) => series.slippageBps.map(({ from }) => from))
  const end = edges.reduce((a, b) => Math.max(a, b), 0) || 1
  return {
    id: 'slippage',
    title: 'Slippage',
    body: html`<p>How far each fill was from the mid price of its batch, pool fees included. An order that nets in full pays the mid price: 0.</p>
${
  courses.length > 0 &&
  html`${chart({
    title: 'Orders by their slippage, added up',
    note: 'How many orders paid at most so much, up to the 99.5th percentile. Higher and further left is better.',
    layers: courses.map(({ mode, series }) => ({
      ...{ kind: 'line', name: mode, look: LOOKS[mode] },
      points: cumulative(series.slippageBps),
    })),
    x: { label: 'slippage, bps', format: significant },
    y: { label: 'share of settled orders', domain: [0, 1], format: percent },
  })}
${beside(courses, ({ mode, series }, span) => histogram({ mode, bins: series.slippageBps, span, end }))}`
}
${table({
  label: 'Slippage by mode',
  header: ['', ...modes.map(({ mode }) => mode), 'kind'],
  rows: LABELS.map(rowOf).map((row) => [
    row.label,
    ...modes.map(({ metrics }) => cell(row, metrics)),
    badge(row, report),
  ]),
  numbers: modes.length,
})}`,
  }
}

type Histogram = {
  mode: keyof typeof LOOKS
  bins: readonly SlippageBin[]
  span: Span
  /** Where the axis ends: the same for all modes. */
  end: number
}

/** Columns over the whole axis: narrower ones would be too thin to see. */
const MOST_COLUMNS = 60

function histogram({ mode, bins, span, end }: Histogram): Html {
  const total = bins.reduce((sum, { orders }) => sum + orders, 0)
  const [first, second] = bins
  const width = first?.to == null ? end : first.to - first.from
  const merged = Math.max(1, Math.ceil(end / MOST_COLUMNS / width))
  const columns: { from: number; to: number; value: number }[] = []
  for (let i = 0; i < bins.length; i += merged) {
    const orders = bins.slice(i, i + merged).reduce((sum, bin) => sum + bin.orders, 0)
    const from = bins[i]?.from ?? 0
    columns.push({ from, to: from + width * merged, value: orders / total })
  }
  const last = columns.at(-1)
  return chart({
    title: `Slippage of orders, ${mode}`,
    note:
      last !== undefined && second !== undefined
        ? `The last column holds all orders from ${significant(last.from)} bps on.`
        : undefined,
    layers: [{ kind: 'columns', name: mode, look: LOOKS[mode], columns }],
    x: { label: 'slippage, bps', format: significant, domain: [0, end + width] },
    y: { label: 'share of settled orders', format: (value) => `${significant(value * 100)} %` },
    span,
  })
}

/** The share of orders up to the end of each closed bin, from 0. */
function cumulative(bins: readonly SlippageBin[]): Point[] {
  const total = bins.reduce((sum, { orders }) => sum + orders, 0)
  let sum = 0
  return [
    [bins[0]?.from ?? 0, 0],
    ...bins.flatMap(({ to, orders }): Point[] => {
      sum += orders
      return to === null ? [] : [[to, sum / total]]
    }),
  ]
}
