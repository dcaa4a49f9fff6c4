import type { Command } from 'commander'
import { formatJson } from '../../report/json.js'
import { createRunReport } from '../../report/runReport.js'
import { loadModeRecords, loadReport, saveReport } from '../../report/store.js'
import { renderTerminal, wantsColor } from '../../report/terminal.js'

/** `report`: draws a stored run again, from its records where they were kept. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('draw a stored run again')
    .argument('[run]', 'id of the run', 'latest')
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option(
      '--recompute',
      'compute the figures again from the stored records, and store the report',
    )
    .option('--json', 'print the report as JSON')
    .action(async (run: string, options: ReportOptions) => {
      let report = await loadReport(options.reports, run)
      if (options.recompute === true) {
        const records = await loadModeRecords(options.reports, run)
        report = createRunReport({ run: report.run, environment: report.environment, records })
        await saveReport(options.reports, report)
      }
      const color = wantsColor(process.stdout, process.env)
      process.stdout.write(
        options.json === true ? formatJson(report) : renderTerminal(report, { color }),
      )
    })
}

type ReportOptions = {
  reports: string
  recompute?: boolean | undefined
  json?: boolean | undefined
}
