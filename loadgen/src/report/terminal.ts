import { COMPARISON_ROWS, sectionsOf } from './figures.js'
import { cell, modesOf, rampText, sendingText, workloadText } from './rows.js'
import type { RunReport } from './runReport.js'

/** Draws a report as an aligned table of plain text, one column a mode. */
export function renderTerminal(report: RunReport, options: renderTerminal.Options = {}): string {
  const paint = options.color === true ? paintAnsi : (text: string) => text
  const modes = modesOf(report)
  const { keeper, ...netting } = report.comparison

  const header = ['', ...modes.map(({ mode }) => mode)]
  const sections = sectionsOf(modes).map(({ title, rows }) => ({
    title,
    lines: rows.map((row) => [row.label, ...modes.map(({ metrics }) => cell(row, metrics))]),
  }))
  if (report.modes.direct !== undefined && modes.length > 1)
    sections.push({
      title: 'Against direct',
      lines: COMPARISON_ROWS.map((row) => [
        row.label,
        ...modes.map(({ mode }) => {
          if (mode === 'netting') return cell(row, netting)
          return mode === 'keeper' && keeper !== undefined ? cell(row, keeper) : ''
        }),
      ]),
    })

  const everyLine = [header, ...sections.flatMap(({ lines }) => lines)]
  const widths = header.map((_, i) => Math.max(...everyLine.map((line) => line[i]?.length ?? 0)))
  const draw = (line: readonly string[]) =>
    line
      .map((text, i) => (i === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd()
  return `${[
    paint(`Run ${report.run.id}`, 'bold'),
    workloadText(report.workload),
    ...[sendingText(report) ?? []].flat(),
    '',
    paint(`  ${draw(header)}`, 'bold'),
    ...sections.flatMap(({ title, lines }) => [
      paint(title, 'dim'),
      ...lines.map((line) => `  ${draw(line)}`),
    ]),
    ...modes.flatMap(({ mode, metrics }) => {
      const text = rampText(metrics)
      return text === undefined ? [] : [`  ${mode}: ${text}`]
    }),
    '',
    ...verification(report, paint),
  ].join('\n')}\n`
}

export declare namespace renderTerminal {
  type Options = {
    /** Colours by ANSI escapes. Default off; see {@link wantsColor}. */
    color?: boolean | undefined
  }
}

/** True when a stream shows colours: a terminal, unless the environment sets NO_COLOR (https://no-color.org). */
export function wantsColor(
  stream: { isTTY?: boolean | undefined },
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return stream.isTTY === true && (env.NO_COLOR ?? '') === ''
}

const ANSI = { bold: 1, dim: 2, red: 31, green: 32 } as const
type Paint = (text: string, style: keyof typeof ANSI) => string

export const paintAnsi: Paint = (text, style) => `\u001b[${ANSI[style]}m${text}\u001b[0m`

function verification({ verification: { ok, checks } }: RunReport, paint: Paint): string[] {
  if (ok) return [paint(`Verified: all ${checks.length} checks hold.`, 'green')]
  const failed = checks.filter((check) => !check.ok)
  return [
    paint(`NOT VERIFIED: ${failed.length} of ${checks.length} checks fail.`, 'red'),
    ...failed.map(({ name, detail }) => `  ${name}: ${detail}`),
  ]
}
