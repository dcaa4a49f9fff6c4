import { rowOf } from '../../report/figures.js'
import { cell, modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { beside, chart } from '../chart.js'
import { html } from '../escape.js'
import { significant } from '../format.js'
import { LOOKS } from '../looks.js'
import { badge, coursesOf, SECOND_AXIS, type Section } from '../parts.js'
import type { Point } from '../plot.js'
import { table } from '../table.js'
import { TAIL_AXIS, toTail } from '../tail.js'

const NAMES = ['p50', 'p90', 'p99', 'p99.9', 'max']
const WHAT = {
  inclusion: 'Until the order is in a block',
  settlement: 'Until the order is settled',
}
const MS = { label: 'milliseconds', format: significant } as const

/** How long orders took, by percentile and over time. */
export function latencySection(report: RunReport): Section {
  const modes = modesOf(report)
  const courses = coursesOf(report)
  const [firstRow] = ROWS
  return {
    id: 'latency',
    title: 'Latency',
    body: html`<p>From the planned time of sending, not from when the sender got round to it, so that a slow sender or node cannot hide its slowness. ${firstRow !== undefined && badge(firstRow, report)}</p>
${
  courses.length > 0 &&
  html`${beside(['inclusion', 'settlement'] as const, (of, span) =>
    chart({
      title: WHAT[of],
      layers: courses.flatMap(({ mode, series }) => {
        const curve = series.latencyMs[of]
        return curve === null
          ? []
          : [{ kind: 'line', name: mode, look: LOOKS[mode], points: curve.map(toTail) }]
      }),
      x: TAIL_AXIS,
      y: MS,
      span,
    }),
  )}
${beside(['p50Ms', 'p99Ms'] as const, (of, span) =>
  chart({
    title: `Settlement latency over time, ${of === 'p50Ms' ? 'median' : '99th percentile'}`,
    layers: courses.map(({ mode, series: { time } }) => ({
      ...{ kind: 'line', name: mode, look: LOOKS[mode] },
      points: time[of].flatMap((ms, i): Point[] =>
        ms === null ? [] : [[((i + 0.5) * time.stepMs) / 1_000, ms]],
      ),
    })),
    x: { ...SECOND_AXIS, format: significant },
    y: MS,
    span,
  }),
)}`
}
${table({
  label: 'Latency by percentile and mode',
  header: ['milliseconds', ...modes.map(({ mode }) => mode)],
  rows: ROWS.map((row) => [
    row.label.replace(' (ms)', ''),
    ...modes.map(({ metrics }) => cell(row, metrics)),
  ]),
})}`,
  }
}

const ROWS = (['inclusion', 'settlement'] as const).flatMap((of) =>
  NAMES.map((name) => rowOf(`${of} ${name} (ms)`)),
)
