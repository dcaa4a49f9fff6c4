import { join } from 'node:path'
import type { ReportDiff } from '../report/diff.js'
import { writeWhole } from '../report/files.js'
import { listRuns, writeIndex } from '../report/index.js'
import type { RunReport } from '../report/runReport.js'
import { saveReport } from '../report/store.js'
import type { SweepReport } from '../report/sweep.js'
import { saveSweep } from '../report/sweepFiles.js'

/** Stores the report of a run (store.ts) and the page that shows it; not yet the list of runs. @returns the folder of the run. */
export async function storeReport(reports: string, report: RunReport): Promise<string> {
  const folder = await saveReport(reports, report)
  await writeReportPage(folder, report)
  return folder
}

/** Writes the list of runs into their folder, as README.md and index.html. It reads the report of every run: once a command will do. */
export async function storeIndex(reports: string): Promise<void> {
  const runs = await listRuns(reports)
  await writeIndex(reports, runs)
  const { renderIndex } = await import('../html/runIndex.js')
  await write(join(reports, 'index.html'), renderIndex(runs))
}

/** Writes report.html beside report.json. @returns its path. */
export async function writeReportPage(folder: string, report: RunReport): Promise<string> {
  // What draws charts takes longer to load than all else: only where a page is drawn.
  const { renderReport } = await import('../html/report.js')
  return write(join(folder, 'report.html'), renderReport(report))
}

/** Stores a sweep (sweepFiles.ts), then the page that shows it. @returns the folder of the sweep. */
export async function storeSweep(reports: string, report: SweepReport): Promise<string> {
  const folder = await saveSweep(reports, report)
  await writeSweepPage(reports, [report])
  return folder
}

/**
 * Writes the page of a sweep beside its sweep.json, as sweep.html; with others over it, as sweeps.html.
 * @param sweeps one or more; the first one's variable is the axis.
 * @returns the path of the page.
 */
export async function writeSweepPage(
  reports: string,
  sweeps: readonly [SweepReport, ...SweepReport[]],
): Promise<string> {
  const { renderSweep } = await import('../html/sweep.js')
  const [{ sweep }] = sweeps
  const name = sweeps.length === 1 ? 'sweep.html' : 'sweeps.html'
  return write(join(reports, sweep.id, name), renderSweep(...sweeps))
}

/** Writes the page that holds two runs against each other. @returns its path. */
export async function writeDiffPage(path: string, diff: ReportDiff): Promise<string> {
  const { renderDiff } = await import('../html/diff.js')
  return write(path, renderDiff(diff))
}

async function write(path: string, content: string): Promise<string> {
  await writeWhole(path, content)
  return path
}
