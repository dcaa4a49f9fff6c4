import type { TimeSeries } from '../../metrics/series.js'
import { rowOf } from '../../report/figures.js'
import { modesOf } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { beside, chart } from '../chart.js'
import { html } from '../escape.js'
import { figureTable } from '../figureTable.js'
import { significant } from '../format.js'
import { LOOKS } from '../looks.js'
import { axisEnd, coursesOf, SECOND_AXIS, type Section } from '../parts.js'
import type { Point } from '../plot.js'

const ROWS = ['submitted / s', 'included / s', 'settled / s'].map(rowOf)
const SECONDS = { ...SECOND_AXIS, format: significant }
/** Most steps of the drawn rates, and how many blocks a step should hold: finer steps would show blocks instead of a rate. */
const MOST_STEPS = 40
const BLOCKS_A_STEP = 2

/** What was submitted, included and settled over time. */
export function throughputSection(report: RunReport): Section {
  const modes = modesOf(report)
  const courses = coursesOf(report)
  const end = axisEnd(
    courses.map(({ series: { time } }) => (time.submitted.length * time.stepMs) / 1_000),
  )
  const most = axisEnd(
    courses.flatMap(({ series: { time } }) =>
      KINDS.flatMap((kind) => rates(time, kind).map(([, rate]) => rate ?? 0)),
    ),
  )
  return {
    id: 'throughput',
    title: 'Throughput',
    body: html`${
      courses.length > 0 &&
      html`${chart({
        title: 'Orders settled so far',
        layers: courses.map(({ mode, series: { time } }) => ({
          ...{ kind: 'line', name: mode, look: LOOKS[mode] },
          points: cumulative(time),
        })),
        x: SECONDS,
        y: { label: 'orders' },
      })}
${beside(courses, ({ mode, series: { time } }, span) => {
  const { color } = LOOKS[mode]
  return chart({
    title: `Rates, ${mode}`,
    layers: [
      {
        ...{ kind: 'line', name: 'submitted', points: rates(time, 'submitted') },
        look: { color: 'var(--muted)', dash: '2 4', symbol: 'triangle' },
      },
      {
        ...{ kind: 'line', name: 'included', points: rates(time, 'included') },
        look: { color: 'var(--reference)', dash: '7 4', symbol: 'square' },
      },
      {
        ...{ kind: 'line', name: 'settled', points: rates(time, 'settled') },
        look: { color, symbol: 'circle' },
      },
    ],
    x: { ...SECONDS, domain: [0, end] },
    y: { label: 'a second', domain: [0, most * 1.05] },
    span,
  })
})}
<p class="note">Submitted and included count deposits and withdrawals too; settled counts orders.</p>`
    }
${figureTable({ label: 'Throughput by mode', corner: 'orders', rows: ROWS, modes, report })}`,
  }
}

const KINDS = ['submitted', 'included', 'settled'] as const

function cumulative({ stepMs, settled }: TimeSeries): Point[] {
  let sum = 0
  return [
    [0, 0],
    ...settled.map((count, i): Point => {
      sum += count
      return [((i + 1) * stepMs) / 1_000, sum]
    }),
  ]
}

function rates(time: TimeSeries, what: (typeof KINDS)[number]): Point[] {
  const counts = time[what]
  const blocks = time.included.filter((count) => count > 0).length
  const steps = Math.min(MOST_STEPS, Math.max(4, Math.floor(blocks / BLOCKS_A_STEP)))
  const merged = Math.ceil(counts.length / steps)
  const points: Point[] = []
  for (let i = 0; i < counts.length; i += merged) {
    const group = counts.slice(i, i + merged)
    const seconds = (group.length * time.stepMs) / 1_000
    const count = group.reduce((sum, value) => sum + value, 0)
    points.push([(i * time.stepMs) / 1_000 + seconds / 2, count / seconds])
  }
  return points
}
