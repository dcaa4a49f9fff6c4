import {
  CODES,
  formatAnswer,
  formatAnswers,
  joinAnswers,
  type Outcome,
  parseBody,
  type Rejected,
  type RpcFault,
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
  STATE,
  SYNC_SENDS,
  UNLOCKED_SENDS,
} from './methods.js'
import { answerMode, type Miner } from './miner.js'
import type { Runtime } from './runtime.js'
import type { Sealer } from './seal.js'
import type { Sends } from './sends.js'
import { internalError, type Upstream } from './upstream.js'
import type { WriteBack } from './writeBack.js'

/** Answers a JSON-RPC body; the empty string when it holds only notifications. Never rejects. */
export type Dispatch = (body: Buffer) => Promise<string>

/** Decides who answers which call: Anvil alone, or the block maker. */
export function createDispatch(options: createDispatch.Options): Dispatch {
  const { upstream, sends, sealer, mempool, runtime, miner, makeBlock, change } = options
  const { extensions, writeBack } = options

  function kindOf({ method }: RpcRequest): Kind {
    if (extensions.has(method)) return 'one'
    if (method === RAW_SEND) return 'raw'
    if (STATE.has(method)) return 'state'
    return isPassedOn(method) ? 'pass' : 'one'
  }

  async function passOn(calls: readonly RpcRequest[]): Promise<Outcome[]> {
    await sealer.steady()
    const outcomes = await upstream.forward(calls)
    return Promise.all(outcomes.map((outcome, i) => writeBack.inOutcome(calls[i], outcome)))
  }

  /** A body of which Anvil answers every call: its own text, unless it holds receipts with moved events. */
  async function passBody(body: Buffer, calls: readonly RpcRequest[]): Promise<string> {
    await sealer.steady()
    return writeBack.inText(calls, await upstream.pass(body))
  }

  async function forwardOne(call: RpcRequest): Promise<Outcome> {
    const [outcome] = await upstream.forward([call])
    return outcome as Outcome
  }

  /** A call that changes pool or state as a whole. */
  async function alone(call: RpcRequest): Promise<Outcome> {
    return change(async () => {
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
        ? ((await sends.raw([params[0]]))[0] as Outcome)
        : await sends.unlocked(method, params.slice(0, 1))
    if ('error' in sent) return sent
    for (;;) {
      const made = sealer.nextBlock()
      const waits = mempool.entries().some(({ hash }) => hash === sent.result)
      const call = { method: 'eth_getTransactionReceipt', params: [sent.result], id: undefined }
      const receipt = await writeBack.inOutcome(call, await forwardOne(call))
      if ('error' in receipt || receipt.result !== null) return receipt
      if (!waits) return internalError(new Error(`The node let ${sent.result} go without a block.`))
      await made
    }
  }

  async function handleOne(call: RpcRequest): Promise<Outcome> {
    const { method } = call
    if (!Array.isArray(call.params)) return { error: NO_LIST }
    const params: readonly unknown[] = call.params
    const sync = SYNC_SENDS.get(method)
    const mode = MODE.get(method)
    const extension = extensions.get(method)
    if (extension !== undefined) return extension(params)
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
      if (kind === 'state') return await change(() => upstream.forward(calls))
      return [await handleOne(calls[0] as RpcRequest)]
    } catch (error) {
      return calls.map(() => internalError(error))
    }
  }

  async function answerBody(body: Buffer): Promise<string> {
    const parsed = parseBody(body.toString())
    if ('rejected' in parsed) return formatAnswer(parsed.id, { error: parsed.rejected })
    const { calls, isBatch } = parsed
    if (
      calls.every((call): call is RpcRequest => !('rejected' in call) && kindOf(call) === 'pass')
    ) {
      try {
        return await passBody(body, calls)
      } catch (error) {
        const outcomes = calls.map(() => internalError(error))
        return joinAnswers(isBatch, formatAnswers(calls, outcomes))
      }
    }
    const answers: string[][] = []
    for (let at = 0; at < calls.length; ) {
      const first = calls[at] as RpcRequest | Rejected
      if ('rejected' in first) {
        answers.push([formatAnswer(first.id, { error: first.rejected })])
        at += 1
        continue
      }
      const run = takeRun(calls, at, kindOf)
      answers.push(formatAnswers(run, await handleRun(kindOf(first), run)))
      at += run.length
    }
    return joinAnswers(isBatch, answers.flat())
  }

  return async (body) => {
    try {
      return await answerBody(body)
    } catch (error) {
      // Answers that are too long for one text, for example.
      return formatAnswer(null, internalError(error))
    }
  }
}

export declare namespace createDispatch {
  type Options = {
    upstream: Upstream
    sends: Sends
    sealer: Sealer
    mempool: Mempool
    runtime: Runtime
    miner: Miner
    writeBack: WriteBack
    /** Calls that neither Anvil nor the block maker knows, by name. */
    extensions: ReadonlyMap<string, (params: readonly unknown[]) => Promise<Outcome>>
    /** Makes a block alone; `mine` makes Anvil mine. */
    makeBlock: (mine: () => Promise<Outcome>) => Promise<Outcome>
    /** Does alone what changes pool or state otherwise than by a block. What it resolves with may be told then. */
    change: <T>(work: () => Promise<T>) => Promise<T>
  }
}

const NO_LIST: RpcFault = {
  code: CODES.invalidParams,
  message: 'The parameters of this call are a list.',
}

/** What can be handled together: calls that Anvil answers, raw transactions, changes of accounts; anything else one by one. */
type Kind = 'pass' | 'raw' | 'state' | 'one'

/** The calls of one kind that stand together from an offset on. */
function takeRun(
  calls: readonly (RpcRequest | Rejected)[],
  from: number,
  kindOf: (call: RpcRequest) => Kind,
): RpcRequest[] {
  const run: RpcRequest[] = []
  for (let at = from; at < calls.length; at++) {
    const call = calls[at] as RpcRequest | Rejected
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
