import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Clock } from '../core/clock.js'
import { listen } from '../core/listen.js'
import type { Dispatch } from './dispatch.js'
import { CODES, formatAnswer } from './jsonRpc.js'

/** Largest body of a request, in bytes: some 100,000 transactions. */
const BODY_LIMIT = 64 * 1024 * 1024

/** How long calls may take to end after close(). */
const CLOSE_GRACE_MS = 500

/** Browsers may ask too, as they may with Anvil. */
const HEADERS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*',
  'content-type': 'application/json',
}

export type HttpProxy = {
  port: number
  /** Closes the port, lets calls that are under way end for a short while, and closes every connection. */
  close(): Promise<void>
}

/**
 * Serves JSON-RPC over HTTP: POST, any path. A call that waits keeps only its own connection waiting.
 * @throws UsageError when the port cannot be had.
 */
export async function serveProxy(
  dispatch: Dispatch,
  options: serveProxy.Options,
): Promise<HttpProxy> {
  const { clock } = options
  let closing = false
  const server = createServer((request, response) => {
    response.once('close', () => {
      if (closing) server.closeIdleConnections()
    })
    void respond(dispatch, request, response)
  })
  // A block may take longer than Node's limits for a request allow; the node is local, so nobody abuses that.
  server.requestTimeout = 0
  server.keepAliveTimeout = 60_000
  const port = await listen(server, options)
  return {
    port,
    async close() {
      closing = true
      const closed = new Promise<void>((resolve, reject) => {
        server.close((error) => (error === undefined ? resolve() : reject(error)))
      })
      const grace = new AbortController()
      await Promise.race([closed, clock.sleep(CLOSE_GRACE_MS, { signal: grace.signal })])
      grace.abort()
      server.closeAllConnections()
      await closed
    },
  }
}

export declare namespace serveProxy {
  type Options = {
    host: string
    /** 0 for any free one. */
    port: number
    clock: Clock
  }
}

async function respond(
  dispatch: Dispatch,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'OPTIONS') {
    response.writeHead(204, HEADERS).end()
    return
  }
  if (request.method !== 'POST') {
    const message = 'JSON-RPC calls are sent with POST.'
    response.writeHead(405, { ...HEADERS, allow: 'POST, OPTIONS' })
    response.end(formatAnswer(null, { error: { code: CODES.invalidRequest, message } }))
    return
  }
  const body = await readBody(request)
  if (body === 'aborted') return
  if (body === 'too large') {
    const message = `The body is larger than ${BODY_LIMIT} bytes; send several requests.`
    response.writeHead(413, HEADERS)
    response.end(formatAnswer(null, { error: { code: CODES.invalidRequest, message } }))
    return
  }
  const answer = await dispatch(body)
  response.writeHead(200, HEADERS).end(answer)
}

/** A body over the limit is read to its end and thrown away: a client that is still writing does not read the answer. */
async function readBody(request: IncomingMessage): Promise<Buffer | 'too large' | 'aborted'> {
  const parts: Buffer[] = []
  let size = 0
  try {
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length
      if (size <= BODY_LIMIT) parts.push(part)
      else parts.length = 0
    }
  } catch (error) {
    // The client hung up: there is nobody left to answer. Any other fault is one of this program.
    if (request.destroyed && !request.complete) return 'aborted'
    throw error
  }
  return size > BODY_LIMIT ? 'too large' : Buffer.concat(parts)
}
