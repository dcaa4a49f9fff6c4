import type { Command } from 'commander'
import type { Log } from '../core/log.js'
import { createLiveRegistry, type LiveRegistry } from '../live/registry.js'
import { serveMetrics } from '../live/server.js'
import { integer } from './parse.js'

export type LiveOptions = { metricsPort?: number | undefined }

/** Live figures for Prometheus. */
export function addMetricsOption(command: Command): Command {
  return command.option(
    '--metrics-port <port>',
    'serves live figures for Prometheus at http://127.0.0.1:<port>/metrics; 0 takes any free one',
    integer(0, 65_535),
  )
}

/** Where a command tells its live figures. */
export type Live = Pick<LiveRegistry, 'startMode' | 'onProgress'> & {
  /** Absent when nobody can see them. */
  onSample: LiveRegistry['onSample'] | undefined
  /** Stops serving. */
  close(): Promise<void>
}

/**
 * Collects live figures and serves them, where the options name a port.
 * @throws UsageError when the port cannot be had.
 */
export async function startLive({ metricsPort }: LiveOptions, log: Log): Promise<Live> {
  if (metricsPort === undefined)
    return { startMode() {}, onProgress() {}, onSample: undefined, async close() {} }
  const { families, ...registry } = createLiveRegistry()
  const { url, close } = await serveMetrics({ port: metricsPort, families })
  log.info({ url }, 'metrics')
  return { ...registry, close }
}
