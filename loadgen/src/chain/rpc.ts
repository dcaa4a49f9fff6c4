import { Agent, request } from 'undici'
import { systemClock } from '../core/clock.js'
import { LoadgenError, NodeError, UsageError } from '../core/errors.js'
import { httpTarget, readRetryAfter, reasonOf } from '../core/http.js'
import { withoutSecrets } from '../core/url.js'

/** One JSON-RPC call. */
export type RpcCall = { method: string; params: readonly unknown[] }

/** What a node answers to one call. */
export type RpcAnswer = {
  result?: unknown
  error?: { code: number; message: string; data?: unknown } | undefined
}

/** The node understood the call and refused it. */
export class RpcRefusedError extends LoadgenError {
  override name = 'RpcRefusedError'
  /** JSON-RPC error code. */
  readonly code: number
  constructor(facts: { method: string; code: number; message: string; data?: unknown }) {
    super(`The node refused ${facts.method}: ${facts.message}`, { exitCode: 4, facts })
    this.code = facts.code
  }
}

/** JSON-RPC over keep-alive HTTP. */
export type Rpc = {
  /** Where it was opened, secrets included: for other clients of the node, never for a message or a file. */
  url: string
  /** One call. Throws RpcRefusedError for an error answer, NodeError when there is no valid answer. */
  call(method: string, params?: readonly unknown[]): Promise<unknown>
  /** One batch. Answers in the order of the calls, refusals included as data; throws RpcRefusedError when the node refuses all of it at once, NodeError when there is no valid answer. */
  batch(calls: readonly RpcCall[]): Promise<RpcAnswer[]>
  /** Sends an encoded body and returns the text of the answer. For senders that build their own bodies. */
  post(body: string | Buffer): Promise<string>
  /** Closes the connections. */
  close(): Promise<void>
}

/**
 * Opens a client. Messages name the node without the secrets of its address.
 * @param url http(s) address of the node; user and password in it are sent as Basic credentials.
 * @throws UsageError for an address that is none.
 */
export function createRpc(url: string, options: createRpc.Options = {}): Rpc {
  const node = withoutSecrets(url)
  if (!URL.canParse(url) || !['http:', 'https:'].includes(new URL(url).protocol))
    throw new UsageError(`"${node}" is no address of a node; give one like http://127.0.0.1:8545.`)
  const target = httpTarget(url)
  const timeoutMs = options.timeoutMs ?? 120_000
  const agent = new Agent({
    connections: options.connections ?? 8,
    pipelining: 1,
    keepAliveTimeout: 30_000,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  let id = 0

  async function post(body: string | Buffer): Promise<string> {
    try {
      const answer = await request(target.url, {
        method: 'POST',
        headers: target.headers,
        body,
        dispatcher: agent,
      })
      const text = await answer.body.text()
      if (answer.statusCode >= 400 && !text.startsWith('{') && !text.startsWith('['))
        throw new NodeError(`The node at ${node} answered with HTTP status ${answer.statusCode}.`, {
          facts: {
            statusCode: answer.statusCode,
            retryAfterMs: readRetryAfter(answer.headers['retry-after'], systemClock.now()),
            body: text.slice(0, 200),
          },
        })
      return text
    } catch (cause) {
      if (cause instanceof LoadgenError) throw cause
      const reason = reasonOf(cause)
      throw new NodeError(`The node at ${node} cannot be reached (${reason}).`, {
        cause,
        facts: { reason },
      })
    }
  }

  function parse(text: string): unknown {
    try {
      return JSON.parse(text)
    } catch (cause) {
      throw new NodeError(`The node at ${node} answered with something that is not JSON.`, {
        cause,
        facts: { body: text.slice(0, 200) },
      })
    }
  }

  return {
    url,
    post,
    async call(method, params = []) {
      const answer = parse(
        await post(JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })),
      ) as RpcAnswer
      if (answer.error !== undefined && answer.error !== null)
        throw new RpcRefusedError({ method, ...answer.error })
      return answer.result
    },
    async batch(calls) {
      if (calls.length === 0) return []
      const first = id + 1
      id += calls.length
      const body = calls.map((call, i) => ({ jsonrpc: '2.0', id: first + i, ...call }))
      const answers = parse(await post(JSON.stringify(body)))
      const whole = answers as RpcAnswer
      if (!Array.isArray(answers) && whole.error !== undefined && whole.error !== null)
        throw new RpcRefusedError({ method: `a batch of ${calls.length} calls`, ...whole.error })
      if (!Array.isArray(answers) || answers.length !== calls.length)
        throw new NodeError(
          `The node at ${node} answered a batch of ${calls.length} calls with something else.`,
        )
      const ordered = new Array<RpcAnswer>(calls.length)
      for (const answer of answers as (RpcAnswer & { id: number })[]) {
        const position = answer.id - first
        if (!(position >= 0 && position < calls.length) || ordered[position] !== undefined)
          throw new NodeError(`The node at ${node} answered a batch with an id that was not asked.`)
        ordered[position] = answer
      }
      return ordered
    },
    close: () => agent.close(),
  }
}

export declare namespace createRpc {
  type Options = {
    /** Parallel connections. Default 8. */
    connections?: number | undefined
    /** Milliseconds until an answer must be there. Default 120,000. */
    timeoutMs?: number | undefined
  }
}
