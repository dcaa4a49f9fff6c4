import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { LoadgenError } from '../core/errors.js'
import { MODES, type Mode } from '../core/types.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { rowOf } from './figures.js'
import { writeWhole } from './files.js'
import { hasPlan } from './planFiles.js'
import { modesOf } from './rows.js'
import type { RunReport } from './runReport.js'
import { hasReport, loadReport } from './store.js'

/** What a list of runs says of one; of a run whose report cannot be read, why. */
export type RunSummary = ReadableRun | { id: string; unreadable: string }

export type ReadableRun = {
  id: string
  /** ISO 8601, UTC. */
  startedAt: string
  scenario: string
  traders: number
  orders: number
  modes: Partial<Record<Mode, RunFigures>>
  /** Every check holds. */
  ok: boolean
  /** report.html is there: runs of older versions have none. */
  hasPage: boolean
}

/** The headline of a mode; null where a figure is not defined. */
export type RunFigures = {
  /** Of the volume, 0 to 1. */
  ratio: number | null
  touches: number | null
  gasPerOrder: number | null
  settledPerSecond: number | null
  /** Mean. */
  slippageBps: number | null
}

/** Under which labels reports define the figures. */
const LABELS: Record<keyof RunFigures, string> = {
  touches: 'pool touches',
  ratio: 'netting ratio (volume)',
  slippageBps: 'slippage mean (bps)',
  gasPerOrder: 'gas / order',
  settledPerSecond: 'settled / s',
}

/**
 * The runs of a folder, newest first, then those that cannot be read. Folders of something else (a sweep) are left out.
 * @param reports folder of all runs; without it there are none.
 */
export async function listRuns(reports: string): Promise<RunSummary[]> {
  if (!existsSync(reports)) return []
  const names = (await readdir(reports, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .filter((name) => hasReport(join(reports, name)) || hasPlan(join(reports, name)))
  const runs: ReadableRun[] = []
  const broken: { id: string; unreadable: string }[] = []
  for (const id of names) {
    const found = await readRun(reports, id)
    if ('unreadable' in found) broken.push(found)
    else runs.push(found)
  }
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1)
  return [
    ...runs.sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt) || byId(a, b)),
    ...broken.sort(byId),
  ]
}

async function readRun(reports: string, id: string): Promise<RunSummary> {
  if (!hasReport(join(reports, id)))
    return { id, unreadable: 'It has no report: it is under way, or was cut short.' }
  try {
    // A folder may have been renamed, and the list leads into it.
    const hasPage = existsSync(join(reports, id, 'report.html'))
    return { ...summarizeRun(await loadReport(reports, id)), id, hasPage }
  } catch (error) {
    // One broken report must not hide all others.
    if (error instanceof LoadgenError) return { id, unreadable: error.message }
    throw error
  }
}

/** The headline of a report. */
export function summarizeRun(report: RunReport): Omit<ReadableRun, 'hasPage'> {
  const { run, workload, verification } = report
  const { scenario, traders, orders } = workload
  return {
    ...{ id: run.id, startedAt: run.startedAt, scenario, traders, orders, ok: verification.ok },
    modes: Object.fromEntries(
      modesOf(report).map(({ mode, metrics }) => [mode, figuresOf(metrics)]),
    ),
  }
}

function figuresOf(metrics: ModeMetrics): RunFigures {
  const value = (key: keyof RunFigures) => rowOf(LABELS[key]).value(metrics)
  return {
    ratio: value('ratio'),
    touches: value('touches'),
    gasPerOrder: value('gasPerOrder'),
    settledPerSecond: value('settledPerSecond'),
    slippageBps: value('slippageBps'),
  }
}

/** Writes the list of runs into their folder, as README.md. */
export async function writeIndex(reports: string, runs: readonly RunSummary[]): Promise<void> {
  await writeWhole(join(reports, 'README.md'), renderRunList(runs))
}

/** Draws the list of runs as Markdown, in the order given: a row for each mode of each. Pure. */
export function renderRunList(runs: readonly RunSummary[]): string {
  const keys = Object.keys(LABELS) as (keyof RunFigures)[]
  const header = ['run', 'started', 'workload', 'mode', ...keys.map((key) => LABELS[key]), 'checks']
  const rule = header.map((_, i) => (i > 3 && i < header.length - 1 ? '---:' : '---'))
  const rows = runs.flatMap((run) => ('unreadable' in run ? [] : rowsOf(run, keys)))
  const broken = runs.flatMap((run) =>
    'unreadable' in run ? [`- \`${run.id}\`: ${run.unreadable}`] : [],
  )
  const line = (cells: readonly string[]) =>
    `| ${cells.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`
  return `${[
    INTRODUCTION,
    '## Runs',
    rows.length === 0
      ? 'There is none yet.'
      : ['Newest first.', '', ...[header, rule, ...rows].map(line)].join('\n'),
    ...(broken.length === 0 ? [] : ['## Runs without a readable report', broken.join('\n')]),
  ].join('\n\n')}\n`
}

function rowsOf(run: ReadableRun, keys: readonly (keyof RunFigures)[]): string[][] {
  const { id, startedAt, scenario, traders, orders, modes, ok } = run
  const amount = (value: number) => value.toLocaleString('en-US')
  const about = [
    `[${id}](${id}/report.md)`,
    `${startedAt.slice(0, 16).replace('T', ' ')} UTC`,
    `${scenario}, ${amount(traders)} traders, ${amount(orders)} orders`,
  ]
  return MODES.flatMap((mode) => {
    const figures = modes[mode]
    if (figures === undefined) return []
    const cells = keys.map((key) => {
      const value = figures[key]
      return value === null ? '–' : rowOf(LABELS[key]).format(value)
    })
    return [[...about, mode, ...cells, ok ? 'ok' : '**FAILED**']]
  })
}

const INTRODUCTION = `# reports/

One folder a run. Everything here is generated and not committed; this file is written anew after each run.

| path | holds |
| --- | --- |
| \`<run>/report.html\` | the run as a page |
| \`<run>/report.json\` | the run as data (\`schemaVersion\` 1): seed, commit, machine, options, and every number of the others |
| \`<run>/report.md\` | the same as tables |
| \`index.html\` | the list below as a page |
| \`latest\` | the id of the last run |

\`npm run loadgen -- report\` draws a stored run again, \`diff\` holds two against each other, \`verify\` audits one.`
