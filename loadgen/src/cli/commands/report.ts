import type { Command } from 'commander'
import { formatJson } from '../../report/json.js'
import { createRunReport, type RunReport } from '../../report/runReport.js'
import { findRun, hasReport, loadModeRecords, loadReport, saveReport } from '../../report/store.js'
import { renderTerminal, wantsColor } from '../../report/terminal.js'
import { reportStage } from '../../run/reportStage.js'

/** `report`: the last stage of a run, and draws a stored run again. */
export function addReportCommand(program: Command): void {
  program
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
    .action(async (argument: string, options: ReportOptions) => {
      const report = await readReport(options.run ?? argument, options)
      const color = wantsColor(process.stdout, process.env)
      process.stdout.write(
        options.json === true ? formatJson(report) : renderTerminal(report, { color }),
      )
    })
}

type ReportOptions = {
  run?: string | undefined
  reports: string
  recompute?: boolean | undefined
  json?: boolean | undefined
}

/** The stored report; computed where there is none, or when asked. */
async function readReport(run: string, { reports, recompute }: ReportOptions): Promise<RunReport> {
  const folder = await findRun(reports, run)
  if (!hasReport(folder))
    return reportStage({ reports, folder, records: await loadModeRecords(reports, run) })
  const stored = await loadReport(reports, run)
  if (recompute !== true) return stored
  const report = createRunReport({
    ...{ run: stored.run, environment: stored.environment },
    records: await loadModeRecords(reports, run),
  })
  await saveReport(reports, report)
  return report
}
