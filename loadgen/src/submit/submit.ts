import pLimit from 'p-limit'
import type { Rpc } from '../chain/rpc.js'
import { type Clock, systemClock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { SignedTx, SubmitSample } from '../core/types.js'
import { createRequests, type SubmitRequest } from './batcher.js'
import { type Refusal, type SubmitMethod, sendOnce } from './send.js'

/** How far a submission is; `sent` = `accepted` + `refused` + `unanswered`. */
export type SubmitProgress = {
  total: number
  sent: number
  accepted: number
  refused: number
  /** Sent without ever getting an answer: the node may have them or not. */
  unanswered: number
}

/**
 * Gives signed transactions to the node, as fast as it answers. Those of one sender reach it in their order. A request
 * without an answer is sent again, byte for byte, so no transaction can be carried out or counted twice.
 *
 * With a gate, a plan batch is sent when the gate has opened for it, and the gate is asked for the next when all of this one is
 * answered. The intended send time of a transaction, from which its latency counts, is when its gate opened; without a gate,
 * when the submission began.
 *
 * @returns a sample for each transaction, in their order. Refused: with the node's sentence. Never answered: without
 * `acceptedMs` and `error`. `sentMs` is the first attempt.
 * @throws the gate's error, or the signal's reason.
 */
export async function submitTransactions(
  rpc: Rpc,
  signed: readonly SignedTx[],
  options: submitTransactions.Options = {},
): Promise<SubmitSample[]> {
  const { batchSize = 100, inFlight = 8, clock = systemClock } = options
  const requests = createRequests(signed, { size: batchSize })
  const samples = new Array<SubmitSample>(signed.length)
  const progress = { total: signed.length, sent: 0, accepted: 0, refused: 0, unanswered: 0 }
  const answered: Promise<void>[] = []
  const limit = pLimit(inFlight)

  async function submit(request: SubmitRequest, plannedMs: number): Promise<void> {
    // Cannot lock up: the limit starts requests in their order, so those waited for run already.
    await Promise.all(request.after.map((index) => answered[index]))
    const txs = request.positions.map((position) => signed[position] as SignedTx)
    const { sentMs, answeredMs, refusals } = await sendPatiently(rpc, txs, { ...options, clock })
    for (const [i, position] of request.positions.entries()) {
      const { intent, hash } = signed[position] as SignedTx
      const error = refusals?.[i]
      samples[position] = {
        intent,
        hash,
        plannedMs,
        sentMs,
        ...(refusals !== undefined && error === undefined && { acceptedMs: answeredMs }),
        ...(error !== undefined && { error }),
      }
      progress[
        refusals === undefined ? 'unanswered' : error === undefined ? 'accepted' : 'refused'
      ]++
    }
    progress.sent += txs.length
    options.onProgress?.({ ...progress })
  }

  let plannedMs = clock.now()
  let openBatch: number | undefined
  for (const request of requests) {
    if (options.beforeBatch !== undefined && request.batch !== openBatch) {
      await Promise.all(answered)
      await options.beforeBatch(request.batch)
      plannedMs = clock.now()
      openBatch = request.batch
    }
    const planned = plannedMs
    answered.push(limit(() => submit(request, planned)))
  }
  await Promise.all(answered)
  return samples
}

export declare namespace submitTransactions {
  type Options = {
    /** `standard`: batches of eth_sendRawTransaction (default). `arcology`: arn_sendRawTransactions. */
    method?: SubmitMethod | undefined
    /** Transactions a request. Default 100: larger ones are no faster and answer later. */
    batchSize?: number | undefined
    /** Requests at a time; give the connection as many. Default 8. */
    inFlight?: number | undefined
    /** Times that a request without an answer is sent in all. Default 5. */
    attempts?: number | undefined
    /** Milliseconds before the second attempt; doubled before each further one. Default 100. */
    backoffMs?: number | undefined
    /** Opens the gate for a plan batch. */
    beforeBatch?: ((batch: number) => Promise<void>) | undefined
    /** Called after each request. */
    onProgress?: ((progress: SubmitProgress) => void) | undefined
    clock?: Clock | undefined
    /** Ends the submission: nothing more is sent. */
    signal?: AbortSignal | undefined
  }
}

/** Sends a request until it is answered or the attempts are used up; `refusals` is undefined then. */
async function sendPatiently(
  rpc: Rpc,
  txs: readonly SignedTx[],
  options: submitTransactions.Options & { clock: Clock },
): Promise<{ sentMs: number; answeredMs: number; refusals: Refusal[] | undefined }> {
  const { clock, signal, method = 'standard', attempts = 5, backoffMs = 100 } = options
  let sentMs: number | undefined
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted()
    sentMs ??= clock.now()
    try {
      const refusals = await sendOnce(rpc, txs, method)
      return { sentMs, answeredMs: clock.now(), refusals }
    } catch (error) {
      if (!(error instanceof NodeError)) throw error
      if (attempt >= attempts) return { sentMs, answeredMs: clock.now(), refusals: undefined }
      await clock.sleep(backoffMs * 2 ** (attempt - 1), { signal })
    }
  }
}
