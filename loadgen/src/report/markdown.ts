import type { Comparison } from '../metrics/compare.js'
import { COMPARISON_ROWS, sectionsOf } from './figures.js'
import { cell, modesOf, provenance, rampText, sendingText, workloadText } from './rows.js'
import type { RunReport } from './runReport.js'

/** Draws a report as Markdown: every figure with its definition and how it was got. The same report gives the same text. */
export function renderMarkdown(report: RunReport): string {
  const { run, verification } = report
  return `${[
    `# Run ${run.id}`,
    summary(report),
    '## Figures',
    figures(report),
    ...reasons(report),
    ...ramps(report),
    ...conflicts(report),
    ...comparison(report),
    ...thresholds(report),
    '## Verification',
    verification.ok
      ? `All ${verification.checks.length} checks hold.`
      : `**${verification.checks.filter(({ ok }) => !ok).length} of ${verification.checks.length} checks fail.**`,
    table(
      ['check', 'result', 'detail'],
      verification.checks.map(({ name, ok, detail }) => [name, ok ? 'ok' : '**FAILED**', detail]),
    ),
    '## Run it again',
    `\`\`\`sh\n${run.command}\n\`\`\``,
  ].join('\n\n')}\n`
}

function summary(report: RunReport): string {
  const { run, environment, workload } = report
  const sending = sendingText(report)
  const gigabytes = (environment.memoryBytes / 2 ** 30).toFixed(1)
  const node = environment.emulated
    ? `${environment.client}, chain ${environment.chainId}, embedded: Arcology's precompiles and blocks are emulated, so ` +
      "gas and times are the emulation's. What is modelled is marked."
    : `${environment.client}, chain ${environment.chainId}. Nothing is modelled.`
  const facts = [
    ['workload', workloadText(workload)],
    ...(sending === undefined ? [] : [['sending', sending]]),
    ['seed', run.seed],
    ['commit', run.commit],
    ['started', `${run.startedAt}, took ${(run.durationMs / 1_000).toFixed(1)} s`],
    [
      'machine',
      `${environment.cpus} CPUs, ${gigabytes} GiB, ${environment.platform}, Node.js ${environment.node}`,
    ],
    ['node', node],
  ]
  return table(['run', ''], facts)
}

function figures(report: RunReport): string {
  const modes = modesOf(report)
  const rows = sectionsOf(modes).flatMap((section) =>
    section.rows.map((row) => [
      row.label,
      ...modes.map(({ metrics }) => cell(row, metrics)),
      row.definition,
      provenance(row, report),
    ]),
  )
  const header = ['figure', ...modes.map(({ mode }) => mode), 'definition', 'kind']
  return table(header, rows, modes.length)
}

function reasons(report: RunReport): string[] {
  const lines = modesOf(report).flatMap(({ mode, metrics }) => [
    ...Object.entries(metrics.orders.rejectedBy).map(
      ([reason, n]) => `- ${mode}, rejected: ${n} × ${reason}`,
    ),
    ...Object.entries(metrics.orders.failedBy).map(
      ([reason, n]) => `- ${mode}, failed: ${n} × ${reason}`,
    ),
  ])
  return lines.length === 0 ? [] : ['Why orders were rejected or failed:', lines.join('\n')]
}

/** What each rate of a ramp did. */
function ramps(report: RunReport): string[] {
  const modes = modesOf(report)
  const ends = modes.flatMap(({ mode, metrics }) => {
    const text = rampText(metrics)
    return text === undefined ? [] : [`- ${mode}: ${text}`]
  })
  if (ends.length === 0) return []
  const number = (value: number) => value.toLocaleString('en-US', { maximumFractionDigits: 1 })
  const rows = modes.flatMap(({ mode, metrics }) =>
    (metrics.sending?.ramp?.steps ?? []).map((step) => [
      ...[mode, number(step.perSecond), number(step.acceptedPerSecond), number(step.p99Ms)],
      `${number(step.errorShare * 100)} %`,
    ]),
  )
  return ['## Ramp', ends.join('\n'), table(['mode', ...RAMP_COLUMNS], rows, RAMP_COLUMNS.length)]
}

const RAMP_COLUMNS = ['rate / s', 'accepted / s', 'answer p99 (ms)', 'failed or dropped']

/** Which functions fought over what. */
function conflicts(report: RunReport): string[] {
  const rows = modesOf(report).flatMap(({ mode, metrics }) =>
    (metrics.conflicts?.pairs ?? []).map((pair) => [
      mode,
      `${pair.winner} (${pair.winnerKind})`,
      `${pair.loser} (${pair.loserKind})`,
      `${pair.space} of ${pair.ownerName}${pair.key === '' ? '' : `, ${pair.key}`}`,
      pair.aborted.toLocaleString('en-US'),
      pair.blocks.toLocaleString('en-US'),
    ]),
  )
  if (rows.length === 0) return []
  const header = ['mode', 'stands', 'aborted', 'over', 'transactions', 'blocks']
  return ['## Conflicts', CONFLICTS, table(header, rows)]
}

/** What a conflict is. */
export const CONFLICTS =
  'Two transactions of one generation that touch the same state: one stands, the other is aborted, and from the next block on ' +
  'the runtime runs the two functions one after the other.'

function comparison(report: RunReport): string[] {
  if (report.modes.direct === undefined) return []
  const { keeper, ...netting } = report.comparison
  const columns: [string, Comparison][] = []
  if (report.modes.netting !== undefined) columns.push(['netting ÷ direct', netting])
  if (keeper !== undefined) columns.push(['keeper ÷ direct', keeper])
  if (columns.length === 0) return []
  const rows = COMPARISON_ROWS.map((row) => [
    row.label,
    ...columns.map(([, figuresOf]) => cell(row, figuresOf)),
    row.definition,
    provenance(row, report),
  ])
  const header = ['figure', ...columns.map(([name]) => name), 'definition', 'kind']
  return ['## Comparison on the same signed workload', table(header, rows, columns.length)]
}

function thresholds({ thresholds: results = [] }: RunReport): string[] {
  if (results.length === 0) return []
  const rows = results.map(({ threshold, mode, actual, ok }) => [
    ...[threshold, mode, actual === null ? 'not measured' : String(actual)],
    ok ? 'ok' : '**MISSED**',
  ])
  return ['## Thresholds', table(['threshold', 'mode', 'measured', 'result'], rows)]
}

/** A Markdown table; the `numbers` columns after the first are aligned right. */
function table(header: readonly string[], rows: readonly string[][], numbers = 0): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = header.map((_, i) => (i > 0 && i <= numbers ? '---:' : '---'))
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}
