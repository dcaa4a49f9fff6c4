import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ModeRecord } from '../../src/core/types.js'
import type { RunReport } from '../../src/report/runReport.js'
import { loadModeRecords } from '../../src/report/store.js'

/** Folder of the last run, by `latest`. */
export async function latestFolder(reports: string): Promise<string> {
  return join(reports, (await readFile(join(reports, 'latest'), 'utf8')).trim())
}

/** report.json of the last run, as it stands in the file. */
export async function readReport(reports: string): Promise<RunReport> {
  return JSON.parse(await readFile(join(await latestFolder(reports), 'report.json'), 'utf8'))
}

/** What a mode of the last run left behind. */
export async function readRecord(reports: string, mode: string): Promise<ModeRecord> {
  const record = (await loadModeRecords(reports, 'latest')).find((found) => found.mode === mode)
  if (record === undefined) throw new Error(`The last run has no record of ${mode}.`)
  return record
}

/** Every file of a folder and the folders in it: its path and its text. Empty when the folder is not there. */
export async function readAll(folder: string): Promise<Map<string, string>> {
  const texts = new Map<string, string>()
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    },
  )
  for (const entry of entries)
    if (entry.isFile()) {
      const path = join(entry.parentPath, entry.name)
      texts.set(path, await readFile(path, 'utf8'))
    }
  return texts
}
