import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { UsageError } from '../core/errors.js'
import { MODES, type ModeRecord } from '../core/types.js'
import { readText, writeWhole } from './files.js'
import { formatJson } from './json.js'
import { renderMarkdown } from './markdown.js'
import { loadRecord, saveRecord } from './records.js'
import { parseRunReport, type RunReport } from './runReport.js'

/**
 * The folder of all runs:
 *
 *     reports/<run>/report.json   the figures
 *     reports/<run>/report.md     the same to read
 *     reports/<run>/<mode>/       what the mode left behind (records.ts)
 *     reports/latest              a text file with the id of the last run (a symbolic link would not survive a zip archive)
 */
const LATEST = 'latest'

/**
 * Names a run `<scenario>-<seed>-<yyyymmdd-hhmmss>`, in UTC. Other characters than letters, digits, dots and dashes become
 * dashes.
 */
export function createRunId(run: { scenario: string; seed: string; startedAt: Date }): string {
  const [date = '', time = ''] = run.startedAt.toISOString().split(/[T.]/)
  const stamp = `${date.replaceAll('-', '')}-${time.replaceAll(':', '')}`
  return `${run.scenario}-${run.seed}-${stamp}`.replace(/[^A-Za-z0-9.-]/g, '-').replace(/^\.+/, '')
}

/**
 * Writes report.json and report.md of a run, then makes it the latest. Each file appears whole or not at all.
 * @returns the folder of the run.
 */
export async function saveReport(reports: string, report: RunReport): Promise<string> {
  const folder = join(reports, report.run.id)
  await writeWhole(join(folder, 'report.md'), renderMarkdown(report))
  await writeWhole(join(folder, 'report.json'), formatJson(report))
  await writeWhole(join(reports, LATEST), `${report.run.id}\n`)
  return folder
}

/**
 * Checks that runs can be stored in a folder, or that it can be made. Writes nothing.
 * @throws UsageError when not.
 */
export function checkReports(reports: string): void {
  let folder = resolve(reports)
  while (!existsSync(folder)) folder = dirname(folder)
  try {
    if (!statSync(folder).isDirectory())
      throw new UsageError(`"${folder}" is a file; --reports takes a folder.`)
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    if (cause instanceof UsageError) throw cause
    throw new UsageError(
      `Reports cannot be written in "${folder}"; give another folder with --reports.`,
      { cause },
    )
  }
}

/** Stores what a mode left behind, in the folder of its run. */
export async function saveModeRecord(
  reports: string,
  run: string,
  record: ModeRecord,
): Promise<void> {
  await saveRecord(join(reports, run, record.mode), record)
}

/**
 * The folder of a stored run.
 * @param run Its id, or `latest`.
 * @throws UsageError when there is none.
 */
export async function findRun(reports: string, run: string): Promise<string> {
  const latest = join(reports, LATEST)
  if (run === LATEST && !existsSync(latest))
    throw new UsageError(`"${reports}" holds no run yet; make one with run or compare.`)
  const id = run === LATEST ? (await readText(latest, 'the id of the last run')).trim() : run
  const folder = join(reports, id)
  if (!/^[A-Za-z0-9-][A-Za-z0-9.-]*$/.test(id) || !existsSync(folder))
    throw new UsageError(
      `There is no run "${id}" in "${reports}"; give the id of a run, or latest.`,
    )
  return folder
}

/** Reads the report of a stored run. @throws UsageError when there is none, or a broken or newer one. */
export async function loadReport(reports: string, run: string): Promise<RunReport> {
  const path = join(await findRun(reports, run), 'report.json')
  return parseRunReport(await readText(path, 'the report of a run'), path)
}

/** Reads what the modes of a stored run left behind. @throws UsageError when nothing is there or it is broken. */
export async function loadModeRecords(reports: string, run: string): Promise<ModeRecord[]> {
  const folder = await findRun(reports, run)
  const modes = MODES.filter((mode) => existsSync(join(folder, mode)))
  if (modes.length === 0)
    throw new UsageError(`"${folder}" holds no record of a mode; only its report was kept.`)
  const records: ModeRecord[] = []
  for (const mode of modes) records.push(await loadRecord(join(folder, mode)))
  return records
}
