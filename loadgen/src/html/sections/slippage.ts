import type { SlippageBin } from '../../metrics/series.js'
import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { beside, chart } from '../chart.js'
import { html } from '../escape.js'
import { percent, significant } from '../format.js'
import { LOOKS } from '../looks.js'
import { axisEnd, badge, type Course, coursesOf, type Section } from '../parts.js'
import type { Axis, Layer, Point } from '../plot.js'
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
${histograms(courses)}`
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

/** Columns over the whole axis: narrower ones would be too thin to see. */
const MOST_COLUMNS = 60

/** A chart for each mode, all over the same axes. */
function histograms(courses: readonly Course[]) {
  const end = axisEnd(courses.flatMap(({ series }) => series.slippageBps.map(({ from }) => from)))
  const drawn = courses.map(({ mode, series }) => ({
    mode,
    columns: columnsOf(series.slippageBps, end),
  }))
  const all = drawn.flatMap(({ columns }) => columns)
  const x: Axis = {
    ...{ label: 'slippage, bps', format: significant },
    // Below 0: better than the mid price.
    domain: [
      all.reduce((low, { from }) => Math.min(low, from), 0),
      axisEnd(all.map(({ to }) => to)),
    ],
  }
  const y: Axis = {
    ...{ label: 'share of settled orders', format: (value) => `${significant(value * 100)} %` },
    domain: [0, axisEnd(all.map(({ value }) => value)) * 1.05],
  }
  return beside(drawn, ({ mode, columns }, span) => {
    const last = columns.at(-1)
    return chart({
      title: `Slippage of orders, ${mode}`,
      note:
        last !== undefined && columns.length > 1
          ? `The last column holds all orders from ${significant(last.from)} bps on.`
          : undefined,
      layers: [{ kind: 'columns', name: mode, look: LOOKS[mode], columns }],
      ...{ x, y, span },
    })
  })
}

type Columns = Extract<Layer, { kind: 'columns' }>['columns'][number]

/** The bins as columns of about the same width in every mode, as shares of all orders. */
function columnsOf(bins: readonly SlippageBin[], end: number): Columns[] {
  const total = bins.reduce((sum, { orders }) => sum + orders, 0)
  const [first] = bins
  const width = first?.to == null ? end : first.to - first.from
  const merged = Math.max(1, Math.ceil(end / MOST_COLUMNS / width))
  const columns: Columns[] = []
  for (let i = 0; i < bins.length; i += merged) {
    const orders = bins.slice(i, i + merged).reduce((sum, bin) => sum + bin.orders, 0)
    const from = bins[i]?.from ?? 0
    columns.push({ from, to: from + width * merged, value: orders / total })
  }
  return columns
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
