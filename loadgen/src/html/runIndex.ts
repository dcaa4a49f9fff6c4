import { MODES } from '../core/types.js'
import { rowOf } from '../report/figures.js'
import type { RunFigures, RunSummary } from '../report/index.js'
import { type Html, html } from './escape.js'
import { amount } from './format.js'
import { page } from './page.js'
import { table } from './table.js'

const COLUMNS: readonly [key: keyof RunFigures, label: string][] = [
  ['touches', 'pool touches'],
  ['ratio', 'netting ratio (volume)'],
  ['slippageBps', 'slippage mean (bps)'],
  ['gasPerOrder', 'gas / order'],
  ['settledPerSecond', 'settled / s'],
]

/** Draws the list of runs as a page, in the order given; it lies in the folder of all runs. Pure. */
export function renderIndex(runs: readonly RunSummary[]): string {
  return page({
    title: 'Runs',
    main: html`<header>
<p class="over">Netted perpetuals</p>
<h1>Runs</h1>
<p class="lede">${runs.length === 0 ? 'There is no run yet; make one with run or compare.' : `${amount(runs.length, 'run')}, newest first.`}</p>
</header>
${runs.map(draw)}
${
  runs.length > 0 &&
  html`<details><summary>What the figures are</summary><dl>${COLUMNS.map(
    ([, label]) => html`<dt><b>${label}</b></dt><dd>${rowOf(label).definition}</dd>`,
  )}</dl></details>`
}`,
  })
}

function draw(run: RunSummary): Html {
  if ('unreadable' in run)
    return html`<section class="run"><h2>${run.id}</h2>
<p class="callout bad">${run.unreadable}</p></section>
`
  const { id, startedAt, scenario, traders, orders, modes, ok, hasPage } = run
  const when = startedAt.slice(0, 16).replace('T', ' ')
  return html`<section class="run"><h2>${hasPage ? html`<a href="${encodeURIComponent(id)}/report.html">${id}</a>` : id}</h2>
<p class="note">${when} UTC · ${scenario} · ${amount(traders, 'trader')} · ${amount(orders, 'order')} ${ok ? html`<span class="badge good">✓ verified</span>` : html`<span class="badge bad">✗ not verified</span>`}</p>
${!hasPage && html`<p class="note">It has no page; <code>loadgen report ${id} --open</code> draws it.</p>`}
${table({
  label: `Figures of ${id}`,
  header: ['', ...COLUMNS.map(([, label]) => label)],
  rows: MODES.flatMap((mode) => {
    const figures = modes[mode]
    if (figures === undefined) return []
    return [[mode, ...COLUMNS.map(([key, label]) => show(label, figures[key]))]]
  }),
})}</section>
`
}

function show(label: string, value: number | null): string {
  return value === null ? '–' : rowOf(label).format(value)
}
