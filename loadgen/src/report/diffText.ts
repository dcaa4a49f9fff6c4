import { type Difference, type FigureDiff, NOISE, type ReportDiff, type Verdict } from './diff.js'
import { paintAnsi, type renderTerminal } from './terminal.js'

/** Draws two runs side by side as an aligned table of plain text. */
export function renderDiff(diff: ReportDiff, options: renderTerminal.Options = {}): string {
  const paint = options.color === true ? paintAnsi : (text: string) => text
  const { a, b, modes } = diff
  const header = ['', 'A', 'B', 'change']
  const lines = modes.flatMap(({ figures }) => figures.map(toCells))
  const widths = header.map((name, i) =>
    Math.max(name.length, ...lines.map((line) => line[i]?.length ?? 0)),
  )
  const draw = (cells: readonly string[]) =>
    `  ${cells.map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0))).join('  ')}`
  const mark = (verdict: Verdict | null) => {
    if (verdict === null) return ''
    const style = STYLES[verdict]
    return `  ${style === undefined ? verdict : paint(verdict, style)}`
  }
  return `${[
    `${paint('A', 'bold')} ${nameOf(a)}`,
    `${paint('B', 'bold')} ${nameOf(b)}`,
    ...diffNotes(diff),
    '',
    paint(draw(header), 'bold'),
    ...modes.flatMap(({ mode, figures }) => [
      paint(mode, 'dim'),
      ...figures.map((figure) => `${draw(toCells(figure))}${mark(figure.verdict)}`.trimEnd()),
    ]),
    '',
    `B: ${diffTally(diff)}. ${NOISE_NOTE}`,
  ].join('\n')}\n`
}

const STYLES: Partial<Record<Verdict, Parameters<typeof paintAnsi>[1]>> = {
  better: 'green',
  worse: 'red',
  same: 'dim',
}

function nameOf({ id, commit, isVerified }: ReportDiff['a']): string {
  return `${id}, commit ${commit}${isVerified ? '' : ', NOT VERIFIED'}`
}

/** What to know before reading the figures: a sentence each. */
export function diffNotes({ workload, machine, onlyA, onlyB }: ReportDiff): string[] {
  return [
    ...(workload.length > 0
      ? [`The workloads differ (${list(workload)}): so do the figures, whatever the code does.`]
      : []),
    ...(machine.length > 0
      ? [`The machines differ (${list(machine)}): times and rates say nothing of the code.`]
      : []),
    ...(onlyA.length > 0 ? [`Only A ran ${onlyA.join(', ')}.`] : []),
    ...(onlyB.length > 0 ? [`Only B ran ${onlyB.join(', ')}.`] : []),
  ]
}

function list(differences: readonly Difference[]): string {
  return differences.map(({ what, a, b }) => `${what} ${a} → ${b}`).join(', ')
}

function toCells({ label, aText, bText, change }: FigureDiff): string[] {
  return [label, aText, bText, changeText(change)]
}

/** A change in percent, with its sign; empty where there is none to tell. */
export function changeText(change: number | null): string {
  if (change === null) return ''
  const percent = (change * 100).toLocaleString('en-US', {
    ...{ minimumFractionDigits: 1, maximumFractionDigits: 1, signDisplay: 'exceptZero' },
  })
  return `${percent.replace('-', '−')} %`
}

/** How many figures of B are better, worse and the same, in words. */
export function diffTally({ modes }: ReportDiff): string {
  const verdicts = modes.flatMap(({ figures }) => figures.map(({ verdict }) => verdict))
  const count = (wanted: Verdict) => verdicts.filter((verdict) => verdict === wanted).length
  return `${count('better')} better, ${count('worse')} worse, ${count('same')} the same`
}

export const NOISE_NOTE = `Times and rates that differ by less than ${NOISE * 100} % count as the same.`
