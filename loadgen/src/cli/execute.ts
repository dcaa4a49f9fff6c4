import { existsSync } from 'node:fs'
import { UsageError } from '../core/errors.js'
import type { Mode } from '../core/types.js'
import { isHidden, withoutSecretsIn } from '../core/url.js'
import { formatJson } from '../report/json.js'
import { loadRunFile } from '../report/runFiles.js'
import type { RunReport } from '../report/runReport.js'
import { checkReports, findRun } from '../report/store.js'
import { renderTerminal, wantsColor } from '../report/terminal.js'
import { storeIndex } from '../run/pages.js'
import { accountSeedOf, type StoredRun } from '../run/planStage.js'
import { discardUnfinished, resumeModes, runModes } from '../run/runModes.js'
import { keyOfShard } from '../run/shardStage.js'
import { commandLine } from './commandLine.js'
import type { LiveOptions } from './live.js'
import type {
  LogOptions,
  MarketOptions,
  NodeOptions,
  SubmitOptions,
  WorkloadOptions,
} from './options.js'
import { readSending, requireEnough } from './sending.js'
import { inSession, type Session } from './session.js'
import {
  exitCodeOf,
  renderThresholds,
  requireFigures,
  type ThresholdOptions,
} from './thresholds.js'
import { readWorkload } from './workload.js'

export type ExecuteOptions = NodeOptions &
  MarketOptions &
  WorkloadOptions &
  SubmitOptions &
  LiveOptions &
  ThresholdOptions &
  LogOptions & {
    /** The embedded node behaves as the runtime does. */
    strict: boolean
  }

/**
 * Runs a workload in some modes and prints the report.
 * @returns the exit code: 1 when verification failed, 3 when a threshold was missed.
 */
export async function execute(modes: readonly Mode[], options: ExecuteOptions): Promise<number> {
  const report = await runOnce(modes, options, { command: commandLine(process.argv) })
  await storeIndex(options.reports)
  return print(report, options)
}

/** Runs a workload in some modes and stores the report; not yet the list of runs. */
export async function runOnce(
  modes: readonly Mode[],
  options: ExecuteOptions,
  hooks: { /** The command that repeats it. */ command: string } & Pick<
    inSession.Options,
    'onInterrupt'
  >,
): Promise<RunReport> {
  requireFigures(options.threshold, modes)
  const sending = readSending(options, { isEmbedded: !isLive(options) })
  const { plan, markets } = await readWorkload(options)
  requireEnough(sending, { transactions: plan.intents.length })
  checkReports(options.reports)
  const current: { run?: StoredRun } = {}
  return carryOut({ ...options, onInterrupt: hooks.onInterrupt }, current, (session) =>
    runModes({
      ...optionsOf(session, options),
      ...{ modes, plan, markets, accountSeed: accountSeedOf(plan), command: hooks.command },
      given: recorded(options),
      onRun: (run) => {
        current.run = run
      },
    }),
  )
}

/**
 * Goes on with a run that was cut short and prints the report.
 * @param run its id, or `latest`.
 * @param given what the command line says; all else is as it was.
 * @returns the exit code: 1 when verification failed, 3 when a threshold was missed.
 * @throws UsageError when there is no such run, or only its plan was asked for.
 */
export async function resume(
  run: string,
  given: Partial<ExecuteOptions> & { reports: string },
): Promise<number> {
  const folder = await findRun(given.reports, run)
  const { id, modes, options: stored } = await loadRunFile(folder)
  if (modes.length === 0)
    throw new UsageError(
      `The run ${id} is carried out stage by stage; go on with sign, submit or collect, which have --resume too.`,
    )
  const key = await keyOfShard(folder)
  const options = { threshold: [], ...stored, ...given, ...key } as unknown as ExecuteOptions
  requireFigures(options.threshold, modes)
  if (options.rpcUrl !== undefined && isHidden(options.rpcUrl))
    throw new UsageError(
      `The address of the node of run ${id} had a secret in it, which is not stored; give it with --rpc-url.`,
    )
  const report = await carryOut(options, { run: { id, folder } }, (session) =>
    resumeModes({ id, folder }, { ...optionsOf(session, options), modes }),
  )
  await storeIndex(options.reports)
  return print(report, options)
}

/** @param current the run, as soon as there is one: what nobody can go on with is removed when a signal ends it. */
async function carryOut(
  options: ExecuteOptions & Pick<inSession.Options, 'onInterrupt'>,
  current: { run?: StoredRun },
  work: (session: Session) => Promise<runModes.ReturnType>,
): Promise<RunReport> {
  const onInterrupt: inSession.Options['onInterrupt'] = (log) => {
    if (current.run !== undefined) {
      const { id, folder } = current.run
      discardUnfinished(folder, { isLive: isLive(options) })
      if (existsSync(folder)) log.info(`--resume ${id} goes on with this run`)
    }
    options.onInterrupt?.(log)
  }
  return inSession({ ...options, onInterrupt }, async (session) => {
    const { report, folder } = await work(session)
    session.progress.end()
    session.log.info({ folder }, 'report written')
    await session.live.report(report)
    return report
  })
}

/** Prints a report and what became of its thresholds. @returns the exit code. */
export function print(report: RunReport, { json }: Pick<ExecuteOptions, 'json'>): number {
  const { thresholds = [], verification } = report
  const color = wantsColor(process.stdout, process.env)
  process.stdout.write(
    json === true
      ? formatJson(report)
      : `${renderTerminal(report, { color })}${renderThresholds(thresholds)}`,
  )
  return exitCodeOf({ isVerified: verification.ok, thresholds })
}

function optionsOf({ log, nodes, progress, live }: Session, options: ExecuteOptions) {
  return {
    method: options.submit,
    batchSize: options.batchSize,
    inFlight: options.connections,
    workers: options.workers,
    receipts: options.receipts,
    timeoutMs: options.timeout * 1_000,
    sending: readSending(options, { isEmbedded: !isLive(options) }),
    thresholds: options.threshold,
    reports: options.reports,
    isLive: isLive(options),
    openNode: () => nodes.open(),
    closeNode: nodes.close,
    onMode: (mode: Mode) => {
      progress.end()
      live.startMode(mode)
      log.info({ mode }, 'running')
    },
    onProgress: progress.on,
    onSample: live.onSample,
    onTornLine: (bytes: number) =>
      log.warn({ bytes }, 'the last line of the journal was cut off and is left out'),
  }
}

function isLive({ rpcUrl }: NodeOptions): boolean {
  return rpcUrl !== undefined
}

/** The options as they are stored: without secrets, and without what is of one call alone. */
export function recorded(options: ExecuteOptions): Record<string, unknown> {
  const safe = (value: unknown) => (typeof value === 'string' ? withoutSecretsIn(value) : value)
  return Object.fromEntries(
    Object.entries(options)
      .filter(([name]) => !OF_CALL.has(name))
      .map(([name, value]) => [name, Array.isArray(value) ? value.map(safe) : safe(value)]),
  )
}

const OF_CALL: ReadonlySet<string> = new Set([
  ...['privateKey', 'reports', 'json', 'metricsPort', 'watch', 'open'],
])
