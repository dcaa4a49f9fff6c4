import { UsageError } from '../core/errors.js'
import type { SweepReport } from '../report/sweep.js'
import { RATIO, SWEEP_FIGURES, type SweepFigure } from '../report/sweepFigures.js'
import { barChart, beside, chart, type Span } from './chart.js'
import { type Html, html } from './escape.js'
import { amount, capitalised, percent } from './format.js'
import { LOOKS } from './looks.js'
import { page } from './page.js'
import { badge, commandBlock, drawNav, drawSection, type Section } from './parts.js'
import type { Layer, Point } from './plot.js'
import { sweepDetails } from './sections/sweepDetails.js'
import {
  axisOf,
  axisVariable,
  letterOf,
  type SweepSeries,
  seriesOf,
  valueAt,
  wordsOf,
} from './sweepSeries.js'

/**
 * Draws a sweep as a page of one file: a chart for each figure, a line for each mode. Further sweeps lie over it; the axis is the
 * first one's variable. Pure.
 * @throws UsageError when another one does not vary it.
 */
export function renderSweep(sweep: SweepReport, ...more: readonly SweepReport[]): string {
  const sweeps = [sweep, ...more]
  checkVariable(sweep, more)
  const title = titleOf(sweep)
  const sections = [...(sweep.points.length === 0 ? [] : figures(sweeps)), ...sweepDetails(sweeps)]
  return page({
    title: `${title} · ${sweep.sweep.id}`,
    main: html`<header>
<p class="over">Sweep report · ${sweep.sweep.startedAt.slice(0, 10)}</p>
<h1>${title}</h1>
<p class="lede">${summary(sweep)}</p>
${sweeps.some(({ verification }) => !verification.ok) && html`<p class="callout bad"><strong>Not verified.</strong> Some points failed their checks: <a href="#verification">which ones</a>.</p>`}
</header>
${
  sweeps.length > 1
    ? html`<ul>${sweeps.map(({ sweep: { id, command } }, i) => html`<li><b>${letterOf(i)}</b>: ${id}${commandBlock(command)}</li>`)}</ul>`
    : html`<p class="note">Run it again:</p>
${commandBlock(sweep.sweep.command)}`
}
${drawNav(sections)}
${sections.map(drawSection)}
<footer>Made from sweep.json of ${sweeps.map(({ sweep: { id } }) => id).join(', ')} alone.</footer>`,
  })
}

function checkVariable(first: SweepReport, more: readonly SweepReport[]): void {
  const variable = axisVariable(first)
  const other = more.find(({ variables }) => !variables.some(({ name }) => name === variable))
  if (variable !== undefined && other !== undefined)
    throw new UsageError(
      `The sweep ${other.sweep.id} does not vary ${variable}, as ${first.sweep.id} does: only sweeps over the same option lie over each other.`,
    )
}

function isReplay({ points }: SweepReport): boolean {
  return points.some(({ expected }) => expected !== null)
}

function titleOf(sweep: SweepReport): string {
  if (isReplay(sweep) && axisVariable(sweep) === 'batchInterval')
    return 'What share of this flow nets at T?'
  return `Sweep over ${sweep.variables.map(({ name }) => wordsOf(name).replace(/,.*/, '')).join(' and ')}`
}

function summary(sweep: SweepReport): string {
  const { points, size, modes } = sweep
  const done =
    points.length === size
      ? amount(size, 'point')
      : `${points.length} of ${amount(size, 'point')} done`
  const variable = axisVariable(sweep)
  const known = points.flatMap((point) =>
    point.expected === null ? [] : [{ point, share: point.expected }],
  )
  const [first, last] = [known[0], known.at(-1)]
  const base = `${done}, in ${modes.length === 1 ? 'mode' : 'modes'} ${modes.join(', ')}.`
  if (variable !== 'batchInterval' || first === undefined || last === undefined || first === last)
    return base
  const at = ({ point, share }: typeof first) =>
    `${percent(share, 1)} at ${valueAt(point, variable).toLocaleString('en-US')} ms`
  return `The trades of each interval of length T clear together: ${at(first)}, ${at(last)}. ${base}`
}

/** Figures that belong together, by their places in report.json. */
const GROUPS: readonly { id: string; title: string; keys: readonly string[] }[] = [
  { id: 'netting', title: 'Netting', keys: [RATIO, 'poolTouches'] },
  { id: 'slippage', title: 'Slippage', keys: ['slippageBps.mean'] },
  { id: 'gas', title: 'Gas', keys: ['gas.perOrder', 'gas.perOrderArcologyModel'] },
  {
    ...{ id: 'throughput', title: 'Throughput' },
    keys: [
      'throughput.submittedPerSecond',
      'throughput.includedPerSecond',
      'throughput.settledPerSecond',
    ],
  },
  {
    ...{ id: 'latency', title: 'Latency' },
    keys: [
      'latencyMs.inclusion.p50',
      'latencyMs.inclusion.p99',
      'latencyMs.settlement.p50',
      'latencyMs.settlement.p99',
    ],
  },
  {
    ...{ id: 'outcomes', title: 'How orders ended' },
    keys: ['orders.settled', 'orders.rejected', 'orders.failed', 'orders.lost'],
  },
]

function figures(sweeps: readonly SweepReport[]): Section[] {
  return GROUPS.flatMap(({ id, title, keys }) => {
    const measured = SWEEP_FIGURES.filter(
      ({ key }) => keys.includes(key) && valuesOf(key, sweeps).length > 0,
    )
    // Charts of nothing but 0 say less than a sentence.
    const isNever = ({ key }: SweepFigure) =>
      key.startsWith('orders.') && valuesOf(key, sweeps).every((value) => value === 0)
    const never = measured.filter(isNever).map(({ label }) => label)
    const drawn = measured.filter((figure) => !isNever(figure))
    if (measured.length === 0) return []
    const [main, ...others] = drawn
    const body =
      main?.key === RATIO
        ? html`${curve(main, sweeps, 'whole')}${beside(others, (figure, span) => curve(figure, sweeps, span))}`
        : beside(drawn, (figure, span) => curve(figure, sweeps, span))
    const note =
      never.length > 0 && html`<p class="note">At no point was an order ${never.join(' or ')}.</p>`
    return [{ id, title, body: html`${body}${note}` }]
  })
}

function valuesOf(key: string, sweeps: readonly SweepReport[]): number[] {
  return sweeps.flatMap(({ points }) =>
    points.flatMap(({ modes }) =>
      Object.values(modes).flatMap((figuresOf) => figuresOf[key] ?? []),
    ),
  )
}

function curve(figure: SweepFigure, sweeps: readonly SweepReport[], span: Span): Html {
  const [first] = sweeps
  const point = first?.points[0]
  if (first === undefined || point === undefined) return html``
  const variable = axisVariable(first)
  const about = {
    title: capitalised(figure.label),
    note: html`${capitalised(figure.definition)}. ${badge(figure, point)}`,
  }
  if (variable === undefined) return byName(figure, sweeps, { ...about, span })
  const series = seriesOf(sweeps, variable)
  const layers = series.map(
    (one): Layer => ({
      ...{ kind: 'line', name: one.name, look: one.look },
      points: pointsOf(one, variable, ({ modes }) => modes[one.mode]?.[figure.key] ?? null),
    }),
  )
  return chart({
    ...about,
    layers: figure.key === RATIO ? [...allowed(series, variable), ...layers] : layers,
    x: axisOf(variable, sweeps),
    y:
      figure.key === RATIO
        ? { label: 'share of volume', domain: [0, 1], format: percent }
        : { label: figure.label },
    height: figure.key === RATIO ? 340 : undefined,
    span,
  })
}

/** What could net at best: by the trades alone where the sweep replays some, else by the orders that came in. */
function allowed(series: readonly SweepSeries[], variable: string): Layer[] {
  const netting = series.filter(({ mode }) => mode !== 'direct')
  const [one] = netting
  if (one === undefined || netting.length !== 1) return []
  const isReplayed = one.points.some(({ expected }) => expected !== null)
  return [
    {
      ...{ kind: 'halo', name: isReplayed ? 'the trades alone' : 'optimum', look: LOOKS.reference },
      points: pointsOf(one, variable, ({ expected, modes }) =>
        isReplayed ? expected : (modes[one.mode]?.['netting.optimum'] ?? null),
      ),
    },
  ]
}

function pointsOf(
  { points }: SweepSeries,
  variable: string,
  value: (point: SweepReport['points'][number]) => number | null,
): Point[] {
  return points.map((point) => [valueAt(point, variable), value(point)])
}

/** Bars where nothing that varies is a number. */
function byName(
  figure: SweepFigure,
  sweeps: readonly SweepReport[],
  about: { title: string; note: Html; span: Span },
): Html {
  return barChart({
    ...about,
    bars: sweeps.flatMap(({ points, modes }, i) =>
      points.flatMap((point) =>
        modes.flatMap((mode) => {
          const value = point.modes[mode]?.[figure.key]
          if (value == null) return []
          const letter = sweeps.length > 1 ? [letterOf(i)] : []
          return [
            {
              name: [...Object.values(point.values), mode, ...letter].join(', '),
              parts: [{ name: mode, color: LOOKS[mode].color, value }],
            },
          ]
        }),
      ),
    ),
    x: { label: figure.label, format: figure.format },
  })
}
