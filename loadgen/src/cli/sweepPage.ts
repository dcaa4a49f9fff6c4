import { UsageError } from '../core/errors.js'
import { formatJson } from '../report/json.js'
import { loadSweep } from '../report/sweepFiles.js'
import { renderSweepTerminal } from '../report/sweepTables.js'
import { writeSweepPage } from '../run/pages.js'
import { openFile } from './open.js'

/**
 * Prints stored sweeps and draws their page, the first one's; its path goes to stderr.
 * @throws UsageError when there is no such sweep, or one is named twice.
 */
export async function drawSweeps(
  ids: readonly string[],
  { reports, json, open }: drawSweeps.Options,
): Promise<void> {
  const twice = ids.find((id, i) => ids.indexOf(id) !== i)
  if (twice !== undefined) throw new UsageError(`--sweep names ${twice} twice.`)
  const [first, ...others] = await Promise.all(ids.map((id) => loadSweep(reports, id)))
  if (first === undefined) throw new UsageError('There is no sweep to draw; name one with --sweep.')
  const sweeps = [first, ...others] as const
  const path = await writeSweepPage(reports, sweeps)
  const print = json === true ? formatJson : renderSweepTerminal
  for (const sweep of sweeps) process.stdout.write(print(sweep))
  process.stderr.write(`${path}\n`)
  if (open === true) await openFile(path)
}

export declare namespace drawSweeps {
  type Options = {
    /** Folder of all runs. */
    reports: string
    /** Print sweep.json instead of a table. */
    json?: boolean | undefined
    /** Open the page in the browser. */
    open?: boolean | undefined
  }
}
