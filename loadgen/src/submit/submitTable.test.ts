import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFakeNode, type FakeNodeOptions, fakeTxs, lost } from '../../test/support/fakeNode.js'
import { createVirtualClock } from '../../test/support/virtualClock.js'
import { createRng } from '../core/rng.js'
import { toTxTable } from '../core/txTable.js'
import type { SignedTx } from '../core/types.js'
import type { Span } from './lanes.js'
import { createLedger, OUTCOME, settle, toSamples } from './ledger.js'
import type { SubmitProgress } from './progress.js'
import { submitTable } from './submitTable.js'

/** Submits in this thread, to a node in memory, on a clock of its own that starts at 1,000. */
async function submit(
  txs: readonly SignedTx[],
  options: Partial<submitTable.Options> & { node?: FakeNodeOptions } = {},
) {
  const clock = createVirtualClock()
  const node = createFakeNode({ clock, ...options.node })
  const table = toTxTable(txs)
  const result = await clock.run(
    submitTable(table, {
      ...{ endpoints: ['http://fake'], executor: { type: 'closed' }, workers: 0, clock },
      tools: { clock, connect: node.connect },
      ...options,
    }),
  )
  return { ...result, node, clock, samples: toSamples(table, result.ledger, result.sentences) }
}

const ascending = (count: number) => Array.from({ length: count }, (_, i) => i)
const taken = (outcomes: Uint8Array) =>
  outcomes.reduce((sum, outcome) => sum + (outcome === OUTCOME.taken ? 1 : 0), 0)

describe('submitTable', () => {
  test('default: every transaction once, bounded requests in flight, a sample for each', async () => {
    const { node, progress, samples } = await submit(fakeTxs(90), {
      ...{ batchSize: 6, inFlight: 4, node: { latencyMs: () => 10 } },
    })
    expect(node.order.toSorted((a, b) => a - b)).toEqual(ascending(90))
    expect(node.requests()).toMatchObject({ mostOpen: 4, lookUps: 0 })
    expect(progress).toEqual({
      ...{ total: 90, sent: 90, accepted: 90, refused: 0, unanswered: 0, dropped: 0, retried: 0 },
    })
    expect(samples[7]).toEqual({
      ...{ intent: 1007, hash: fakeTxs(8)[7]?.hash },
      ...{ plannedMs: 1000, sentMs: 1000, acceptedMs: 1010 },
    })
  })

  test('behavior: the transactions of a sender arrive in order, whatever is answered late or lost', async () => {
    const rng = createRng('seed', 'order')
    const { node, ledger } = await submit(fakeTxs(600, { traders: 37 }), {
      ...{ batchSize: 7, inFlight: 5 },
      node: {
        latencyMs: () => 1 + rng.int(50),
        fail: () => (rng.int(5) === 0 ? { reply: lost, isActedOn: rng.int(2) === 0 } : undefined),
      },
    })
    expect(taken(ledger.outcomes)).toBe(600)
    expect(node.order.toSorted((a, b) => a - b)).toEqual(ascending(600))
    const last = new Map<number, number>()
    for (const position of node.order) {
      expect(position).toBe((last.get(position % 37) ?? (position % 37) - 37) + 37)
      last.set(position % 37, position)
    }
  })

  test('args: inFlight 1 keeps the order of the table', async () => {
    const { node } = await submit(fakeTxs(40, { traders: 7 }), { batchSize: 6, inFlight: 1 })
    expect(node.order).toEqual(ascending(40))
  })

  test('args: onProgress tells where it is, and the end', async () => {
    const seen: SubmitProgress[] = []
    await submit(fakeTxs(50), {
      ...{ batchSize: 1, inFlight: 1, progressMs: 200 },
      node: { latencyMs: () => 100, refuse: (i) => (i === 3 ? 'no' : undefined) },
      onProgress: (progress) => seen.push(progress),
    })
    expect(seen.length).toBeGreaterThan(20)
    expect(seen.map(({ sent }) => sent)).toEqual(seen.map(({ sent }) => sent).sort((a, b) => a - b))
    expect(seen.at(-1)).toMatchObject({ total: 50, sent: 50, accepted: 49, refused: 1 })
  })

  test('args: signal ends it: nothing more is sent', async () => {
    const abort = new AbortController()
    const node = createFakeNode()
    const told: number[] = []
    const submission = submitTable(toTxTable(fakeTxs(30)), {
      ...{ endpoints: [''], executor: { type: 'closed' }, workers: 0, batchSize: 3, inFlight: 1 },
      tools: {
        connect: () => {
          const { post, close } = node.connect()
          return {
            close,
            post: async (body) => {
              const reply = await post(body)
              abort.abort(new Error('stopped by hand'))
              return reply
            },
          }
        },
      },
      signal: abort.signal,
      journal: {
        onAnswered: ({ from, to }, { outcomes }) => told.push(...outcomes.slice(from, to)),
      },
    })
    await expect(submission).rejects.toThrow('stopped by hand')
    expect(node.order).toEqual([0, 1, 2])
    // What was not sent is not settled: who goes on sends it.
    expect(told.filter((outcome) => outcome !== OUTCOME.taken)).toEqual([])
  })

  test('error: plan batches out of order', async () => {
    await expect(submit(fakeTxs(2, { batchOf: (i) => 1 - i }))).rejects.toThrow(
      'Transaction 1 belongs to plan batch 0 but follows one of batch 1.',
    )
  })
})

describe('journal', () => {
  test('behavior: everything is announced before it is sent, and told of once when it is settled', async () => {
    const announced: Span[] = []
    const answered: { span: Span; sentence: string | undefined }[] = []
    const node = createFakeNode({
      latencyMs: () => 5,
      refuse: (position) => (position % 50 === 9 ? `no ${position}` : undefined),
    })
    const { post, close } = node.connect()
    const { ledger } = await submit(fakeTxs(200, { batchOf: (i) => Math.floor(i / 40) }), {
      ...{ batchSize: 4, inFlight: 3, executor: { type: 'per-block' } },
      tools: {
        connect: () => ({
          close,
          post: (body) => {
            const { to } = announced.at(-1) as Span
            for (const { params } of JSON.parse(body.toString()))
              expect(Number(params[0])).toBeLessThan(to)
            return post(body)
          },
        }),
      },
      journal: {
        onSending: async (span) => {
          await new Promise(setImmediate)
          announced.push(span)
        },
        onAnswered(span, ledger, sentences) {
          for (let i = span.from; i < span.to; i++) expect(ledger.outcomes[i]).not.toBe(0)
          answered.push({ span, sentence: sentences.get(span.from + (span.from === 0 ? 9 : 0)) })
        },
      },
    })
    expect(announced).toEqual(ascending(5).map((i) => ({ from: 40 * i, to: 40 * i + 40 })))
    expect(answered.map(({ span }) => span)).toEqual(announced)
    expect(answered[0]?.sentence).toBe('no 9')
    expect(taken(ledger.outcomes)).toBe(196)
  })

  test('behavior: a submission that goes on sends what is open, and looks up what is in doubt', async () => {
    const first = createFakeNode()
    const ledger = createLedger(30)
    for (let i = 0; i < 10; i++) settle(ledger, i, OUTCOME.taken)
    for (let i = 10; i < 20; i++) ledger.doubts[i] = 1
    // The node has 10 to 14: their answers never came.
    const bodies = Array.from({ length: 5 }, (_, i) => ({
      ...{ id: i, method: 'eth_sendRawTransaction' },
      params: [`0x${(10 + i).toString(16)}`],
    }))
    await first.connect().post(Buffer.from(JSON.stringify(bodies)))
    const before = first.sent.length
    await submit(fakeTxs(30), { ledger, batchSize: 5, tools: { connect: first.connect } })
    expect(first.sent.slice(before).sort((a, b) => a - b)).toEqual(ascending(30).slice(15))
    expect(taken(ledger.outcomes)).toBe(30)
  })

  test('error: what the journal fails with ends the submission before anything is sent', async () => {
    const node = createFakeNode()
    const submission = submit(fakeTxs(10), {
      tools: { connect: node.connect },
      journal: { onSending: () => Promise.reject(new Error('disk full')) },
    })
    await expect(submission).rejects.toThrow('disk full')
    expect(node.sent).toEqual([])
  })
})

describe('per-block', () => {
  test('default: a gate opens when all before it is answered; latency counts from there', async () => {
    const gates: { batch: number; arrived: number }[] = []
    const node = createFakeNode()
    const clock = createVirtualClock()
    const { ledger } = await clock.run(
      submitTable(toTxTable(fakeTxs(30, { batchOf: (i) => Math.floor(i / 10) })), {
        ...{ endpoints: [''], workers: 0, clock, batchSize: 4 },
        tools: { clock, connect: node.connect },
        executor: {
          type: 'per-block',
          beforeBatch: async (batch) => {
            gates.push({ batch, arrived: node.order.length })
            await clock.sleep(500)
            return batch === 2 ? 77 : undefined
          },
        },
      }),
    )
    expect(gates).toEqual([
      { batch: 0, arrived: 0 },
      { batch: 1, arrived: 10 },
      { batch: 2, arrived: 20 },
    ])
    expect([0, 10, 20].map((i) => ledger.plannedMs[i])).toEqual([1500, 2000, 77])
  })

  test('behavior: no gate for a batch that an earlier run settled', async () => {
    const ledger = createLedger(9)
    for (const position of [0, 1, 2, 5]) settle(ledger, position, OUTCOME.taken)
    const gates: number[] = []
    const { node } = await submit(fakeTxs(9, { batchOf: (i) => Math.floor(i / 3) }), {
      ledger,
      executor: {
        type: 'per-block',
        beforeBatch: async (batch) => {
          gates.push(batch)
          return undefined
        },
      },
    })
    expect(gates).toEqual([1, 2])
    expect(node.order.toSorted((a, b) => a - b)).toEqual([3, 4, 6, 7, 8])
  })
})

describe('rate', () => {
  test('default: a constant arrival rate, whatever the node does', async () => {
    const { ledger, phases } = await submit(fakeTxs(2_000), {
      executor: { type: 'rate', perSecond: 1_000 },
      // Each third request takes a second.
      ...{ inFlight: 50, node: { latencyMs: (sends) => (sends % 3 === 0 ? 1_000 : 2) } },
    })
    const startMs = ledger.plannedMs[0] as number
    for (const [k, plannedMs] of ledger.plannedMs.entries()) {
      expect(plannedMs - startMs).toBeCloseTo(k, 6)
      // Its lane may be a second late.
      expect(ledger.sentMs[k] as number).toBeGreaterThanOrEqual(plannedMs)
    }
    expect(phases).toEqual({ startMs, measureMs: startMs, drainMs: startMs + 1_999 })
  })

  test('args: lingerMs gathers what is due in few requests', async () => {
    const linger = async (lingerMs: number) => {
      const { node, ledger } = await submit(fakeTxs(1_000), {
        ...{ executor: { type: 'rate', perSecond: 1_000 }, lingerMs, inFlight: 2 },
        node: { latencyMs: () => 0.1 },
      })
      const lateMs = Math.max(...ledger.sentMs.map((ms, i) => ms - (ledger.plannedMs[i] as number)))
      return { ...node.requests(), lateMs }
    }
    expect(await linger(0)).toMatchObject({ sends: 1_000 })
    const gathered = await linger(20)
    expect(gathered.sends).toBeLessThan(120)
    expect(gathered.lateMs).toBeGreaterThan(19)
    expect(gathered.lateMs).toBeLessThan(22)
  })

  test('args: maxDelayMs: what cannot be sent in time is dropped, and no sender has a gap', async () => {
    const { ledger, node, progress, samples } = await submit(fakeTxs(1_000, { traders: 10 }), {
      ...{ executor: { type: 'rate', perSecond: 1_000 }, maxDelayMs: 50, inFlight: 2 },
      ...{ batchSize: 5, lingerMs: 0 },
      // 2 lanes × 5 transactions in 20 ms: half of what is asked of it.
      node: { latencyMs: () => 20 },
    })
    const sent = taken(ledger.outcomes)
    expect(progress).toMatchObject({ dropped: 1_000 - sent, sent, accepted: sent })
    expect(sent).toBeGreaterThan(450)
    expect(sent).toBeLessThan(600)
    for (const [i, sample] of samples.entries())
      if (ledger.outcomes[i] === OUTCOME.taken)
        expect(sample.sentMs - sample.plannedMs).toBeLessThanOrEqual(50)
      else expect(sample).toMatchObject({ unsent: 'dropped' })
    // Of each trader, all that were sent come before all that were not.
    for (let trader = 0; trader < 10; trader++) {
      const own = node.order.filter((position) => position % 10 === trader)
      expect(own).toEqual(ascending(own.length).map((n) => 10 * n + trader))
    }
  })

  test('args: warmupMs', async () => {
    const { phases } = await submit(fakeTxs(100), {
      ...{ executor: { type: 'rate', perSecond: 100 }, warmupMs: 300 },
    })
    expect(phases.measureMs - phases.startMs).toBe(300)
    expect(phases.drainMs - phases.startMs).toBeCloseTo(990, 6)
  })

  test('args: shard sends its share of the times', async () => {
    const { ledger } = await submit(fakeTxs(100), {
      executor: { type: 'rate', perSecond: 1_000, shard: { index: 1, of: 4 } },
    })
    const times = [...ledger.plannedMs].map((ms) => Math.round(ms - 1000))
    expect(times.slice(0, 3)).toEqual([1, 5, 9])
    expect(times.at(-1)).toBe(397)
  })
})

describe('ramp', () => {
  const ramp = { type: 'ramp', from: 100, to: 1_000, step: 100, holdMs: 2_000 } as const
  // One transaction takes 2 ms of the node's time, however many requests wait: 500 a second at most.
  const slowNode = () => {
    let busyUntil = 0
    const clock = createVirtualClock()
    const node = createFakeNode()
    const { post, close } = node.connect()
    return {
      clock,
      node,
      connect: () => ({
        close,
        post: async (body: Buffer) => {
          const { length } = JSON.parse(body.toString())
          busyUntil = Math.max(busyUntil, clock.now()) + 2 * length
          await clock.sleep(busyUntil - clock.now())
          return post(body)
        },
      }),
    }
  }

  test('default: finds the rate at which the node breaks, and stops there', async () => {
    const { clock, node, connect } = slowNode()
    const table = toTxTable(fakeTxs(20_000))
    const result = await clock.run(
      submitTable(table, {
        ...{ endpoints: [''], executor: ramp, workers: 0, clock, inFlight: 64 },
        tools: { clock, connect },
      }),
    )
    expect(result.ramp?.steps.map(({ perSecond }) => perSecond)).toEqual([
      100, 200, 300, 400, 500, 600,
    ])
    expect(result.ramp).toMatchObject({
      lastGoodPerSecond: 500,
      breaking: { perSecond: 600, reason: '500 of 600 a second were accepted, less than 95 %' },
    })
    // What was under way is answered, the rest never sent.
    expect(node.order.length).toBe(taken(result.ledger.outcomes))
    expect(node.order.length).toBeLessThan(2 * 2_100 + 100)
    expect(result.progress).toMatchObject({ sent: node.order.length, dropped: 0 })
    const samples = toSamples(table, result.ledger, result.sentences)
    const left = samples.filter(({ unsent }) => unsent === 'ended')
    expect(left.length).toBe(20_000 - node.order.length)
  })

  test('args: limits: latency and errors break it too', async () => {
    const late = await submit(fakeTxs(20_000), {
      executor: { ...ramp, limits: { p99Ms: 80 } },
      ...{ inFlight: 64, node: { latencyMs: (sends) => (sends > 2_000 ? 100 : 10) } },
    })
    expect(late.ramp?.breaking?.reason).toMatch(/waited 10\d ms or longer .* more than 80 ms$/)
    const failing = await submit(fakeTxs(20_000), {
      executor: ramp,
      ...{ inFlight: 64, node: { refuse: (i) => (i > 1_000 && i % 30 === 0 ? 'no' : undefined) } },
    })
    expect(failing.ramp?.breaking).toEqual({
      perSecond: 400,
      reason: expect.stringMatching(/^3\.\d % failed, more than 1 %$/),
    })
    expect(failing.ramp?.lastGoodPerSecond).toBe(300)
  })

  test('behavior: without a breaking point it ends with the last rate that was held, or with the transactions', async () => {
    const held = await submit(fakeTxs(2_000), { executor: { ...ramp, to: 300 }, inFlight: 64 })
    expect(held.ramp).toMatchObject({ lastGoodPerSecond: 300 })
    expect(held.ramp?.breaking).toBeUndefined()
    expect(held.ramp?.steps).toHaveLength(3)
    expect(taken(held.ledger.outcomes)).toBe(1_200)
    const short = await submit(fakeTxs(700), { executor: ramp, inFlight: 64 })
    expect(short.ramp).toMatchObject({ lastGoodPerSecond: 200 })
    expect(taken(short.ledger.outcomes)).toBe(700)
  })

  test('behavior: what an earlier run settled takes no part in it', async () => {
    const ledger = createLedger(3_000)
    for (let i = 0; i < 1_500; i++) settle(ledger, 2 * i, OUTCOME.taken)
    const held = await submit(fakeTxs(3_000), {
      ...{ ledger, executor: { ...ramp, to: 300 }, inFlight: 64 },
    })
    expect(held.ramp?.breaking).toBeUndefined()
    expect(held.ramp?.steps.map((step) => Math.round(step.acceptedPerSecond))).toEqual([
      100, 200, 300,
    ])
  })
})

describe('threads', () => {
  const received: string[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8')
    request.on('data', (chunk) => {
      text += chunk
    })
    request.on('end', () => {
      const calls = JSON.parse(text) as { id: number; params: string[] }[]
      received.push(...calls.map(({ params }) => params[0] as string))
      const answers = calls.map(({ id, params }) =>
        params[0] === '0x7b'
          ? { id, error: { code: -32000, message: 'no money' } }
          : { id, result: params[0] },
      )
      response.end(JSON.stringify(answers))
    })
  })
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterAll(() => void server.close())

  test('args: workers: every transaction once, to several nodes; sentences come back', async () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const { progress, sentences, ledger } = await submitTable(
      toTxTable(fakeTxs(5_000, { traders: 300 })),
      {
        ...{ endpoints: [url, `${url}/second`], executor: { type: 'closed' }, workers: 2 },
        batchSize: 20,
      },
    )
    expect(received.map(Number).sort((a, b) => a - b)).toEqual(ascending(5_000))
    expect(progress).toMatchObject({ accepted: 4_999, refused: 1, retried: 0 })
    expect([...sentences]).toEqual([[0x7b, 'no money']])
    for (let i = 0; i < 5_000; i++) {
      expect(ledger.sentMs[i] as number).toBeGreaterThanOrEqual(ledger.plannedMs[i] as number)
      expect(ledger.answeredMs[i] as number).toBeGreaterThan(ledger.sentMs[i] as number)
    }
  })

  test('error: a file of transactions that is not there', async () => {
    const table = toTxTable(fakeTxs(1))
    const { starts, lengths } = table.raws
    const submission = submitTable(
      { ...table, raws: { starts, lengths, path: '/nowhere/transactions.txt' } },
      { endpoints: ['http://127.0.0.1:1'], executor: { type: 'closed' }, workers: 1 },
    )
    await expect(submission).rejects.toThrow('ENOENT')
  })
})
