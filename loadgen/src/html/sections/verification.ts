import type { RunReport } from '../../report/runReport.js'
import { html } from '../escape.js'
import { type Section, verdict } from '../parts.js'
import { table } from '../table.js'

/** What was checked of the run, and the bounds that it was held against. */
export function verificationSection(report: RunReport): Section {
  const { verification, thresholds = [] } = report
  const failed = verification.checks.filter(({ ok }) => !ok)
  const rows = (checks: typeof failed) =>
    checks.map(({ name, ok, detail }) => [name, verdict(ok), detail])
  const header = ['check', 'result', 'looked at, or the first fault']
  return {
    id: 'verification',
    title: 'Verification',
    body: html`<p>Every figure is held against the chain: each mode’s signed transactions and events are replayed, and the state that must follow is compared with the state that is there.</p>
${
  failed.length === 0
    ? html`<p><span class="badge good">✓</span> All ${verification.checks.length} checks hold.</p>`
    : html`<p><span class="badge bad">✗</span> <strong>${failed.length} of ${verification.checks.length} checks fail.</strong></p>
${table({ label: 'Checks that fail', header, rows: rows(failed), numbers: 0 })}`
}
<details><summary>All ${verification.checks.length} checks</summary>${table({
      ...{ label: 'All checks', header, numbers: 0 },
      rows: rows(verification.checks),
    })}</details>
${
  thresholds.length > 0 &&
  html`<h3>Thresholds</h3>${table({
    label: 'Thresholds',
    header: ['bound', 'mode', 'measured', 'result'],
    rows: thresholds.map(({ threshold, mode, actual, ok }) => [
      threshold,
      mode,
      actual === null ? 'not measured' : String(actual),
      ok ? verdict(true) : html`<span class="badge bad">✗ missed</span>`,
    ]),
    ...{ numbersFrom: 2, numbers: 1 },
  })}`
}`,
  }
}
