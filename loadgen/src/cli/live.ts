import { type Command, Option } from 'commander'
import { LoadgenError } from '../core/errors.js'
import type { Log } from '../core/log.js'
import { createLiveRegistry, type LiveRegistry } from '../live/registry.js'
import { serveMetrics } from '../live/server.js'
import type { RunReport } from '../report/runReport.js'
import { startWatch, type Watch } from '../watch/watch.js'
import { commandLine } from './commandLine.js'
import { openFile } from './open.js'
import { integer } from './parse.js'

export type LiveOptions = {
  metricsPort?: number | undefined
  /** 0 for any free port. */
  watch?: number | undefined
  /** Opens the page of `watch`, which it asks for as well. */
  open?: true | undefined
}

/** Live figures for Prometheus. */
export function addMetricsOption(command: Command): Command {
  return command.option(
    '--metrics-port <port>',
    'serves live figures for Prometheus at http://127.0.0.1:<port>/metrics; 0 takes any free one',
    integer(0, 65_535),
  )
}

/** A live page for people. */
export function addWatchOption(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--watch [port]',
        'serves a page at http://127.0.0.1:<port>/ that shows the run as it goes and becomes its report (default: any free port)',
      )
        .argParser(integer(0, 65_535))
        .preset('0'),
    )
    .option('--open', 'opens that page in the browser (and asks for it: --watch)')
}

/** Where a command tells its live figures. */
export type Live = Pick<LiveRegistry, 'startMode' | 'onProgress'> & {
  /** Absent when nobody can see them. */
  onSample: LiveRegistry['onSample'] | undefined
  /** Shows the report to who watches; waits until they have it, two seconds at most. */
  report(report: RunReport): Promise<void>
  /** Shows why it failed, likewise. */
  fault(error: unknown): Promise<void>
  /** Stops serving. */
  close(): Promise<void>
}

/**
 * Collects live figures and serves them, where the options ask for it.
 * @throws UsageError when a port cannot be had.
 */
export async function startLive(options: LiveOptions, log: Log): Promise<Live> {
  const { metricsPort, open, watch = open ? 0 : undefined } = options
  if (metricsPort === undefined && watch === undefined) return NOBODY
  const registry = createLiveRegistry()
  const metrics =
    metricsPort === undefined
      ? undefined
      : await serveMetrics({ port: metricsPort, families: registry.families })
  if (metrics !== undefined) log.info({ url: metrics.url }, 'metrics')
  let page: Watch | undefined
  try {
    if (watch !== undefined) page = await servePage(watch, { registry, log })
    if (page !== undefined && open === true) showPage(page, log)
  } catch (error) {
    await metrics?.close()
    throw error
  }
  const { startMode, onProgress, onSample } = registry
  return {
    ...{ startMode, onProgress, onSample },
    report: async (report) => page?.report(report),
    fault: async (error) => page?.fault(sentenceOf(error)),
    close: async () => {
      await Promise.all([metrics?.close(), page?.close()])
    },
  }
}

const NOBODY: Live = {
  startMode() {},
  onProgress() {},
  onSample: undefined,
  async report() {},
  async fault() {},
  async close() {},
}

async function servePage(
  port: number,
  { registry, log }: { registry: LiveRegistry; log: Log },
): Promise<Watch> {
  const command = commandLine(process.argv)
  const page = await startWatch({
    port,
    read: () => ({ command, view: registry.view() }),
    onFault: (error) => log.warn({ err: error }, 'the live page failed; the run goes on'),
  })
  log.info({ url: page.url }, 'watch')
  return page
}

/** A run needs no browser, and does not wait for one. */
function showPage({ url }: Watch, log: Log): void {
  openFile(url).catch((error: unknown) => log.warn(sentenceOf(error)))
}

function sentenceOf(error: unknown): string {
  return error instanceof LoadgenError
    ? error.message
    : 'An unexpected fault of the load generator.'
}
