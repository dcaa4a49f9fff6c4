import type { Clock } from '../../src/core/clock.js'
import type { Hex, SignedTx } from '../../src/core/types.js'
import type { Reply, Transport } from '../../src/submit/transport.js'

type Call = { id: number; method: string; params: Hex[] }

/** A node in memory that keeps what it was sent. A raw transaction is its position in hexadecimal; so is its hash, padded. */
export type FakeNode = {
  /** For `tools.connect` of a submission. */
  connect: () => Transport
  /** Positions in the order in which they came first. */
  order: number[]
  /** Every position as often as it was sent. */
  sent: number[]
  requests: () => { sends: number; lookUps: number; mostOpen: number }
}

export type FakeNodeOptions = {
  /** How long an answer takes. */
  clock?: Clock | undefined
  latencyMs?: ((sends: number) => number) | undefined
  /** Refuses a transaction with a sentence. `times`: how often it was sent before. */
  refuse?: ((position: number, times: number) => string | undefined) | undefined
  /** Answers in the place of the node, before or after it has acted. `request` counts all requests from 1. */
  fail?:
    | ((request: number, method: string) => { reply: Reply; isActedOn: boolean } | undefined)
    | undefined
}

export const fakeHash = (position: number): Hex => `0x${position.toString(16).padStart(64, '0')}`

/** `count` transactions for a fake node, each trader's in turn. */
export function fakeTxs(
  count: number,
  options: { traders?: number; batchOf?: (i: number) => number } = {},
): SignedTx[] {
  const { traders = count, batchOf = () => 0 } = options
  return Array.from({ length: count }, (_, i) => ({
    intent: i + 1000,
    batch: batchOf(i),
    trader: i % traders,
    nonce: Math.floor(i / traders),
    hash: fakeHash(i),
    raw: `0x${i.toString(16)}`,
  }))
}

export function createFakeNode(options: FakeNodeOptions = {}): FakeNode {
  const { clock, latencyMs = () => 0, refuse = () => undefined, fail = () => undefined } = options
  const order: number[] = []
  const sent: number[] = []
  const pool = new Set<number>()
  const times = new Map<number, number>()
  let [requests, sends, lookUps, open, mostOpen] = [0, 0, 0, 0, 0]

  function take(raw: Hex): string | undefined {
    const position = Number(raw)
    const before = times.get(position) ?? 0
    times.set(position, before + 1)
    sent.push(position)
    const refusal = refuse(position, before)
    if (refusal !== undefined) return refusal
    if (pool.has(position)) return 'already known'
    pool.add(position)
    order.push(position)
    return undefined
  }

  function answerTo(call: Call): object {
    if (call.method === 'eth_getTransactionByHash')
      return { result: pool.has(Number(call.params[0])) ? {} : null }
    if (call.method === 'arn_sendRawTransactions')
      return { result: call.params.filter((raw) => take(raw) === undefined).length }
    const refusal = take(call.params[0] as Hex)
    return refusal === undefined
      ? { result: fakeHash(Number(call.params[0])) }
      : { error: { code: -32000, message: refusal } }
  }

  function act(calls: Call | Call[]): Reply {
    const answer = (call: Call) => ({ jsonrpc: '2.0', id: call.id, ...answerTo(call) })
    const answers = Array.isArray(calls) ? calls.map(answer) : answer(calls)
    return { type: 'answer', body: Buffer.from(JSON.stringify(answers)) }
  }

  async function post(body: Buffer): Promise<Reply> {
    const calls = JSON.parse(body.toString()) as Call | Call[]
    const method = (Array.isArray(calls) ? calls[0]?.method : calls.method) as string
    const isLookUp = method === 'eth_getTransactionByHash'
    requests++
    if (isLookUp) lookUps++
    else sends++
    mostOpen = Math.max(mostOpen, ++open)
    const ms = latencyMs(sends)
    if (clock !== undefined && ms > 0) await clock.sleep(ms)
    else await new Promise(setImmediate)
    open--
    const failure = fail(requests, method)
    if (failure === undefined) return act(calls)
    if (failure.isActedOn) act(calls)
    return failure.reply
  }

  return {
    connect: () => ({ post, close: () => Promise.resolve() }),
    order,
    sent,
    requests: () => ({ sends, lookUps, mostOpen }),
  }
}

/** A reply that never came: `lost` may have been acted on, `refused` was not. */
export const lost: Reply = {
  type: 'failure',
  reason: 'ECONNRESET',
  isDelivered: true,
  isFinal: false,
}
export const unreachable: Extract<Reply, { type: 'failure' }> = {
  type: 'failure',
  reason: 'ECONNREFUSED',
  isDelivered: false,
  isFinal: false,
}
