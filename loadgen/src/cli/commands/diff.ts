import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../../core/errors.js'
import { diffReports, type ReportDiff } from '../../report/diff.js'
import { renderDiff } from '../../report/diffText.js'
import { formatJson } from '../../report/json.js'
import type { RunReport } from '../../report/runReport.js'
import { loadReport, splitRun } from '../../report/store.js'
import { wantsColor } from '../../report/terminal.js'
import { writeDiffPage } from '../../run/pages.js'
import { openFile } from '../open.js'

/** `diff`: two stored runs against each other. */
export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .description('hold the main figures of two stored runs against each other: what B changed')
    .argument('<runA>', 'the id of a run, its folder, or latest')
    .argument('<runB>', 'the same')
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option('--json', 'print the differences as JSON')
    .option(
      '--html [file]',
      'draw them as a page too (default: diff-<A>-<B>.html beside the folder of run B)',
    )
    .option('--open', 'draw that page, and open it in the browser')
    .action(async (runA: string, runB: string, options: DiffOptions) => {
      const { reports, json } = options
      const diff = diffReports(await load(runA, reports), await load(runB, reports))
      const path = pagePath(diff, { ...options, folder: splitRun(runB, reports).reports })
      if (path !== undefined) await writeDiffPage(path, diff)
      const color = wantsColor(process.stdout, process.env)
      process.stdout.write(json === true ? formatJson(diff) : renderDiff(diff, { color }))
      if (path === undefined) return
      process.stderr.write(`${path}\n`)
      if (options.open === true) await openFile(path)
    })
}

type DiffOptions = {
  reports: string
  json?: boolean | undefined
  /** The file of the page; true for its usual name. */
  html?: string | true | undefined
  open?: boolean | undefined
}

/** @throws UsageError when there is no such run, or its report cannot be read. */
function load(run: string, reports: string): Promise<RunReport> {
  const { reports: folder, id } = splitRun(run, reports)
  return loadReport(folder, id)
}

/**
 * Where the page goes; undefined when none is asked for.
 * @throws UsageError when that is a folder.
 */
function pagePath(
  { a, b }: ReportDiff,
  { html, open, folder }: Pick<DiffOptions, 'html' | 'open'> & { folder: string },
): string | undefined {
  if (html === undefined && open !== true) return undefined
  if (typeof html !== 'string') return join(folder, `diff-${a.id}-${b.id}.html`)
  if (existsSync(html) && statSync(html).isDirectory())
    throw new UsageError(`"${html}" is a folder; --html takes a file.`)
  return html
}
