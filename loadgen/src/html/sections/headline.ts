import type { Mode } from '../../core/types.js'
import type { ModeMetrics } from '../../metrics/modeMetrics.js'
import { rowOf } from '../../report/figures.js'
import { cell, modesOf, type Row, workloadText } from '../../report/rows.js'
import type { RunReport } from '../../report/runReport.js'
import { type Html, html } from '../escape.js'
import { amount, capitalised, fixed, percent } from '../format.js'
import { badge, commandBlock } from '../parts.js'

type Card = {
  title: string
  unit?: string
  /** Label of the figure in report/figures.ts. */
  label: string
  /** Words for less and more, and which of them is better; absent where modes are not to be compared. */
  words?: readonly [less: string, more: string]
  isMoreBetter?: boolean
}

const CARDS: readonly Card[] = [
  { title: 'Pool touches', label: 'pool touches', words: ['fewer', 'more'] },
  { title: 'Netting ratio', label: 'netting ratio (volume)' },
  {
    title: 'Slippage, mean',
    unit: 'bps',
    label: 'slippage mean (bps)',
    words: ['lower', 'higher'],
  },
  {
    title: 'Settled per second',
    label: 'settled / s',
    words: ['lower', 'higher'],
    isMoreBetter: true,
  },
  { title: 'Gas per order', label: 'gas / order', words: ['less', 'more'] },
  { title: 'Gas per order on Arcology', label: 'gas / order, Arcology', words: ['less', 'more'] },
]

/** The head of a report: what the run says in one sentence, its main figures, and the command that repeats it. */
export function headline(report: RunReport): Html {
  const { run, workload } = report
  const modes = modesOf(report)
  return html`<header>
<p class="over">Run report · ${workload.scenario} · seed ${run.seed} · ${run.startedAt.slice(0, 10)}</p>
<h1>${sentence(report)}</h1>
<p class="lede">${workloadText(workload)}. ${settledText(report)}</p>
${warnings(report)}
</header>
<h2 class="unseen">Main figures</h2>
<ul class="cards">${CARDS.map((card) => draw(card, modes, report))}</ul>
<p class="note">Run it again:</p>
${commandBlock(run.command)}`
}

/** The title of a report, for the browser's tab as well. */
export function sentence(report: RunReport): string {
  const [first, ...others] = modesOf(report)
  if (first === undefined) return `Run ${report.run.id}`
  const { direct } = report.modes
  const touches = amount(first.metrics.poolTouches, 'pool touch', 'pool touches')
  if (first.mode === 'direct' || direct === undefined || others.length === 0) {
    const { ratioVolume } = first.metrics.netting
    const share = ratioVolume === null ? '' : `, ${percent(ratioVolume, 1)} of the volume netted`
    const orders = amount(first.metrics.orders.settled, 'order')
    return `${orders} settled in mode ${first.mode} with ${touches}${first.mode === 'direct' ? '' : share}`
  }
  return `${first.mode === 'netting' ? 'Netting' : 'Keeper'}: ${touches} instead of ${fixed(direct.poolTouches)}`
}

function settledText(report: RunReport): string {
  const counts = modesOf(report).map(
    ({ mode, metrics: { orders } }) => `${mode} ${fixed(orders.settled)}`,
  )
  return `Settled of ${amount(report.workload.orders, 'order')}: ${counts.join(', ')}.`
}

function warnings({ verification, environment }: RunReport): Html {
  const failed = verification.checks.filter(({ ok }) => !ok).length
  return html`${
    !verification.ok &&
    html`<p class="callout bad"><strong>Not verified.</strong> ${failed} of ${verification.checks.length} checks fail: the figures mean nothing until that is explained. <a href="#verification">Which ones</a></p>`
  }${
    environment.emulated &&
    html`<p class="callout">Run on the embedded node. It emulates Arcology’s precompiles and blocks, so gas and times are the emulation’s, and good for comparing modes, not for absolute claims. What is modelled is marked so.</p>`
  }`
}

type Modes = readonly { mode: Mode; metrics: ModeMetrics }[]

function draw(card: Card, modes: Modes, report: RunReport): Html | undefined {
  const row = rowOf(card.label)
  const [first, ...others] = modes
  if (first === undefined || modes.every(({ metrics }) => row.value(metrics) === null))
    return undefined
  return html`<li class="card"><h3>${card.title}</h3>
<span class="value of-${first.mode}">${cell(row, first.metrics)}${card.unit !== undefined && row.value(first.metrics) !== null && html`<span class="unit">${card.unit}</span>`}</span>
<ul>${card.words === undefined ? optimum(first.metrics) : others.map((other) => html`<li>${against(card, row, first.metrics, other)}</li>`)}</ul>
<details><summary>Definition<span class="unseen"> of ${card.title}</span></summary><p>${capitalised(row.definition)}.</p></details>
<p class="kind">${badge(row, report)}</p></li>
`
}

function optimum({ netting }: ModeMetrics): Html {
  const { optimum, efficiency } = netting
  return html`${optimum !== null && html`<li><b>${percent(optimum, 2)}</b> could net at most</li>`}${
    efficiency !== null && html`<li><b>${percent(efficiency, 2)}</b> of that did</li>`
  }`
}

/** How the first mode compares with another. */
function against(
  { words = ['less', 'more'], isMoreBetter = false }: Card,
  row: Row<ModeMetrics>,
  first: ModeMetrics,
  other: { mode: Mode; metrics: ModeMetrics },
): Html {
  const [a, b] = [row.value(first), row.value(other.metrics)]
  const name = html`${other.mode} (${cell(row, other.metrics)})`
  if (a === null || b === null || b === 0) return html`${name}`
  const change = a / b - 1
  if (Math.abs(change) < 0.0005) return html`the same as ${name}`
  const isMore = change > 0
  const kind = isMore === isMoreBetter ? 'better' : 'worse'
  const much = change >= 1 ? `${fixed(change + 1, 1)}×` : percent(Math.abs(change), 1)
  return change >= 1
    ? html`<b class="${kind}">${much}</b> that of ${name}`
    : html`<b class="${kind}">${much} ${isMore ? words[1] : words[0]}</b> than ${name}`
}
