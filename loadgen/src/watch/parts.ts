import { type Html, html } from '../html/escape.js'
import { amount, fixed, percent } from '../html/format.js'
import { commandBlock } from '../html/parts.js'
import { table } from '../html/table.js'
import { LIVE_KINDS, type LiveKind, type LiveView, type StageView } from '../live/view.js'
import { createCharts } from './charts.js'
import type { Part } from './server.js'
import type { WatchState } from './state.js'

export const TITLE = 'Live run'

/** Draws what a run is doing; what did not change since the last call is not drawn again. */
export function createParts(): (state: WatchState) => readonly Part[] {
  const charts = createCharts()
  return ({ command, view }) => [
    { name: 'head', markup: head(command) },
    { name: 'status', markup: html`<p class="lede">${statusText(view)}</p>`, isStatus: true },
    { name: 'progress', markup: progress(view) },
    { name: 'figures', markup: figures(view) },
    { name: 'throughput', markup: charts.throughput(view.modes) },
    { name: 'latency', markup: charts.latency(view.modes) },
  ]
}

function head(command: string): Html {
  return html`<p class="over">${TITLE} · this page becomes its report</p>
<h1>The run as it goes</h1>
${commandBlock(command)}`
}

const STAGES: Readonly<Record<string, string>> = {
  deploy: 'deploying the contracts',
  'gas money': 'giving the traders gas money',
  tokens: 'minting the traders’ tokens',
  collateral: 'minting the traders’ collateral',
  approvals: 'approving the traders’ transfers',
  deposits: 'depositing the traders’ collateral',
  sign: 'signing transactions',
  submit: 'sending transactions',
  collect: 'reading receipts and events',
}

/** Changes with the stage only: it is read out. */
function statusText({ mode, stage }: LiveView): string {
  if (mode === undefined && stage === undefined) return 'Starting.'
  const doing = stage === undefined ? 'starting a node' : (STAGES[stage.name] ?? stage.name)
  return mode === undefined ? `Now ${doing}.` : `Mode ${mode}: ${doing}.`
}

function progress({ stage }: LiveView): Html {
  if (stage === undefined) return html``
  const { done, total } = stage
  return html`<progress max="${Math.max(total, 1)}" value="${done}" aria-label="Progress of the stage" style="width:100%;accent-color:var(--netting)"></progress>
<p class="note">${progressText(stage)}</p>`
}

function progressText({ done, total, perSecond, remainingMs }: StageView): string {
  const share = total === 0 ? '' : ` (${percent(Math.floor((100 * done) / total) / 100)})`
  const pace = perSecond === undefined ? '' : `, ${fixed(perSecond)} a second`
  const left =
    remainingMs === undefined || remainingMs === 0
      ? ''
      : `, ${amount(Math.ceil(remainingMs / 1_000), 'second')} left`
  return `${fixed(done)} of ${fixed(total)}${share}${pace}${left}`
}

const DEFINITIONS: Readonly<Record<LiveKind, string>> = {
  sent: 'transactions sent, each once',
  accepted: 'taken by the node',
  refused: 'refused by the node',
  dropped: 'send times that passed unused',
  included: 'seen in a block, whatever the status',
  failed: 'of those, with status 0; known when receipts are read',
  settled: 'orders filled; known when events are read',
}

/** Totals, and of what goes on the pace of the last seconds. */
function figures({ modes, mode: current }: LiveView): Html {
  if (modes.length === 0) return html``
  return html`<h2>So far</h2>
${table({
  label: 'Transactions so far, by mode',
  header: ['transactions', ...modes.map(({ mode }) => mode), 'definition'],
  rows: [
    ...LIVE_KINDS.map((kind) => [
      kind,
      ...modes.map(({ counts }) => cell(counts[kind])),
      DEFINITIONS[kind],
    ]),
    ...(['sent', 'included'] as const).map((kind) => [
      `${kind} / s`,
      ...modes.map(({ mode, perSecond }) => cell(mode === current ? perSecond[kind] : undefined)),
      'over the last 10 s',
    ]),
  ],
  numbers: modes.length,
})}`
}

function cell(value: number | undefined): string {
  return value === undefined ? '–' : fixed(value)
}
