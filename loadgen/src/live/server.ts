import { createServer } from 'node:http'
import { closeNow, listen } from '../core/listen.js'
import { CONTENT_TYPE, type Family, formatMetrics } from './exposition.js'

/** Serves metrics until it is closed. */
export type MetricsServer = {
  /** Where Prometheus finds them. */
  url: string
  close(): Promise<void>
}

const HOST = '127.0.0.1'
const PATH = '/metrics'

/**
 * Serves what `families` returns, at /metrics on loopback.
 * @throws UsageError when the port cannot be had.
 */
export async function serveMetrics(options: serveMetrics.Options): Promise<MetricsServer> {
  const server = createServer(({ url, method }, response) => {
    const [path] = (url ?? '').split('?')
    if (path !== PATH) response.writeHead(404).end(`Metrics are at ${PATH}.\n`)
    else if (method !== 'GET' && method !== 'HEAD')
      response.writeHead(405, { allow: 'GET, HEAD' }).end()
    else {
      const text = formatMetrics(options.families())
      const head = { 'content-type': CONTENT_TYPE, 'content-length': Buffer.byteLength(text) }
      response.writeHead(200, head).end(method === 'GET' ? text : undefined)
    }
  })
  const port = await listen(server, { host: HOST, port: options.port, option: '--metrics-port' })
  return {
    url: `http://${HOST}:${port}${PATH}`,
    // A scraper keeps its connection open.
    close: () => closeNow(server),
  }
}

export declare namespace serveMetrics {
  type Options = {
    /** 0 takes any that is free. */
    port: number
    /** The metrics of the moment at which it is called. */
    families: () => readonly Family[]
  }
}
