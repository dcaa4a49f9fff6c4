import type { Command } from 'commander'
import { diffReports } from '../../report/diff.js'
import { renderDiff } from '../../report/diffText.js'
import { formatJson } from '../../report/json.js'
import type { RunReport } from '../../report/runReport.js'
import { loadReport, splitRun } from '../../report/store.js'
import { wantsColor } from '../../report/terminal.js'

/** `diff`: two stored runs against each other. */
export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .description('hold the main figures of two stored runs against each other: what B changed')
    .argument('<runA>', 'the id of a run, its folder, or latest')
    .argument('<runB>', 'the same')
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option('--json', 'print the differences as JSON')
    .action(async (runA: string, runB: string, { reports, json }: DiffOptions) => {
      const diff = diffReports(await load(runA, reports), await load(runB, reports))
      const color = wantsColor(process.stdout, process.env)
      process.stdout.write(json === true ? formatJson(diff) : renderDiff(diff, { color }))
    })
}

type DiffOptions = { reports: string; json?: boolean | undefined }

/** @throws UsageError when there is no such run, or its report cannot be read. */
function load(run: string, reports: string): Promise<RunReport> {
  const { reports: folder, id } = splitRun(run, reports)
  return loadReport(folder, id)
}
