import { MODES, type Mode } from '../core/types.js'
import { provenance } from './rows.js'
import type { SweepPoint, SweepReport } from './sweep.js'
import { RATIO, SWEEP_FIGURES, type SweepFigure, type SweepFigureKey } from './sweepFigures.js'

/** Column of what the trades of a replay allow. */
const EXPECTED = 'expected'

/** Figures that fit beside each other on a terminal. */
const SHORT: Partial<Record<SweepFigureKey, string>> = {
  'netting.ratioVolume': 'netting ratio',
  poolTouches: 'pool touches',
  'slippageBps.mean': 'slippage bps',
  'gas.perOrder': 'gas / order',
  'throughput.settledPerSecond': 'settled / s',
  'latencyMs.settlement.p50': 'p50 ms',
  'latencyMs.settlement.p99': 'p99 ms',
}

/** Draws a sweep as Markdown: a table for each figure, a row for each point, a column for each mode. */
export function renderSweepMarkdown(report: SweepReport): string {
  const { sweep, points, verification } = report
  return `${[
    `# Sweep ${sweep.id}`,
    table(['sweep', ''], summary(report)),
    ...curves(report),
    '## Runs',
    table(
      [...report.variables.map(({ name }) => name), 'run', 'verified'],
      points.map((point) => [
        ...valuesOf(report, point),
        point.run,
        point.failedChecks.length === 0 ? 'ok' : '**FAILED**',
      ]),
    ),
    ...bounds(report),
    '## Verification',
    table(
      ['check', 'result', 'detail'],
      verification.checks.map(({ name, ok, detail }) => [name, ok ? 'ok' : '**FAILED**', detail]),
    ),
    '## Run it again',
    `\`\`\`sh\n${sweep.command}\n\`\`\``,
  ].join('\n\n')}\n`
}

function summary({ sweep, modes, variables, points, size }: SweepReport): string[][] {
  const environments = new Set(
    points.map(({ environment: { client, cpus, memoryBytes, node, platform, emulated } }) => {
      const gigabytes = (memoryBytes / 2 ** 30).toFixed(1)
      const where = emulated ? ', embedded: gas and times are the emulation’s' : ''
      return `${client}${where}; ${cpus} CPUs, ${gigabytes} GiB, ${platform}, Node.js ${node}`
    }),
  )
  return [
    ...variables.map(({ name, values }) => [name, values.join(', ')]),
    ['modes', modes.join(', ')],
    ['points', points.length === size ? String(size) : `${points.length} of ${size} done`],
    ['commit', sweep.commit],
    ['started', sweep.startedAt],
    ...[...environments].map((environment) => ['node and machine', environment]),
  ]
}

function curves(report: SweepReport): string[] {
  const { points, variables, modes } = report
  return SWEEP_FIGURES.flatMap((figure) => {
    const isMeasured = points.some((point) =>
      modes.some((mode) => point.modes[mode]?.[figure.key] != null),
    )
    const [first] = points
    if (!isMeasured || first === undefined) return []
    const hasExpected = figure.key === RATIO && isReplay(report)
    const rows = points.map((point) => [
      ...valuesOf(report, point),
      ...modes.map((mode) => show(figure, point.modes[mode]?.[figure.key])),
      ...(hasExpected ? [show(figure, point.expected)] : []),
    ])
    const header = [
      ...variables.map(({ name }) => name),
      ...modes,
      ...(hasExpected ? ['the trades alone'] : []),
    ]
    const [start = '', ...rest] = figure.definition
    return [
      `## ${figure.label}`,
      `${start.toUpperCase()}${rest.join('')} (${provenance(figure, first)}).`,
      table(header, rows, header.length),
    ]
  })
}

function bounds({ points }: SweepReport): string[] {
  const rows = points.flatMap((point) =>
    point.thresholds.map(({ threshold, mode, actual, ok }) => [
      threshold,
      Object.values(point.values).join(', '),
      mode,
      actual === null ? 'not measured' : String(actual),
      ok ? 'ok' : '**MISSED**',
    ]),
  )
  if (rows.length === 0) return []
  return ['## Thresholds', table(['bound', 'point', 'mode', 'measured', 'result'], rows)]
}

/** Draws the main curves of a sweep as an aligned table of plain text, a line for each point and mode. */
export function renderSweepTerminal(report: SweepReport): string {
  const { sweep, points, size, variables, modes, verification } = report
  const figures = SWEEP_FIGURES.filter(({ key }) => Object.hasOwn(SHORT, key))
  const hasExpected = isReplay(report)
  const ratio = figures.find(({ key }) => key === RATIO)
  const header = [
    ...variables.map(({ name }) => name),
    'mode',
    ...(hasExpected ? ['trades alone'] : []),
    ...figures.map(({ key }) => SHORT[key as SweepFigureKey] ?? key),
  ]
  const lines = points.flatMap((point) =>
    modes.map((mode) => [
      ...valuesOf(report, point),
      mode,
      ...(hasExpected && ratio !== undefined ? [show(ratio, point.expected)] : []),
      ...figures.map((figure) => show(figure, point.modes[mode]?.[figure.key])),
    ]),
  )
  const widths = header.map((name, i) =>
    Math.max(name.length, ...lines.map((line) => line[i]?.length ?? 0)),
  )
  const draw = (line: readonly string[]) =>
    line
      .map((text, i) => text.padStart(widths[i] ?? 0))
      .join('  ')
      .trimEnd()
  const failed = verification.checks.filter(({ ok }) => !ok)
  return `${[
    `Sweep ${sweep.id}`,
    `${points.length} of ${size} points`,
    '',
    ...[header, ...lines].map((line) => `  ${draw(line)}`),
    '',
    failed.length === 0
      ? 'Verified: every check holds.'
      : `NOT VERIFIED: ${failed.length} of ${verification.checks.length} checks fail.`,
    ...failed.map(({ name, detail }) => `  ${name}: ${detail}`),
  ].join('\n')}\n`
}

/** Writes a sweep as CSV (RFC 4180): a row for each point and mode, figures by their places in report.json and in its units. */
export function renderSweepCsv(report: SweepReport): string {
  const { variables, points } = report
  const header = [
    ...variables.map(({ name }) => name),
    ...['mode', 'run', 'verified', EXPECTED],
    ...SWEEP_FIGURES.map(({ key }) => key),
  ]
  const rows = points.flatMap((point) =>
    MODES.flatMap((mode: Mode) => {
      const figures = point.modes[mode]
      if (figures === undefined) return []
      return [
        [
          ...valuesOf(report, point),
          ...[mode, point.run, String(point.failedChecks.length === 0)],
          ...[point.expected, ...SWEEP_FIGURES.map(({ key }) => figures[key] ?? null)].map(
            (value) => (value === null ? '' : String(value)),
          ),
        ],
      ]
    }),
  )
  return [header, ...rows].map((row) => `${row.map(quote).join(',')}\r\n`).join('')
}

function quote(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

function isReplay({ points }: SweepReport): boolean {
  return points.some(({ expected }) => expected !== null)
}

function valuesOf({ variables }: SweepReport, { values }: SweepPoint): string[] {
  return variables.map(({ name }) => values[name] ?? '')
}

function show(figure: SweepFigure, value: number | null | undefined): string {
  return value == null ? '–' : figure.format(value)
}

/** A Markdown table; the first `numbers` columns are aligned right. */
function table(header: readonly string[], rows: readonly string[][], numbers = 0): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  const rule = header.map((_, i) => (i < numbers ? '---:' : '---'))
  return [line(header), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}
