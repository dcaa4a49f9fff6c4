import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { UsageError } from '../core/errors.js'
import { MODES, type Mode, type ModeRecord } from '../core/types.js'
import { readText, writeWhole } from './files.js'
import { formatJson } from './json.js'
import { renderMarkdown } from './markdown.js'
import { loadPlan } from './planFiles.js'
import { hasRecord, loadRecord, saveRecord } from './records.js'
import { parseRunReport, type RunReport } from './runReport.js'

/**
 * The folder of all runs:
 *
 *     reports/<run>/run.json        how it was asked for (runFiles.ts)
 *     reports/<run>/plan.json, intents.jsonl   the plan (planFiles.ts)
 *     reports/<run>/<mode>/         what each stage of the mode left behind: setup.json, transactions.txt and signed.jsonl,
 *                                   journal.jsonl (run/), record.json and its lists (records.ts)
 *     reports/<run>/report.json     the figures
 *     reports/<run>/report.md       the same to read
 *     reports/latest                a text file with the id of the last run (a symbolic link would not survive a zip archive)
 */
const LATEST = 'latest'

/**
 * Makes the folder of a new run and names it `<scenario>-<seed>-<yyyymmdd-hhmmss-mmm>`, in UTC. Other characters than letters,
 * digits, dots and dashes become dashes. Of runs that start in the same millisecond each but the first has a number more.
 */
export function createRun(
  reports: string,
  run: { scenario: string; seed: string; startedAt: Date },
): { id: string; folder: string } {
  mkdirSync(reports, { recursive: true })
  const name = runName(run)
  for (let copy = 1; ; copy++) {
    const id = copy === 1 ? name : `${name}-${copy}`
    const folder = join(reports, id)
    try {
      mkdirSync(folder)
      return { id, folder }
    } catch (cause) {
      if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause
    }
  }
}

function runName(run: { scenario: string; seed: string; startedAt: Date }): string {
  const stamp = run.startedAt.toISOString().replaceAll(/[-:Z]/g, '').replaceAll(/[T.]/g, '-')
  return `${run.scenario}-${run.seed}-${stamp}`.replace(/[^A-Za-z0-9.-]/g, '-').replace(/^\.+/, '')
}

/** True when a folder of runs has one that `latest` means. */
export function hasLatest(reports: string): boolean {
  return existsSync(join(reports, LATEST))
}

/** Splits the path of a run, `<reports>/<id>` or `<reports>/latest`; an id alone is in `reports`. */
export function splitRun(run: string, reports: string): { reports: string; id: string } {
  return /[/\\]/.test(run) ? { reports: dirname(run), id: basename(run) } : { reports, id: run }
}

/** Makes a run the one that `latest` means. */
export async function setLatest(reports: string, id: string): Promise<void> {
  await writeWhole(join(reports, LATEST), `${id}\n`)
}

/**
 * Writes report.json and report.md of a run, then makes it the latest. Each file appears whole or not at all.
 * @returns the folder of the run.
 */
export async function saveReport(reports: string, report: RunReport): Promise<string> {
  const folder = join(reports, report.run.id)
  await writeWhole(join(folder, 'report.md'), renderMarkdown(report))
  await writeWhole(join(folder, REPORT), formatJson(report))
  await setLatest(reports, report.run.id)
  return folder
}

const REPORT = 'report.json'

/** @param folder of the run. */
export function hasReport(folder: string): boolean {
  return existsSync(join(folder, REPORT))
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

/** Stores what a mode left behind, in the folder of its run, which has the plan. */
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
  if (run === LATEST && !hasLatest(reports))
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
  const path = join(await findRun(reports, run), REPORT)
  return parseRunReport(await readText(path, 'the report of a run'), path)
}

/** Modes of a run whose record is whole. @param folder of the run. */
export function recordedModes(folder: string): Mode[] {
  return MODES.filter((mode) => hasRecord(join(folder, mode)))
}

/** Reads what the modes of a stored run left behind. @throws UsageError when nothing is there or it is broken. */
export async function loadModeRecords(reports: string, run: string): Promise<ModeRecord[]> {
  const folder = await findRun(reports, run)
  const modes = recordedModes(folder)
  if (modes.length === 0)
    throw new UsageError(
      hasReport(folder)
        ? `"${folder}" holds no record of a mode; only its report was kept.`
        : `"${folder}" holds no record of a mode yet; sign, submit and collect one.`,
    )
  const plan = await loadPlan(folder)
  const records: ModeRecord[] = []
  for (const mode of modes) records.push(await loadRecord(join(folder, mode), plan))
  return records
}
