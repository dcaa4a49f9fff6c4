import type { Command } from 'commander'
import { checkThresholds, parseThreshold, type Threshold } from '../../metrics/thresholds.js'
import { createRunReport, type RunReport } from '../../report/runReport.js'
import { findRun, hasReport, loadModeRecords, loadReport } from '../../report/store.js'
import { storeIndex, storeReport, writeReportPage } from '../../run/pages.js'
import { reportStage } from '../../run/reportStage.js'
import { print } from '../execute.js'
import { openFile } from '../open.js'
import { drawSweeps } from '../sweepPage.js'
import { addThresholdOption, type ThresholdOptions } from '../thresholds.js'

/** `report`: the last stage of a run, and draws a stored run again. */
export function addReportCommand(program: Command): void {
  const command = program
    .command('report')
    .description('report a run from the records of its modes, or draw its report again')
    .argument('[run]', 'id of the run', 'latest')
    .option('--run <id>', 'the same')
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option(
      '--recompute',
      'compute the figures again from the stored records, and store the report',
    )
    .option('--json', 'print the report as JSON')
    .option('--open', 'draw its page again, report.html, and open it in the browser')
    .option(
      '--sweep <id>',
      'draw the page of a sweep instead; several lie over each other (repeatable)',
      (id: string, ids: readonly string[]) => [...ids, id],
      [],
    )
  addThresholdOption(command).action(async (argument: string, options: ReportOptions) => {
    if (options.sweep.length > 0) {
      await drawSweeps(options.sweep, options)
      return
    }
    const run = options.run ?? argument
    process.exitCode = print(await readReport(run, options), options)
    if (options.open === true) await openReport(run, options)
  })
}

type ReportOptions = ThresholdOptions & {
  run?: string | undefined
  reports: string
  recompute?: boolean | undefined
  json?: boolean | undefined
  open?: boolean | undefined
  sweep: readonly string[]
}

/**
 * The stored report; computed where there is none, or when asked. Thresholds that are given take the place of those that it was held
 * against; a report that is only drawn again stays as it is stored.
 */
async function readReport(run: string, options: ReportOptions): Promise<RunReport> {
  const { reports, recompute, threshold } = options
  const folder = await findRun(reports, run)
  if (!hasReport(folder)) {
    const records = await loadModeRecords(reports, run)
    const report = await reportStage({ reports, folder, records, thresholds: threshold })
    await storeIndex(reports)
    return report
  }
  const stored = await loadReport(reports, run)
  if (recompute !== true)
    return threshold.length === 0
      ? stored
      : { ...stored, thresholds: checkThresholds(stored.modes, threshold) }
  const report = createRunReport({
    ...{ run: stored.run, environment: stored.environment },
    records: await loadModeRecords(reports, run),
    thresholds: threshold.length === 0 ? thresholdsOf(stored) : threshold,
  })
  await storeReport(reports, report)
  await storeIndex(reports)
  return report
}

/** Draws what is stored: reports of older versions have no page yet. */
async function openReport(run: string, { reports }: ReportOptions): Promise<void> {
  const path = await writeReportPage(await findRun(reports, run), await loadReport(reports, run))
  await storeIndex(reports)
  process.stderr.write(`${path}\n`)
  await openFile(path)
}

/** The bounds that a stored report was held against. */
function thresholdsOf({ thresholds = [] }: RunReport): Threshold[] {
  return [...new Set(thresholds.map(({ threshold }) => threshold))].map(parseThreshold)
}
