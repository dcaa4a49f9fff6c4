import type { ModeMetrics } from '../metrics/modeMetrics.js'
import type { ModeSeries } from '../metrics/series.js'
import { modesOf, provenance, type Row } from '../report/rows.js'
import type { RunReport } from '../report/runReport.js'
import { type Html, html, type Part } from './escape.js'
import type { Axis, Layer } from './plot.js'

/** A part of a page under its own heading. */
export type Section = {
  /** Of its anchor. */
  id: string
  title: string
  body: Html
}

export function drawSection({ id, title, body }: Section): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>
${body}
</section>
`
}

/** Links to the sections of a page. */
export function drawNav(sections: readonly Pick<Section, 'id' | 'title'>[]): Html {
  return html`<nav aria-label="Sections"><ul class="nav">${sections.map(
    ({ id, title }) => html`<li><a href="#${id}">${title}</a></li>`,
  )}</ul></nav>`
}

/** How figures were got, as a badge; what is modelled looks different. */
export function badge<T>(row: Row<T>, report: Pick<RunReport, 'environment'>): Html {
  return row.source === 'model'
    ? MODELLED
    : html`<span class="badge">${provenance(row, report)}</span>`
}

export const MODELLED: Html = html`<span class="badge model">modelled</span>`

export function verdict(ok: boolean): Html {
  return ok
    ? html`<span class="badge good">✓ ok</span>`
    : html`<span class="badge bad">✗ failed</span>`
}

/** A command to copy; lines break before options only. */
export function commandBlock(command: string): Html {
  const words = command.split(/ (?=--\w)/)
  return html`<pre tabindex="0"><code>${words.map((word, i) => html`${i > 0 && ' '}<span>${word}</span>`)}</code></pre>`
}

/** Two-column facts. */
export function facts(label: string, rows: readonly (readonly [string, Part])[]): Html {
  return html`<div class="scroll" role="region" aria-label="${label}" tabindex="0"><table class="facts"><tbody>${rows.map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>
`,
  )}</tbody></table></div>`
}

/** A mode that has its course over time. */
export type Course = {
  mode: ReturnType<typeof modesOf>[number]['mode']
  metrics: ModeMetrics
  series: ModeSeries
}

/** The modes whose course over time a report has; reports of older versions, and merged ones, have none. */
export function coursesOf(report: RunReport): Course[] {
  return modesOf(report).flatMap(({ mode, metrics }) => {
    const { series = null } = metrics
    return series === null ? [] : [{ mode, metrics, series }]
  })
}

/** Number of the first block of a course: every mode has blocks of its own, so charts count from there. */
export function firstBlockOf({ series }: Course): number {
  return series.blocks[0]?.block ?? 0
}

/** An axis of blocks that is the same for all layers of some charts: it begins at the first block of the run. */
export function blockAxis(layers: readonly Layer[]): Axis {
  const blocks = layers.flatMap((layer) => {
    if (layer.kind === 'columns') return []
    const length = layer.kind === 'step' || layer.kind === 'band' ? 1 : 0
    return layer.points.map(([block]) => block + length)
  })
  return { label: 'blocks since the first of the run', domain: [0, axisEnd(blocks)] }
}

/** The largest of some values from 0 on; 1 where all are 0, so that an axis has a length. */
export function axisEnd(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), 0) || 1
}

export const SECOND_AXIS = { label: 'seconds since the first intended send' } as const
