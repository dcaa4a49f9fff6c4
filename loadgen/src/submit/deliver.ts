import type { Clock } from '../core/clock.js'
import type { Rng } from '../core/rng.js'
import { hashAt, type TxTable } from '../core/txTable.js'
import { readAnswer, readLookUp } from './answers.js'
import type { BodyWriter } from './bodies.js'
import { classify, type Verdict } from './classify.js'
import { COUNT, type Ledger, OUTCOME, type Outcome, settle } from './ledger.js'
import type { SubmitMethod } from './send.js'
import type { Reply, Transport } from './transport.js'

/** How what failed is sent again. */
export type RetryOptions = {
  /** Milliseconds before the second attempt; doubled before each further one, up to `capMs`. Default 100. */
  baseMs?: number | undefined
  /** Default 5,000. A node that asks for a longer wait gets it, up to `giveUpMs`. */
  capMs?: number | undefined
  /** Milliseconds after its first attempt that a transaction is sent for the last time. Default 120,000. */
  giveUpMs?: number | undefined
}

/** What {@link createDelivery} needs; one lane sends one request at a time. */
export type DeliveryOptions = {
  table: TxTable
  ledger: Ledger
  method: SubmitMethod
  bodies: BodyWriter
  /** Nodes to send to; the first is tried first, the next when it cannot be reached. At least one. */
  endpoints: readonly Transport[]
  retry?: RetryOptions | undefined
  /** Spreads the attempts of lanes that failed together. */
  rng: Rng
  clock: Clock
  /** Nothing more is sent once it is aborted. */
  signal: AbortSignal
  /** Takes the reason why a transaction was refused or replaced. */
  onSentence(position: number, sentence: string): void
}

/**
 * Brings transactions to a node and settles each in the ledger, whatever happens on the way. Repeating is safe: the bytes stay the
 * same, and after an attempt whose answer was lost the node is first asked, by hash, what it has.
 *
 * Transactions in doubt (sent by an earlier run, without an answer) are looked up before they are sent.
 */
export function createDelivery(options: DeliveryOptions): (positions: number[]) => Promise<void> {
  const { table, ledger, method, bodies, endpoints, rng, clock, signal } = options
  const { baseMs = 100, capMs = 5_000, giveUpMs = 120_000 } = options.retry ?? {}
  let endpoint = 0
  /** Traders with a transaction that will never be taken: what waits for it would wait for ever. */
  const stuck = new Set<number>()

  /** When the last answer came, or was given up: one time for all that it settles. */
  let atMs = Number.NaN

  function finish(position: number, outcome: Outcome, sentence?: string): void {
    ledger.answeredMs[position] = atMs
    if (sentence !== undefined) options.onSentence(position, sentence)
    if (outcome !== OUTCOME.taken) stuck.add(table.traders[position] as number)
    settle(ledger, position, outcome)
  }

  async function post(body: Buffer): Promise<Reply> {
    const reply = await (endpoints[endpoint] as Transport).post(body)
    atMs = clock.now()
    return reply
  }

  /** Which of these the node has; undefined when it does not say. */
  async function lookUp(positions: readonly number[]): Promise<boolean[] | undefined> {
    const calls = positions.map((position, id) => ({
      ...{ jsonrpc: '2.0', id, method: 'eth_getTransactionByHash' },
      params: [hashAt(table, position)],
    }))
    const reply = await post(Buffer.from(JSON.stringify(calls)))
    if (reply.type === 'failure') return undefined
    return readLookUp(reply.body, positions.length)
  }

  /** Settles those that the node has and returns the others; undefined when it does not say. */
  async function withoutKnown(positions: number[]): Promise<number[] | undefined> {
    const known = await lookUp(positions)
    if (known === undefined) return undefined
    return positions.filter((position, i) => {
      if (known[i]) finish(position, OUTCOME.taken)
      return !known[i]
    })
  }

  /** One attempt. Settles what it can, and returns what is to be sent again and why. */
  async function attempt(positions: number[]): Promise<Again> {
    const body = bodies.write(positions)
    const sentMs = clock.now()
    for (const position of positions)
      if (Number.isNaN(ledger.sentMs[position])) ledger.sentMs[position] = sentMs
    Atomics.add(ledger.counts, COUNT.requests, 1)
    const reply = await post(body)
    if (reply.type === 'failure') {
      bodies.release()
      const { reason } = reply
      if (reply.isFinal) {
        for (const position of positions) finish(position, OUTCOME.refused, reason)
        return { positions: [], isLost: false }
      }
      endpoint = (endpoint + 1) % endpoints.length
      return { positions, isLost: reply.isDelivered, waitMs: reply.retryAfterMs, reason }
    }
    const said = readAnswer(reply.body, { method, count: positions.length })
    if (said === undefined) return { positions, isLost: true }
    if (said === 'all') {
      for (const position of positions) finish(position, OUTCOME.taken)
      return { positions: [], isLost: false }
    }
    return judge(positions, said)
  }

  async function judge(
    positions: readonly number[],
    said: readonly (string | undefined)[],
  ): Promise<Again> {
    const sentences = new Map<number, string>()
    const again: number[] = []
    const doubtful: number[] = []
    for (const [i, position] of positions.entries()) {
      const sentence = said[i]
      if (sentence === undefined) {
        finish(position, OUTCOME.taken)
        continue
      }
      sentences.set(position, sentence)
      const verdict = classify(sentence)
      if (method === 'arcology' || verdict === 'nonceUsed') doubtful.push(position)
      else if (verdict === 'known') finish(position, OUTCOME.taken)
      else if (isHopeless(verdict, position)) finish(position, OUTCOME.refused, sentence)
      else again.push(position)
    }
    if (doubtful.length === 0) return { positions: again, isLost: false, sentences }
    const unknown = await withoutKnown(doubtful)
    if (unknown === undefined)
      return { positions: [...again, ...doubtful], isLost: true, sentences }
    for (const position of unknown) {
      const sentence = sentences.get(position) as string
      const verdict = classify(sentence)
      if (verdict === 'nonceUsed') finish(position, OUTCOME.replaced, sentence)
      else if (verdict === 'known') finish(position, OUTCOME.unanswered)
      else if (isHopeless(verdict, position)) finish(position, OUTCOME.refused, sentence)
      else again.push(position)
    }
    return { positions: again.sort((a, b) => a - b), isLost: false, sentences }
  }

  function isHopeless(verdict: Verdict, position: number): boolean {
    if (verdict !== 'nonceGap') return verdict === 'refused'
    return stuck.has(table.traders[position] as number)
  }

  return async (positions) => {
    const startMs = clock.now()
    let open: Again = { positions, isLost: positions.some((p) => ledger.doubts[p] === 1) }
    // Kept: what a look-up does not find may still be on its way.
    let wasLost = false
    for (let round = 0; open.positions.length > 0; round++) {
      wasLost ||= open.isLost
      if (signal.aborted || clock.now() - startMs > giveUpMs)
        return giveUp({ ...open, isLost: wasLost })
      if (round > 0) {
        Atomics.add(ledger.counts, COUNT.retries, 1)
        const backoffMs = Math.min(capMs, baseMs * 2 ** (round - 1)) * (0.5 + rng.next() / 2)
        await pause(Math.min(giveUpMs, Math.max(backoffMs, open.waitMs ?? 0)))
        if (signal.aborted) return giveUp({ ...open, isLost: wasLost })
      }
      if (open.isLost) {
        const unknown = await withoutKnown(open.positions)
        if (unknown === undefined) {
          endpoint = (endpoint + 1) % endpoints.length
          continue
        }
        open = { ...open, positions: unknown, isLost: false }
        if (unknown.length === 0) return
      }
      open = await attempt(open.positions)
    }
  }

  /** Settles what is not to be sent any more. */
  function giveUp({ positions, isLost, sentences, reason }: Again): void {
    atMs = clock.now()
    for (const position of positions) {
      const sentence = sentences?.get(position)
      if (isLost) finish(position, OUTCOME.unanswered)
      else if (sentence !== undefined) finish(position, OUTCOME.refused, sentence)
      else finish(position, OUTCOME.unsent, reason && `it never reached the node: ${reason}`)
    }
  }

  async function pause(ms: number): Promise<void> {
    await clock.sleep(ms, { signal }).catch((error: unknown) => {
      if (!signal.aborted) throw error
    })
  }
}

/** What an attempt left open. `isLost`: the node may have it nevertheless. */
type Again = {
  positions: number[]
  isLost: boolean
  waitMs?: number | undefined
  /** What the node said of them. */
  sentences?: ReadonlyMap<number, string> | undefined
  /** Why there was no answer. */
  reason?: string | undefined
}
