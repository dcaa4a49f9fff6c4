import { type Command, Option } from 'commander'
import { LoadgenError } from '../core/errors.js'
import type { Log } from '../core/log.js'
import { createLiveRegistry, type LiveRegistry } from '../live/registry.js'
import { serveMetrics } from '../live/server.js'
import type { RunReport } from '../report/runReport.js'
import { startWatch, type Watch } from '../watch/watch.js'
import { commandLine } from './commandLine.js'
import { integer } from './parse.js'

export type LiveOptions = {
  metricsPort?: number | undefined
  /** 0 for any free port. */
  watch?: number | undefined
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
  return command.addOption(
    new Option(
      '--watch [port]',
      'serves a page at http://127.0.0.1:<port>/ that shows the run as it goes and becomes its report (default: any free port)',
    )
      .argParser(integer(0, 65_535))
      .preset('0'),
  )
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
export async function startLive({ metricsPort, watch }: LiveOptions, log: Log): Promise<Live> {
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

function sentenceOf(error: unknown): string {
  return error instanceof LoadgenError
    ? error.message
    : 'An unexpected fault of the load generator.'
}
