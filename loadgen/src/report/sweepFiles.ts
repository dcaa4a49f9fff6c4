import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../core/errors.js'
import { readText, writeWhole } from './files.js'
import { formatJson } from './json.js'
import type { SweepReport } from './sweep.js'
import { parseSweepReport } from './sweepShape.js'
import { renderSweepCsv, renderSweepMarkdown } from './sweepTables.js'

/**
 * The folder of a sweep, beside those of its runs:
 *
 *     reports/<sweep>/sweep.json   the points that are done, and their figures
 *     reports/<sweep>/sweep.md     the curves as tables
 *     reports/<sweep>/sweep.csv    the same, a row for each point and mode
 */
const JSON_FILE = 'sweep.json'

/** Writes the files of a sweep, each whole or not at all, sweep.json last. @returns the folder. */
export async function saveSweep(reports: string, report: SweepReport): Promise<string> {
  const folder = join(reports, report.sweep.id)
  await writeWhole(join(folder, 'sweep.md'), renderSweepMarkdown(report))
  await writeWhole(join(folder, 'sweep.csv'), renderSweepCsv(report))
  await writeWhole(join(folder, JSON_FILE), formatJson(report))
  return folder
}

/** Reads a stored sweep. @throws UsageError when there is none of that id, or a broken or newer one. */
export async function loadSweep(reports: string, id: string): Promise<SweepReport> {
  const path = join(reports, id, JSON_FILE)
  if (!/^[A-Za-z0-9-][A-Za-z0-9.-]*$/.test(id) || !existsSync(path))
    throw new UsageError(`There is no sweep "${id}" in "${reports}"; give the id of a sweep.`)
  return parseSweepReport(await readText(path, 'a sweep'), path)
}
