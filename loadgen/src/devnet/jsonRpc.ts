/** A call as it came: valid as far as JSON-RPC goes. */
export type RpcRequest = {
  method: string
  params: readonly unknown[] | object
  /** Undefined for a notification: it gets no answer. */
  id: RequestId | undefined
}
export type RequestId = string | number | null

/** An answer without its id. */
export type Outcome = { result: unknown } | { error: RpcFault }
export type RpcFault = { code: number; message: string; data?: unknown }

/** What a body holds: one call or a batch of them; in place of a call that is none, the answer to it. */
export type ParsedBody = { isBatch: boolean; calls: readonly (RpcRequest | Rejected)[] }
export type Rejected = { id: RequestId; rejected: RpcFault }

/** @see https://www.jsonrpc.org/specification#error_object and, for `rejected`, EIP-1474 */
export const CODES = {
  parse: -32700,
  invalidRequest: -32600,
  invalidParams: -32602,
  internal: -32603,
  /** A transaction that the node does not take. */
  rejected: -32003,
} as const

/** Most calls of a batch. What is no call has an answer too, far longer than itself: this bounds what a body can ask for. */
const BATCH_LIMIT = 100_000

/** Reads a body. An answer in place of the calls when it is not JSON, or a batch of none or too many. */
export function parseBody(text: string): ParsedBody | Rejected {
  let body: unknown
  try {
    body = JSON.parse(text)
  } catch (error) {
    return reject(null, CODES.parse, `The body is not JSON: ${(error as Error).message}`)
  }
  if (!Array.isArray(body)) return { isBatch: false, calls: [parseCall(body)] }
  if (body.length === 0)
    return reject(null, CODES.invalidRequest, 'A batch holds at least one call.')
  if (body.length > BATCH_LIMIT)
    return reject(
      null,
      CODES.invalidRequest,
      `A batch holds at most ${BATCH_LIMIT} calls, not ${body.length}; send several.`,
    )
  return { isBatch: true, calls: body.map(parseCall) }
}

function parseCall(call: unknown): RpcRequest | Rejected {
  if (typeof call !== 'object' || call === null || Array.isArray(call))
    return reject(
      null,
      CODES.invalidRequest,
      'A call is an object with "jsonrpc", "method", "params" and "id".',
    )
  const { jsonrpc, method, params, id } = call as Record<string, unknown>
  if (id !== undefined && id !== null && typeof id !== 'string' && typeof id !== 'number')
    return reject(null, CODES.invalidRequest, 'The "id" of a call is a string, a number or null.')
  const known = id ?? null
  if (jsonrpc !== '2.0')
    return reject(known, CODES.invalidRequest, 'The "jsonrpc" of a call is "2.0".')
  if (typeof method !== 'string')
    return reject(known, CODES.invalidRequest, 'The "method" of a call is a string.')
  if (params !== undefined && params !== null && typeof params !== 'object')
    return reject(known, CODES.invalidRequest, 'The "params" of a call are an array or an object.')
  return { method, params: params ?? [], id }
}

function reject(id: RequestId, code: number, message: string): Rejected {
  return { id, rejected: { code, message } }
}

/** The text of one answer. */
export function formatAnswer(id: RequestId, outcome: Outcome): string {
  return JSON.stringify({ jsonrpc: '2.0', id, ...outcome })
}

/** The texts of the answers to some calls, in order; none for a notification. */
export function formatAnswers(
  calls: readonly RpcRequest[],
  outcomes: readonly Outcome[],
): string[] {
  const answers: string[] = []
  for (const [i, { id }] of calls.entries())
    if (id !== undefined) answers.push(formatAnswer(id, outcomes[i] as Outcome))
  return answers
}

/** The body of all answers; empty when there is none. */
export function joinAnswers(isBatch: boolean, answers: readonly string[]): string {
  if (answers.length === 0) return ''
  return isBatch ? `[${answers.join(',')}]` : (answers[0] as string)
}
