import type { DiffedRun, FigureDiff, ReportDiff, Verdict } from '../report/diff.js'
import { changeText, diffNotes, diffTally, NOISE_NOTE } from '../report/diffText.js'
import { type Html, html } from './escape.js'
import { capitalised } from './format.js'
import { page } from './page.js'
import { drawNav, drawSection, facts, MODELLED, type Section } from './parts.js'
import { table } from './table.js'

/** Draws two runs side by side as a page of one file. Pure. */
export function renderDiff(diff: ReportDiff): string {
  const { a, b, modes } = diff
  const sections = modes.map(modeSection)
  const title = `B against A: ${diffTally(diff)}`
  return page({
    title: `${title} · ${a.id}, ${b.id}`,
    main: html`<header>
<p class="over">Two runs held against each other</p>
<h1>${title}</h1>
<p class="lede">${NOISE_NOTE}</p>
</header>
${diffNotes(diff).map((note) => html`<p class="callout">${note}</p>`)}
${facts('The runs', [
  ['A', describe(a)],
  ['B', describe(b)],
])}
${drawNav(sections)}
${sections.map(drawSection)}
${definitions(modes)}
<footer>Made from report.json of ${a.id} and ${b.id} alone.</footer>`,
  })
}

function describe({ id, commit, startedAt, isVerified }: DiffedRun): Html {
  const started = `${startedAt.slice(0, 16).replace('T', ' ')} UTC`
  const checks = isVerified
    ? html`<span class="badge good">✓ verified</span>`
    : html`<span class="badge bad">✗ not verified</span>`
  return html`${id} · commit <code>${commit}</code> · ${started} ${checks}`
}

function modeSection({ mode, figures }: ReportDiff['modes'][number]): Section {
  return {
    id: mode,
    title: capitalised(mode),
    body: table({
      label: `Figures of ${mode}`,
      // What it means comes first: a narrow window shows no more than that without scrolling.
      header: ['', 'B is', 'A', 'B', 'change'],
      rows: figures.map(({ label, source, aText, bText, change, verdict }) => [
        html`${label}${source === 'model' && html` ${MODELLED}`}`,
        verdict === null ? '' : MARKS[verdict],
        ...[aText, bText, changeText(change)],
      ]),
      numbersFrom: 2,
    }),
  }
}

/** Told apart by their words, not by colour alone. */
const MARKS: Record<Verdict, Html> = {
  better: html`<span class="badge good">✓ better</span>`,
  worse: html`<span class="badge bad">✗ worse</span>`,
  changed: html`<span class="badge">changed</span>`,
  same: html`<span class="note">same</span>`,
}

function definitions(modes: ReportDiff['modes']): Html {
  const known = new Map<string, FigureDiff['definition']>(
    modes.flatMap(({ figures }) => figures.map(({ label, definition }) => [label, definition])),
  )
  return html`<section><details><summary>What the figures are</summary><dl>${[...known].map(
    ([label, definition]) => html`<dt><b>${label}</b></dt><dd>${definition}</dd>`,
  )}</dl></details></section>`
}
