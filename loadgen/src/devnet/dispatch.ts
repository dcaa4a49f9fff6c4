import type { Gate } from './gate.js'
import {
  formatAnswer,
  type Outcome,
  parseBody,
  type Rejected,
  type RequestId,
  type RpcRequest,
} from './jsonRpc.js'
import type { Mempool } from './mempool.js'
import {
  ALONE,
  ARCOLOGY_SEND,
  isPassedOn,
  MINE,
  MODE,
  RAW_SEND,
  RESET,
  SYNC_SENDS,
  UNLOCKED_SENDS,
} from './methods.js'
import { answerMode, type Miner } from './miner.js'
import type { Runtime } from './runtime.js'
import type { Sealer } from './seal.js'
import type { Sends } from './sends.js'
import { internalError, type Upstream } from './upstream.js'

/** Answers a JSON-RPC body; the empty string when it holds only notifications. Never rejects. */
export type Dispatch = (body: Buffer) => Promise<string>

/** Decides who answers which call: Anvil alone, or the block maker. */
export function createDispatch(options: createDispatch.Options): Dispatch {
  const { upstream, sends, sealer, gate, mempool, runtime, miner, makeBlock } = options

  async function passOn(calls: readonly RpcRequest[]): Promise<Outcome[]> {
    await sealer.steady()
    return upstream.forward(calls)
  }

  async function forwardOne(call: RpcRequest): Promise<Outcome> {
    const [outcome] = await upstream.forward([call])
    return outcome as Outcome
  }

  /** A call that changes pool or state as a whole. */
  async function alone(call: RpcRequest): Promise<Outcome> {
    return gate.exclusive(async () => {
      const outcome = await forwardOne(call)
      if ('error' in outcome) return outcome
      if (RESET.has(call.method)) await runtime.install()
      await sealer.resync()
      return outcome
    })
  }

  /** Sends, and answers with the receipt once a block holds the transaction. */
  async function sendSync(method: string, params: readonly unknown[]): Promise<Outcome> {
    const sent =
      method === RAW_SEND
        ? ((await sends.raw(params.slice(0, 1)))[0] as Outcome)
        : await sends.unlocked(method, params.slice(0, 1))
    if ('error' in sent) return sent
    for (;;) {
      const made = sealer.nextBlock()
      const waits = mempool.entries().some(({ hash }) => hash === sent.result)
      const receipt = await forwardOne({
        method: 'eth_getTransactionReceipt',
        params: [sent.result],
        id: 0,
      })
      if ('error' in receipt || receipt.result !== null) return receipt
      if (!waits) return internalError(new Error(`The node let ${sent.result} go without a block.`))
      await made
    }
  }

  async function handleOne(call: RpcRequest): Promise<Outcome> {
    const { method } = call
    const params = Array.isArray(call.params) ? call.params : []
    const sync = SYNC_SENDS.get(method)
    const mode = MODE.get(method)
    if (method === ARCOLOGY_SEND) return sends.arcology(params)
    if (UNLOCKED_SENDS.has(method)) return sends.unlocked(method, params)
    if (sync !== undefined) return sendSync(sync, params)
    if (mode !== undefined) return answerMode(miner, mode, params[0])
    if (MINE.has(method)) return makeBlock(() => forwardOne(call))
    if (ALONE.has(method)) return alone(call)
    throw new Error(`unreachable: ${method}`)
  }

  /** Runs a stretch of calls of the same kind. */
  async function handleRun(kind: Kind, calls: readonly RpcRequest[]): Promise<Outcome[]> {
    try {
      if (kind === 'pass') return await passOn(calls)
      if (kind === 'raw') return await sends.raw(calls.map(firstParam))
      return [await handleOne(calls[0] as RpcRequest)]
    } catch (error) {
      return calls.map(() => internalError(error))
    }
  }

  return async (body) => {
    const parsed = parseBody(body.toString())
    if ('rejected' in parsed) return formatAnswer(parsed.id, { error: parsed.rejected })
    const { calls, isBatch } = parsed
    if (calls.every((call) => !('rejected' in call) && isPassedOn(call.method))) {
      await sealer.steady()
      try {
        return await upstream.pass(body)
      } catch (error) {
        return join(
          isBatch,
          calls.flatMap((call) => answer(call, internalError(error))),
        )
      }
    }
    const answers: string[] = []
    for (let at = 0; at < calls.length; ) {
      const first = calls[at] as RpcRequest | Rejected
      if ('rejected' in first) {
        answers.push(formatAnswer(first.id, { error: first.rejected }))
        at += 1
        continue
      }
      const run = takeRun(calls, at)
      const outcomes = await handleRun(kindOf(first), run)
      answers.push(...run.flatMap((call, i) => answer(call, outcomes[i] as Outcome)))
      at += run.length
    }
    return join(isBatch, answers)
  }
}

export declare namespace createDispatch {
  type Options = {
    upstream: Upstream
    sends: Sends
    sealer: Sealer
    gate: Gate
    mempool: Mempool
    runtime: Runtime
    miner: Miner
    /** Makes a block alone; `mine` makes Anvil mine. */
    makeBlock: (mine: () => Promise<Outcome>) => Promise<Outcome>
  }
}

/** What can be handled together: calls that Anvil answers, raw transactions; anything else one by one. */
type Kind = 'pass' | 'raw' | 'one'

function kindOf(call: RpcRequest): Kind {
  if (call.method === RAW_SEND) return 'raw'
  return isPassedOn(call.method) ? 'pass' : 'one'
}

/** The calls of one kind that stand together from an offset on. */
function takeRun(calls: readonly (RpcRequest | Rejected)[], from: number): RpcRequest[] {
  const run: RpcRequest[] = []
  for (const call of calls.slice(from)) {
    if ('rejected' in call) break
    const first = run[0]
    if (first !== undefined && (kindOf(first) === 'one' || kindOf(call) !== kindOf(first))) break
    run.push(call)
  }
  return run
}

function firstParam({ params }: RpcRequest): unknown {
  return Array.isArray(params) ? params[0] : undefined
}

/** Nothing for a notification. */
function answer(call: RpcRequest | Rejected, outcome: Outcome): string[] {
  return call.id === undefined ? [] : [formatAnswer(call.id as RequestId, outcome)]
}

function join(isBatch: boolean, answers: readonly string[]): string {
  if (answers.length === 0) return ''
  return isBatch ? `[${answers.join(',')}]` : (answers[0] as string)
}
