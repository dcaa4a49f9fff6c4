import { Pool } from 'undici'
import { type Clock, systemClock } from '../core/clock.js'
import { httpTarget, NEVER_CONNECTED, readRetryAfter, reasonOf } from '../core/http.js'

/** What came of one HTTP request. */
export type Reply =
  | { type: 'answer'; body: Buffer }
  /**
   * No answer. `isDelivered` false: the node surely did not act on it. `retryAfterMs`: what it asked to wait. `isFinal`: it will never
   * take this request.
   */
  | {
      type: 'failure'
      reason: string
      isDelivered: boolean
      isFinal: boolean
      retryAfterMs?: number | undefined
    }

/** Carries bodies to one node over keep-alive connections. */
export type Transport = {
  /** Never rejects. */
  post(body: Buffer): Promise<Reply>
  close(): Promise<void>
}

/**
 * Opens connections as they are needed.
 * @param address of the node; user and password in it are sent as Basic credentials.
 */
export function createTransport(address: string, options: createTransport.Options): Transport {
  const { url, headers } = httpTarget(address)
  const { timeoutMs, clock = systemClock } = options
  const pool = new Pool(url.origin, {
    connections: options.connections,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    connectTimeout: timeoutMs,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  const request = {
    method: 'POST',
    path: url.pathname + url.search,
    headers,
  } as const
  return {
    async post(body) {
      try {
        const answer = await pool.request({ ...request, body })
        const bytes = Buffer.from(await answer.body.arrayBuffer())
        // Some nodes send JSON-RPC errors with status 400 or 500: what they say counts then.
        if (answer.statusCode < 400 || (isJson(bytes) && [400, 500].includes(answer.statusCode)))
          return { type: 'answer', body: bytes }
        return {
          type: 'failure',
          reason: `HTTP status ${answer.statusCode}`,
          // A gateway may have passed it on before it failed.
          isDelivered: answer.statusCode >= 500 && answer.statusCode !== 503,
          isFinal: !isTransient(answer.statusCode),
          retryAfterMs: readRetryAfter(answer.headers['retry-after'], clock.now()),
        }
      } catch (cause) {
        const reason = reasonOf(cause)
        return {
          type: 'failure',
          reason,
          isDelivered: !NEVER_CONNECTED.has(reason),
          isFinal: false,
        }
      }
    },
    // Destroyed, not closed: what is still in flight has been given up.
    close: () => pool.destroy(),
  }
}

export declare namespace createTransport {
  type Options = {
    connections: number
    /** Milliseconds until an answer must be there. */
    timeoutMs: number
    clock?: Clock | undefined
  }
}

/** What passes: too early, too many, and whatever is wrong with the server. */
function isTransient(status: number): boolean {
  return status >= 500 || status === 408 || status === 425 || status === 429
}

function isJson(bytes: Buffer): boolean {
  return bytes[0] === 0x7b || bytes[0] === 0x5b
}
