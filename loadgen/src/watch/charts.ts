import { MODES, type Mode } from '../core/types.js'
import { beside, chart } from '../html/chart.js'
import { type Html, html } from '../html/escape.js'
import { significant } from '../html/format.js'
import { LOOKS, type Look } from '../html/looks.js'
import type { Layer, Point } from '../html/plot.js'
import { TAIL_AXIS, toTail } from '../html/tail.js'
import type { Course } from '../live/timeline.js'
import { COURSE_KINDS, type ModeView } from '../live/view.js'

const SECONDS = { label: 'seconds since the first transaction', format: significant } as const
const MS = { label: 'milliseconds', format: significant } as const

/** The course of a mode that has one. */
type Running = { mode: string; course: Course }

/** Charts of the live page. */
export function createCharts(): Record<
  'throughput' | 'latency',
  (modes: readonly ModeView[]) => Html
> {
  return { throughput: remember(drawThroughput), latency: remember(drawLatency) }
}

/** Draws again only when the data are others. */
function remember(draw: (modes: readonly Running[]) => Html): (modes: readonly ModeView[]) => Html {
  let drawn: { key: string; markup: Html } | undefined
  return (modes) => {
    const running = modes.flatMap(({ mode, course }) => (course === null ? [] : [{ mode, course }]))
    const key = JSON.stringify(running)
    if (drawn?.key !== key) drawn = { key, markup: draw(running) }
    return drawn.markup
  }
}

function drawThroughput(modes: readonly Running[]): Html {
  if (modes.length === 0) return html``
  const drawn = modes.flatMap(({ course }) => COURSE_KINDS.flatMap((kind) => rates(course, kind)))
  const domain = (values: readonly number[]) => [0, Math.max(1, ...values) * 1.05] as const
  return html`<h2>Throughput</h2>
${beside(modes, ({ mode, course }, span) =>
  chart({
    title: `Rates, ${mode}`,
    layers: [
      {
        ...{ kind: 'line', name: 'submitted', points: rates(course, 'sent') },
        look: { color: 'var(--muted)', dash: '2 4', symbol: 'triangle' },
      },
      {
        ...{ kind: 'line', name: 'included', points: rates(course, 'included') },
        look: { color: lookOf(mode).color, symbol: 'circle' },
      },
    ],
    // The same for all modes.
    x: { ...SECONDS, domain: domain(drawn.map(([seconds]) => seconds)) },
    y: { label: 'transactions a second', domain: domain(drawn.map(([, rate]) => rate ?? 0)) },
    span,
  }),
)}`
}

function drawLatency(modes: readonly Running[]): Html {
  const known = modes.filter(({ course }) => course.percentiles !== null)
  if (known.length === 0) return html``
  const layers = (points: (course: Course) => Point[]): Layer[] =>
    known.map(({ mode, course }) => ({
      ...{ kind: 'line', name: mode, look: lookOf(mode) },
      points: points(course),
    }))
  return html`<h2>Latency</h2>
<p>From the planned time of sending until the block is seen.</p>
${chart({
  title: 'Until the transaction is in a block',
  layers: layers(({ percentiles }) => (percentiles ?? []).map(toTail)),
  x: { ...TAIL_AXIS, label: 'percentile of transactions' },
  y: MS,
})}
${beside(['p50Ms', 'p99Ms'] as const, (of, span) =>
  chart({
    title: `Over time, ${of === 'p50Ms' ? 'median' : '99th percentile'}`,
    layers: layers((course) =>
      course[of].flatMap((ms, i) => (ms === null ? [] : [[secondsAt(i, course), ms] as const])),
    ),
    x: SECONDS,
    y: MS,
    span,
  }),
)}`
}

/** Without the last step, which goes on. */
function rates(course: Course, kind: (typeof COURSE_KINDS)[number]): Point[] {
  const counts = course.counts[kind] ?? []
  return counts
    .slice(0, -1)
    .map((count, i) => [secondsAt(i, course), (count * 1_000) / course.stepMs])
}

/** The middle of a step. */
function secondsAt(step: number, { stepMs }: Course): number {
  return ((step + 0.5) * stepMs) / 1_000
}

function lookOf(mode: string): Look {
  return isMode(mode) ? LOOKS[mode] : LOOKS.reference
}

function isMode(name: string): name is Mode {
  return MODES.some((mode) => mode === name)
}
