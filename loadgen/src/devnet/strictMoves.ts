import type { Rpc, RpcAnswer, RpcCall } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import type { DevnetLog } from './log.js'
import type { Runtime, SystemCall } from './runtime.js'
import type { Step, WantedOrder } from './strictOrder.js'
import type { WaitingCall } from './strictPool.js'

/** Calls in one request. Of more than 63, measured on Anvil 1.7.1, it does not keep the order: its answers wait for each other. */
const IN_ORDER = 30

/** Where the order does not matter: as many a request, in as many requests at a time, as the proxy sends. */
const CHUNK = 250
const LANES = 3

/**
 * Brings Anvil's pool into the wanted order: takes out what is not to stay, and sends it again, byte for byte, between system
 * transactions. What Anvil does not take any more, because its sender can no longer pay for it, is lost with a warning; it would
 * not have been mined either.
 * @returns Hashes of the system transactions.
 * @throws NodeError when Anvil refuses a system transaction.
 */
export async function moveCalls(options: moveCalls.Options): Promise<Hex[]> {
  const { rpc, runtime, calls, order, log } = options
  const system: Hex[] = []

  async function resend(ids: readonly number[], inOrder: boolean): Promise<void> {
    const sent = ids.map((id) => calls[id] as WaitingCall)
    const requests = sent.map(({ entry }) => ({
      method: 'eth_sendRawTransaction',
      params: [entry.raw],
    }))
    const answers = inOrder
      ? await batchAll(rpc, requests, { size: IN_ORDER, lanes: 1 })
      : await batchAll(rpc, requests, { size: CHUNK, lanes: LANES })
    for (const [i, { error }] of answers.entries())
      if (error !== undefined)
        log.warn(
          { hash: sent[i]?.entry.hash, reason: error.message },
          'Anvil did not take a transaction again',
        )
  }

  async function tell(steps: readonly SystemCall[]): Promise<void> {
    const requests = steps.map((call) => runtime.systemCall(call))
    for (const { result, error } of await batchAll(rpc, requests, { size: IN_ORDER, lanes: 1 })) {
      if (error !== undefined)
        throw new NodeError(`Anvil refused a system call of the block maker: ${error.message}`)
      system.push(result as Hex)
    }
  }

  const moved = order.steps.flatMap((step) => ('ids' in step ? step.ids : []))
  const drops = moved.map((id) => ({
    method: 'anvil_dropTransaction',
    params: [calls[id]?.entry.hash],
  }))
  await batchAll(rpc, drops, { size: CHUNK, lanes: LANES })
  for (const stretch of stretches(order.steps))
    if ('system' in stretch) await tell(stretch.system)
    else await resend(stretch.ids, stretch.isSequence)
  return system
}

export declare namespace moveCalls {
  type Options = {
    rpc: Rpc
    runtime: Runtime
    /** Of the whole block; the id of each is its index. Those to be moved have raw bytes. */
    calls: readonly WaitingCall[]
    order: WantedOrder
    log: DevnetLog
  }
}

type Stretch = { system: SystemCall[] } | { ids: readonly number[]; isSequence: boolean }

/** System calls that follow each other are sent together. */
function stretches(steps: readonly Step[]): Stretch[] {
  const merged: Stretch[] = []
  for (const step of steps) {
    const last = merged.at(-1)
    if ('ids' in step) merged.push(step)
    else if (last !== undefined && 'system' in last) last.system.push(step.system)
    else merged.push({ system: [step.system] })
  }
  return merged
}

/** Answers in the order of the calls, which Anvil reads in that order when there is one lane and no more than IN_ORDER a request. */
async function batchAll(
  rpc: Rpc,
  calls: readonly RpcCall[],
  { size, lanes }: { size: number; lanes: number },
): Promise<RpcAnswer[]> {
  const answers = new Array<RpcAnswer>(calls.length)
  let next = 0
  async function sendRest(): Promise<void> {
    while (next < calls.length) {
      const from = next
      next += size
      const part = await rpc.batch(calls.slice(from, from + size))
      part.forEach((answer, i) => {
        answers[from + i] = answer
      })
    }
  }
  await Promise.all(Array.from({ length: lanes }, sendRest))
  return answers
}
