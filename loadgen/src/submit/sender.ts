import { type Clock, systemClock } from '../core/clock.js'
import { createRng } from '../core/rng.js'
import type { TxTable } from '../core/txTable.js'
import { createBodyWriter, createRawReader } from './bodies.js'
import { createDelivery, type RetryOptions } from './deliver.js'
import { createLanes, type Span } from './lanes.js'
import type { Ledger } from './ledger.js'
import type { SubmitMethod } from './send.js'
import { createTransport, type Transport } from './transport.js'

/** What one thread needs to send its share; clonable. */
export type SenderData = {
  table: TxTable
  ledger: Ledger
  /** Lanes of this thread, and of all. */
  lanes: readonly number[]
  laneCount: number
  /** Addresses of nodes; lane n begins with the n-th, counted round. */
  endpoints: readonly string[]
  method: SubmitMethod
  batchSize: number
  timeoutMs: number
  maxDelayMs: number | undefined
  lingerMs: number
  retry: RetryOptions | undefined
  /** Of the jitter between attempts. */
  seed: string
}

/** The node's sentence for a transaction, by position. */
export type Sentence = readonly [position: number, sentence: string]

/** The lanes of one thread and their connections. */
export type Sender = {
  /** Sends this thread's share of a span; resolves when it is settled, with the sentences since the last time. */
  send(span: Span): Promise<Sentence[]>
  /** Ends it when all is settled. */
  finish(): Promise<Sentence[]>
  /** Makes lanes give up what they have not sent. */
  stop(): void
}

/** @param tools of tests: a clock, and connections that lead nowhere. */
export function createSender(data: SenderData, tools: createSender.Tools = {}): Sender {
  const { clock = systemClock, connect = createTransport } = tools
  const { table, ledger, method } = data
  const stopping = new AbortController()
  const transports = data.endpoints.map((url) =>
    connect(url, { connections: data.lanes.length, timeoutMs: data.timeoutMs }),
  )
  const reader = createRawReader(table.raws)
  let sentences: Sentence[] = []

  const deliveries = new Map(
    data.lanes.map((lane) => {
      const first = lane % transports.length
      return [
        lane,
        createDelivery({
          ...{ table, ledger, method, clock, retry: data.retry, signal: stopping.signal },
          bodies: createBodyWriter(reader, method),
          endpoints: [...transports.slice(first), ...transports.slice(0, first)],
          rng: createRng(data.seed, `submit ${lane}`),
          onSentence: (position, sentence) => sentences.push([position, sentence]),
        }),
      ]
    }),
  )
  const lanes = createLanes({
    ...{ table, ledger, clock, lanes: data.lanes, laneCount: data.laneCount },
    ...{ batchSize: data.batchSize, maxDelayMs: data.maxDelayMs, lingerMs: data.lingerMs },
    signal: stopping.signal,
    deliver: (lane, positions) =>
      (deliveries.get(lane) as (positions: number[]) => Promise<void>)(positions),
  })

  function takeSentences(): Sentence[] {
    const taken = sentences
    sentences = []
    return taken
  }

  return {
    async send(span) {
      await lanes.send(span)
      return takeSentences()
    },
    async finish() {
      try {
        await lanes.finish()
      } finally {
        await Promise.all(transports.map((transport) => transport.close()))
        reader.close()
      }
      return takeSentences()
    },
    stop: () => stopping.abort(),
  }
}

export declare namespace createSender {
  type Tools = {
    clock?: Clock | undefined
    connect?:
      | ((url: string, options: { connections: number; timeoutMs: number }) => Transport)
      | undefined
  }
}
