import { type Bar, drawBars } from './bars.js'
import { type Html, html } from './escape.js'
import { shortNumber } from './format.js'
import { type Axis, drawLayers, type Layer } from './plot.js'
import { table } from './table.js'

/**
 * Draws a chart as a figure: title, legend, picture, and its data as a table behind a click. A `whole` chart is drawn twice, for wide
 * and for narrow windows, so that its letters stay readable; the style shows one of them. Others stand beside each other and are drawn once.
 */
export function chart(options: chart.Options): Html {
  const { title, note, layers, x, y, height = HEIGHT, span = 'whole' } = options
  const label = `${title}. ${y.label} over ${x.label}: ${layers.map(({ name }) => name).join(', ')}.`
  const at = (width: number, high: number) =>
    drawLayers(layers, { x, y, label, size: { width, height: high } })
  return figure({
    ...{ title, note, legend: legendOf(layers) },
    picture: pictures(span, (width) =>
      at(width, span === 'whole' && width === WIDE ? height : LOW),
    ),
    data: dataOf(layers, { x, y, title }),
  })
}

export declare namespace chart {
  type Options = {
    title: string
    /** A sentence below the title. */
    note?: Html | string | undefined
    /** From back to front. */
    layers: readonly Layer[]
    x: Axis
    y: Axis
    /** Of the wide drawing, in pixels. Default 280. */
    height?: number | undefined
    span?: Span | undefined
  }
}

/** Draws horizontal bars as such a figure. */
export function barChart(options: barChart.Options): Html {
  const { title, note, bars, x, span = 'whole' } = options
  const label = `${title}. ${x.label}: ${bars.map(({ name }) => name).join(', ')}.`
  const at = (width: number) => drawBars(bars, { x, label, width })
  const format = x.format ?? shortNumber
  const parts = new Map(bars.flatMap((bar) => bar.parts.map((part) => [part.name, part])))
  return figure({
    ...{ title, note },
    legend: [...parts.values()].map(({ name, color, isHollow }) => ({
      name,
      swatch: isHollow === true ? `border:1.5px dashed ${color}` : `background:${color}`,
      kind: 'box',
    })),
    picture: pictures(span, at),
    data: table({
      label: `Data of ${title}`,
      header: ['', ...parts.keys()],
      rows: bars.map((bar) => [
        bar.name,
        ...[...parts.keys()].map((name) => {
          const part = bar.parts.find((found) => found.name === name)
          return part === undefined ? '–' : format(part.value)
        }),
      ]),
      numbersFrom: 1,
    }),
  })
}

export declare namespace barChart {
  type Options = Pick<chart.Options, 'title' | 'note' | 'span'> & {
    /** From top to bottom. */
    bars: readonly Bar[]
    /** What the bars count. */
    x: drawBars.Options['x']
  }
}

/** How much of the page a chart takes where there is room. */
export type Span = 'whole' | 'half' | 'third'

/** Pixels; style.ts shows the wide drawing where it fits. */
const WIDE = 840
const NARROW = 345
const ALONE = { half: 390, third: 270 }
const HEIGHT = 280
const LOW = 230

function pictures(span: Span, draw: (width: number) => Html): Html {
  return span === 'whole'
    ? html`<div class="wide">${draw(WIDE)}</div><div class="narrow">${draw(NARROW)}</div>`
    : html`<div class="only ${span}">${draw(ALONE[span])}</div>`
}

/** Charts of a kind beside each other where there is room; one alone takes the whole width. */
export function beside<T>(items: readonly T[], draw: (item: T, span: Span) => Html): Html {
  const span = items.length < 2 ? 'whole' : items.length % 3 === 0 ? 'third' : 'half'
  const charts = items.map((item) => draw(item, span))
  return span === 'whole' ? html`${charts}` : html`<div class="beside ${span}">${charts}</div>`
}

type Entry = { name: string; swatch: string; kind: string }

function figure(of: {
  title: string
  note?: Html | string | undefined
  legend: readonly Entry[]
  picture: Html
  data: Html
}): Html {
  const { title, note, legend, picture, data } = of
  return html`<figure class="chart">
<figcaption><h3>${title}</h3>
${note !== undefined && html`<p class="note">${note}</p>`}
${
  legend.length > 1 &&
  html`<ul class="legend">${legend.map(
    ({ name, swatch, kind }) =>
      html`<li><i class="swatch ${kind}" style="${swatch}"></i>${name}</li>`,
  )}</ul>`
}</figcaption>
${picture}
<details class="data"><summary>Data<span class="unseen"> of “${title}”</span></summary>${data}</details>
</figure>`
}

function legendOf(layers: readonly Layer[]): Entry[] {
  return layers.map(({ name, look: { color, dash }, kind }) => {
    if (kind === 'columns' || kind === 'band' || kind === 'halo')
      return {
        name,
        kind: 'box',
        swatch: `background:${color}${kind === 'columns' ? '' : ';opacity:.4'}`,
      }
    return { name, kind: 'stroke', swatch: `border-top:2.5px ${styleOf(dash)} ${color}` }
  })
}

function styleOf(dash: string | undefined): string {
  if (dash === undefined) return 'solid'
  return Number.parseFloat(dash) < 4 ? 'dotted' : 'dashed'
}

/** Rows of a data table of a chart; the rest is in report.json. */
const MOST_ROWS = 40

/** Side by side where the layers share their x values, else below each other. */
function dataOf(
  layers: readonly Layer[],
  { x, y, title }: { x: Axis; y: Axis; title: string },
): Html {
  const columns = layers.map((layer) => ({ name: layer.name, cells: cellsOf(layer, y) }))
  const [first] = columns
  const format = { x: x.format ?? shortNumber }
  if (first === undefined) return html``
  const keys = first.cells.map(([key]) => key)
  const isShared = columns.every(
    ({ cells }) => cells.length === keys.length && cells.every(([key], i) => key === keys[i]),
  )
  const rows = isShared
    ? keys.map((key, i) => [format.x(key), ...columns.map(({ cells }) => cells[i]?.[1] ?? '–')])
    : columns.flatMap(({ name, cells }) =>
        thin(cells, Math.floor(MOST_ROWS / columns.length)).map(([key, text]) => [
          format.x(key),
          text,
          name,
        ]),
      )
  const shown = isShared ? thin(rows, MOST_ROWS) : rows
  const all = isShared ? rows.length : columns.reduce((sum, { cells }) => sum + cells.length, 0)
  return html`${table({
    label: `Data of ${title}`,
    header: isShared ? [x.label, ...columns.map(({ name }) => name)] : [x.label, y.label, 'series'],
    rows: shown,
    ...{ numbersFrom: 0, numbers: isShared ? undefined : 2 },
  })}${shown.length < all && html`<p class="note">${shown.length} of ${all} points; all of them are in report.json.</p>`}`
}

function cellsOf(layer: Layer, { format = shortNumber }: Axis): [number, string][] {
  const show = (value: number | null | undefined) => (value == null ? '–' : format(value))
  if (layer.kind === 'columns') return layer.columns.map(({ from, value }) => [from, show(value)])
  if (layer.kind === 'band')
    return layer.points.map(([x, low, high]) => [x, `${show(low)} to ${show(high)}`])
  return layer.points.map(([x, value]) => [x, show(value)])
}

/** At most so many items, evenly spaced, with the first and the last. */
function thin<T>(items: readonly T[], most: number): readonly T[] {
  if (items.length <= most) return items
  const step = (items.length - 1) / (most - 1)
  return Array.from({ length: most }, (_, i) => items[Math.round(i * step)] as T)
}
