import { EXIT } from '../core/errors.js'
import { createLog } from '../core/log.js'
import type { Mode } from '../core/types.js'
import { stopWorkers } from '../core/workers.js'
import { formatJson } from '../report/json.js'
import { checkReports } from '../report/store.js'
import { renderTerminal, wantsColor } from '../report/terminal.js'
import { runModes } from '../run/runModes.js'
import { commandLine } from './commandLine.js'
import { createNodes } from './nodes.js'
import type {
  LogOptions,
  MarketOptions,
  NodeOptions,
  SubmitOptions,
  WorkloadOptions,
} from './options.js'
import { createProgress } from './progress.js'
import { readWorkload } from './workload.js'

export type ExecuteOptions = NodeOptions &
  MarketOptions &
  WorkloadOptions &
  SubmitOptions &
  LogOptions & {
    /** The embedded node behaves as the runtime does. */
    strict: boolean
  }

/**
 * Runs a workload in some modes and prints the report.
 * @returns the exit code: 1 when verification failed.
 */
export async function execute(modes: readonly Mode[], options: ExecuteOptions): Promise<number> {
  const log = createLog({ level: options.logLevel })
  const { plan, markets } = await readWorkload(options)
  checkReports(options.reports)
  const nodes = createNodes({ ...options, log })
  const progress = createProgress({ log, stream: process.stderr, isQuiet: options.json === true })
  const stop = () => {
    void Promise.all([nodes.closeAll(), stopWorkers()]).then(() => process.exit(130))
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  try {
    const { report, folder } = await runModes({
      modes,
      plan,
      markets,
      accountSeed: `${plan.scenario}:${plan.seed}`,
      method: options.submit,
      batchSize: options.batchSize,
      inFlight: options.connections,
      workers: options.workers,
      receipts: options.receipts,
      timeoutMs: options.timeout * 1_000,
      reports: options.reports,
      command: commandLine(process.argv),
      openNode: () => nodes.open(),
      closeNode: (node) => nodes.close(node),
      onMode: (mode) => {
        progress.end()
        log.info({ mode, orders: plan.intents.length, batches: plan.batches }, 'running')
      },
      onProgress: progress.on,
    })
    progress.end()
    const color = wantsColor(process.stdout, process.env)
    process.stdout.write(
      options.json === true ? formatJson(report) : renderTerminal(report, { color }),
    )
    log.info({ folder }, 'report written')
    return report.verification.ok ? EXIT.ok : EXIT.fault
  } finally {
    progress.end()
    await nodes.closeAll()
    process.off('SIGINT', stop)
    process.off('SIGTERM', stop)
  }
}
