import { hashRaw } from '../accounts/sign.js'
import { type Rpc, type RpcAnswer, type RpcCall, RpcRefusedError } from '../chain/rpc.js'
import { type Clock, systemClock } from '../core/clock.js'
import { type LoadgenError, NodeError } from '../core/errors.js'
import { NEVER_CONNECTED } from '../core/http.js'
import type { Hex } from '../core/types.js'
import { classify } from '../submit/classify.js'

const SEND = 'eth_sendRawTransaction'
/** Milliseconds before the second attempt; doubled before each further one, up to the second number. */
const [FIRST_PAUSE_MS, LONGEST_PAUSE_MS] = [100, 2_000]

/**
 * A client that asks again while a node cannot be reached, gives no valid answer or is busy: for a node that is restarted, or
 * one behind a gateway; it waits as long as that asks for. A transaction that is sent again, byte for byte, because its answer was lost counts as taken when the
 * node says that it has it. Not for calls that do something anew each time (evm_mine).
 * @throws what the last attempt failed with, when the patience is used up.
 */
export function createPatientRpc(rpc: Rpc, options: createPatientRpc.Options): Rpc {
  const { patienceMs, clock = systemClock } = options

  /** How long to wait before another attempt, at least what the node asked for; undefined when there is none. */
  function createPauses(): (askedMs?: number) => number | undefined {
    const deadline = clock.now() + patienceMs
    let pauseMs = FIRST_PAUSE_MS
    return (askedMs = 0) => {
      const own = Math.max(pauseMs, askedMs)
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)
      return clock.now() + own > deadline ? undefined : own
    }
  }

  /** The same after a failure; undefined as well for one that will be the same next time. */
  function pauseAfter(error: unknown, pauses: ReturnType<typeof createPauses>): number | undefined {
    if (!isPassing(error)) return undefined
    const { retryAfterMs, reason } = (error as LoadgenError).facts
    if (options.isOpening === true && NEVER_CONNECTED.has(String(reason))) return undefined
    return pauses(retryAfterMs as number | undefined)
  }

  /** What the node said of a transaction that may have reached it before: its hash when it has it. */
  async function asTaken(call: RpcCall, answer: RpcAnswer): Promise<RpcAnswer> {
    if (call.method !== SEND || answer.error == null) return answer
    const verdict = classify(answer.error.message)
    const hash = hashRaw(call.params[0] as Hex)
    if (verdict === 'known') return { result: hash }
    if (verdict !== 'nonceUsed') return answer
    const [found] = await batch([{ method: 'eth_getTransactionByHash', params: [hash] }])
    return found?.result == null ? answer : { result: hash }
  }

  async function batch(calls: readonly RpcCall[]): Promise<RpcAnswer[]> {
    const answers = new Array<RpcAnswer>(calls.length)
    const pauses = createPauses()
    let open = [...calls.keys()]
    for (let isAgain = false; open.length > 0; isAgain = true) {
      const asked = open
      try {
        const said = await rpc.batch(asked.map((i) => calls[i] as RpcCall))
        for (const [k, i] of asked.entries()) {
          const answer = said[k] as RpcAnswer
          answers[i] = isAgain ? await asTaken(calls[i] as RpcCall, answer) : answer
        }
        open = asked.filter((i) => isBusy(answers[i]?.error?.message))
        if (open.length === 0) break
        const pauseMs = pauses()
        if (pauseMs === undefined) break
        await clock.sleep(pauseMs)
      } catch (error) {
        const pauseMs = pauseAfter(error, pauses)
        if (pauseMs === undefined) throw error
        await clock.sleep(pauseMs)
      }
    }
    return answers
  }

  async function call(method: string, params: readonly unknown[] = []): Promise<unknown> {
    const pauses = createPauses()
    for (let isAgain = false; ; isAgain = true) {
      try {
        return await rpc.call(method, params)
      } catch (error) {
        if (isAgain && error instanceof RpcRefusedError) {
          const { code } = error
          const refusal = { error: { code, message: String(error.facts.message) } }
          const taken = await asTaken({ method, params }, refusal)
          if (taken.error == null) return taken.result
        }
        const pauseMs = pauseAfter(error, pauses)
        if (pauseMs === undefined) throw error
        await clock.sleep(pauseMs)
      }
    }
  }

  return { ...rpc, call, batch }
}

export declare namespace createPatientRpc {
  type Options = {
    /** Milliseconds after the first attempt that another one may begin. */
    patienceMs: number
    /** Fails at once when nobody listens at the address: it may be the wrong one. Default false. */
    isOpening?: boolean | undefined
    clock?: Clock | undefined
  }
}

function isBusy(sentence: string | undefined): boolean {
  return sentence !== undefined && classify(sentence) === 'busy'
}

/** True for what may be better at the next attempt. */
function isPassing(error: unknown): boolean {
  if (error instanceof RpcRefusedError) return isBusy(String(error.facts.message))
  if (!(error instanceof NodeError)) return false
  const status = error.facts.statusCode
  const isPermanent =
    typeof status === 'number' && status < 500 && ![408, 425, 429].includes(status)
  return !isPermanent
}
