import { modesOf } from '../report/rows.js'
import type { RunReport } from '../report/runReport.js'
import { type Html, html } from './escape.js'
import { page } from './page.js'
import { coursesOf, drawNav, drawSection, type Section } from './parts.js'
import { conflictsSection } from './sections/conflicts.js'
import { environmentSection } from './sections/environment.js'
import { gasSection } from './sections/gas.js'
import { headline, sentence } from './sections/headline.js'
import { latencySection } from './sections/latency.js'
import { mevSection } from './sections/mev.js'
import { nettingSection } from './sections/netting.js'
import { outcomesSection } from './sections/outcomes.js'
import { pricesSection } from './sections/prices.js'
import { rampSection } from './sections/ramp.js'
import { riskSection } from './sections/risk.js'
import { slippageSection } from './sections/slippage.js'
import { throughputSection } from './sections/throughput.js'
import { verificationSection } from './sections/verification.js'

const SECTIONS: readonly ((report: RunReport) => Section | undefined)[] = [
  nettingSection,
  pricesSection,
  slippageSection,
  latencySection,
  throughputSection,
  rampSection,
  gasSection,
  conflictsSection,
  outcomesSection,
  mevSection,
  riskSection,
  verificationSection,
  environmentSection,
]

/** Draws a report as a page of one file. Pure: the same report gives the same page. */
export function renderReport(report: RunReport): string {
  return page({
    title: `${sentence(report)} · ${report.run.id}`,
    main: renderReportBody(report),
  })
}

/** The content of that page's main element. */
export function renderReportBody(report: RunReport): Html {
  const sections = SECTIONS.flatMap((make) => make(report) ?? [])
  return html`${headline(report)}
${drawNav(sections)}
${
  coursesOf(report).length < modesOf(report).length &&
  html`<p class="callout">This report holds no course over time of ${missing(report)}, as reports of older versions and of several generators do: charts over blocks and time are left out. <code>loadgen report ${report.run.id} --recompute</code> adds it where the records of the run are stored.</p>`
}
${sections.map(drawSection)}
<footer>Made from report.json of ${report.run.id} alone.</footer>`
}

function missing(report: RunReport): string {
  const drawn = new Set(coursesOf(report).map(({ mode }) => mode))
  return modesOf(report)
    .map(({ mode }) => mode)
    .filter((mode) => !drawn.has(mode))
    .join(', ')
}
