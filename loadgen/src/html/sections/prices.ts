import { modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { chart } from '../chart.js'
import { html } from '../escape.js'
import { amount, fixed, significant } from '../format.js'
import { LOOKS } from '../looks.js'
import { blockAxis, type Course, coursesOf, firstBlockOf, type Section } from '../parts.js'
import type { Layer } from '../plot.js'

/** Markets that get a chart. */
const MOST_MARKETS = 4

/** The price path of the pools in each mode. */
export function pricesSection(report: RunReport): Section | undefined {
  const courses = coursesOf(report)
  const markets = [
    ...new Set(courses.flatMap(({ series }) => series.prices.map(({ market }) => market))),
  ].sort((a, b) => a - b)
  if (markets.length === 0) return undefined
  const left = markets.length - MOST_MARKETS
  return {
    id: 'prices',
    title: 'Price of the pool',
    body: html`<p>The same orders in every mode. What does not net moves the pool’s price, from the one before the run on; the band is the lowest and the highest
price within a block, which orders of a direct block pay in turn.</p>
${markets.slice(0, MOST_MARKETS).map((market) => {
  const layers = courses.flatMap((course) => layersOf(course, market))
  return chart({
    title: markets.length === 1 ? 'Pool price' : `Pool price, market ${market}`,
    note: impact(report, market),
    layers,
    x: blockAxis(layers),
    y: { label: 'quote for one base', domain: extentOf(layers), format: significantFor(layers) },
  })
})}
${left > 0 && html`<p class="note">Price paths of ${amount(left, 'more market')} are in report.json.</p>`}`,
  }
}

function layersOf(course: Course, market: number): Layer[] {
  const path = course.series.prices.find((prices) => prices.market === market)
  if (path === undefined || path.points.length === 0) return []
  const first = firstBlockOf(course)
  // The price before the run stands where the run begins.
  const at = (block: number) => Math.max(0, block - first)
  const look = LOOKS[course.mode]
  const line: Layer = {
    ...{ kind: 'step', name: course.mode, look },
    points: path.points.map(({ block, price }) => [at(block), price]),
  }
  if (path.points.every(({ low, high }) => low === high)) return [line]
  return [
    {
      ...{ kind: 'band', name: `${course.mode}, within a block`, look },
      points: path.points.map(({ block, low, high }) => [at(block), low, high]),
    },
    line,
  ]
}

function extentOf(layers: readonly Layer[]): [number, number] {
  const values = layers.flatMap((layer) =>
    layer.kind === 'columns' ? [] : layer.points.flatMap(([, ...ys]) => ys as number[]),
  )
  const low = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  const high = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)
  // A price that never moves still needs an axis with a length.
  const room = (high - low) * 0.08 || Math.abs(high) * 0.001 || 1
  return [low - room, high + room]
}

/** As many decimals as tell the ends of the axis apart. */
function significantFor(layers: readonly Layer[]): (value: number) => string {
  const [low, high] = extentOf(layers)
  const decimals = Math.ceil(-Math.log10(high - low)) + 1
  return decimals > 3
    ? (value) => value.toPrecision(6)
    : (value) => fixed(value, Math.max(0, decimals))
}

function impact(report: RunReport, market: number): string {
  const moves = modesOf(report).flatMap(({ mode, metrics }) => {
    const bps = metrics.priceImpactBpsByMarket[market]
    return bps === undefined ? [] : [`${mode} ${bps > 0 ? '+' : ''}${significant(bps)} bps`]
  })
  return `Over the whole run: ${moves.join(', ')}.`
}
