import { join } from 'node:path'
import { LoadgenError } from '../core/errors.js'
import type { ModeRecord } from '../core/types.js'
import type { Threshold } from '../metrics/thresholds.js'
import { loadRunFile, loadSetup } from '../report/runFiles.js'
import { createRunReport, type RunReport } from '../report/runReport.js'
import { doneMsOf, JOURNAL } from './journal.js'
import { storeReport } from './pages.js'

/** Computes the report of a run from the records of its modes, and stores it. @param options.records one or more. */
export async function reportStage(options: reportStage.Options): Promise<RunReport> {
  const { folder, records } = options
  const [first] = records
  if (first === undefined) throw new LoadgenError('There is no report without a record.')
  const { id, commit, command, startedAt } = await loadRunFile(folder)
  const ends = records.map(
    ({ mode }) => doneMsOf(join(folder, mode, JOURNAL), 'collected') ?? Date.parse(startedAt),
  )
  const report = createRunReport({
    run: {
      ...{ id, seed: first.plan.seed, commit, command, startedAt },
      durationMs: Math.round(Math.max(...ends) - Date.parse(startedAt)),
    },
    environment: (await loadSetup(join(folder, first.mode))).environment,
    ...{ records, thresholds: options.thresholds },
  })
  await storeReport(options.reports, report)
  return report
}

export declare namespace reportStage {
  type Options = {
    /** Folder of all runs. */
    reports: string
    /** Folder of the run. */
    folder: string
    records: readonly ModeRecord[]
    /** Bounds that its figures are held against. Default: none. */
    thresholds?: readonly Threshold[] | undefined
  }
}
