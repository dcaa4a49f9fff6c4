import { describe, expect, test } from 'vitest'
import {
  createFakeNode,
  type FakeNodeOptions,
  fakeTxs,
  lost,
  unreachable,
} from '../../test/support/fakeNode.js'
import { createVirtualClock } from '../../test/support/virtualClock.js'
import { createRng } from '../core/rng.js'
import { toTxTable } from '../core/txTable.js'
import { createBodyWriter, createRawReader } from './bodies.js'
import { createDelivery, type DeliveryOptions } from './deliver.js'
import { createLedger, OUTCOME } from './ledger.js'
import type { Reply } from './transport.js'

const NAMES = new Map<number, string>(Object.entries(OUTCOME).map(([name, code]) => [code, name]))

/** Delivers `count` transactions in one request, two of each trader. */
async function deliver(
  count: number,
  options: FakeNodeOptions & Partial<DeliveryOptions> & { doubts?: number[]; nodes?: number } = {},
) {
  const clock = createVirtualClock(0)
  const node = createFakeNode({ ...options, clock })
  const table = toTxTable(fakeTxs(count, { traders: Math.ceil(count / 2) }))
  const ledger = createLedger(count)
  for (const position of options.doubts ?? []) ledger.doubts[position] = 1
  const sentences = new Map<number, string>()
  const send = createDelivery({
    ...{ table, ledger, clock, method: 'standard', retry: { giveUpMs: 60_000 } },
    bodies: createBodyWriter(createRawReader(table.raws), options.method ?? 'standard'),
    endpoints: [node.connect()],
    rng: createRng('seed', 'test'),
    signal: new AbortController().signal,
    onSentence: (position, sentence) => sentences.set(position, sentence),
    ...options,
  })
  await clock.run(send(Array.from({ length: count }, (_, i) => i)))
  return {
    node,
    ledger,
    clock,
    outcomes: [...ledger.outcomes].map((code) => NAMES.get(code)),
    sentences: Object.fromEntries(sentences),
    counted: [...ledger.counts.subarray(1, 6)],
  }
}

const all = (outcome: string, count: number) => new Array<string>(count).fill(outcome)

describe('createDelivery', () => {
  test('default: one request, all taken, their times noted', async () => {
    const { outcomes, node, ledger } = await deliver(4, { latencyMs: () => 30 })
    expect(outcomes).toEqual(all('taken', 4))
    expect(node.order).toEqual([0, 1, 2, 3])
    expect(node.requests()).toEqual({ sends: 1, lookUps: 0, mostOpen: 1 })
    expect([...ledger.sentMs]).toEqual([0, 0, 0, 0])
    expect([...ledger.answeredMs]).toEqual([30, 30, 30, 30])
  })

  test('args: method arcology', async () => {
    const { outcomes, node } = await deliver(4, { method: 'arcology' })
    expect(outcomes).toEqual(all('taken', 4))
    expect(node.requests().sends).toBe(1)
  })

  test('behavior: a refusal keeps its sentence; the others are taken', async () => {
    const { outcomes, sentences, counted } = await deliver(4, {
      refuse: (position) => (position === 2 ? 'insufficient funds' : undefined),
    })
    expect(outcomes).toEqual(['taken', 'taken', 'refused', 'taken'])
    expect(sentences).toEqual({ 2: 'insufficient funds' })
    expect(counted).toEqual([3, 1, 0, 0, 0])
  })

  test('behavior: arcology: those that the node did not take are found by looking all of them up', async () => {
    const { outcomes, sentences } = await deliver(4, {
      method: 'arcology',
      refuse: (position) => (position === 2 ? 'no' : undefined),
    })
    expect(outcomes).toEqual(['taken', 'taken', 'refused', 'taken'])
    expect(sentences).toEqual({ 2: 'the node took 3 of 4 transactions and does not know this one' })
  })
})

describe('without an answer', () => {
  test('behavior: the answer was lost: the node is asked what it has, and nothing is sent twice', async () => {
    const { outcomes, node, counted } = await deliver(4, {
      fail: (request) => (request === 1 ? { reply: lost, isActedOn: true } : undefined),
    })
    expect(outcomes).toEqual(all('taken', 4))
    expect(node.sent).toEqual([0, 1, 2, 3])
    expect(node.requests()).toMatchObject({ sends: 1, lookUps: 1 })
    expect(counted).toEqual([4, 0, 0, 0, 0])
  })

  test('behavior: the request was lost: the same bytes again', async () => {
    const { outcomes, node, ledger } = await deliver(4, {
      fail: (request) => (request === 1 ? { reply: lost, isActedOn: false } : undefined),
    })
    expect(outcomes).toEqual(all('taken', 4))
    expect(node.sent).toEqual([0, 1, 2, 3])
    expect(node.requests()).toMatchObject({ sends: 2, lookUps: 1 })
    expect([...ledger.sentMs]).toEqual([0, 0, 0, 0])
  })

  test.each([
    ['cut off', '[{"id":0,"result":"0x1'],
    ['of a proxy', '<html></html>'],
  ])('behavior: an answer that is none (%s) counts as lost', async (_, text) => {
    const reply: Reply = { type: 'answer', body: Buffer.from(text) }
    const { outcomes, node } = await deliver(2, {
      fail: (request) => (request === 1 ? { reply, isActedOn: true } : undefined),
    })
    expect(outcomes).toEqual(all('taken', 2))
    expect(node.sent).toEqual([0, 1])
  })

  test('behavior: the node is gone and comes back: waits grow up to their cap, each with jitter', async () => {
    const { outcomes, node, clock } = await deliver(2, {
      fail: (request) => (request <= 9 ? { reply: unreachable, isActedOn: false } : undefined),
      retry: { baseMs: 100, capMs: 2_000 },
    })
    expect(outcomes).toEqual(all('taken', 2))
    expect(node.requests()).toMatchObject({ sends: 10, lookUps: 0 })
    expect(clock.slept).toHaveLength(9)
    for (const [i, ms] of clock.slept.entries()) {
      const full = Math.min(2_000, 100 * 2 ** i)
      expect(ms).toBeGreaterThanOrEqual(full / 2)
      expect(ms).toBeLessThan(full)
    }
  })

  test('behavior: a server that says when to come back is obeyed', async () => {
    const reply: Reply = { ...unreachable, reason: 'HTTP status 429', retryAfterMs: 7_000 }
    const { outcomes, clock } = await deliver(2, {
      fail: (request) => (request === 1 ? { reply, isActedOn: false } : undefined),
    })
    expect(outcomes).toEqual(all('taken', 2))
    expect(clock.slept).toEqual([7_000])
  })

  test('behavior: when time is up, what may have arrived is unanswered', async () => {
    const { outcomes, counted } = await deliver(2, {
      fail: () => ({ reply: lost, isActedOn: true }),
    })
    expect(outcomes).toEqual(all('unanswered', 2))
    expect(counted).toEqual([0, 0, 0, 2, 0])
  })

  test('behavior: when time is up, what cannot have arrived is unsent', async () => {
    const { outcomes, sentences } = await deliver(1, {
      fail: () => ({ reply: unreachable, isActedOn: false }),
    })
    expect(outcomes).toEqual(['unsent'])
    expect(sentences).toEqual({ 0: 'it never reached the node: ECONNREFUSED' })
  })

  test('behavior: a request that the server will never take is refused', async () => {
    const reply: Reply = { ...unreachable, reason: 'HTTP status 413', isFinal: true }
    const { outcomes, sentences, node } = await deliver(1, {
      fail: () => ({ reply, isActedOn: false }),
    })
    expect(outcomes).toEqual(['refused'])
    expect(sentences).toEqual({ 0: 'HTTP status 413' })
    expect(node.requests().sends).toBe(1)
  })

  test('behavior: another node takes over from one that cannot be reached', async () => {
    const second = createFakeNode()
    const { outcomes, node } = await deliver(2, {
      endpoints: [
        { post: () => Promise.resolve(unreachable), close: () => Promise.resolve() },
        second.connect(),
      ],
    })
    expect(outcomes).toEqual(all('taken', 2))
    expect(second.order).toEqual([0, 1])
    expect(node.order).toEqual([])
  })
})

describe('nonces', () => {
  test('behavior: already known is taken', async () => {
    const { outcomes, node } = await deliver(2, {
      refuse: (position) => (position === 0 ? 'transaction already imported' : undefined),
    })
    expect(outcomes).toEqual(all('taken', 2))
    expect(node.requests().lookUps).toBe(0)
  })

  test.each(['nonce too low', 'replacement transaction underpriced'])(
    'behavior: %s: taken when the node has that very transaction, else replaced',
    async (sentence) => {
      const { outcomes, sentences } = await deliver(4, {
        // The answer to the first attempt is lost for 0 alone: the node has it, and says that its nonce is used.
        refuse: (position, times) =>
          position === 3 || (position === 0 && times > 0) ? sentence : undefined,
        fail: (request) =>
          request === 1
            ? { reply: { ...lost, isDelivered: false } as Reply, isActedOn: true }
            : undefined,
      })
      expect(outcomes).toEqual(['taken', 'taken', 'taken', 'replaced'])
      expect(sentences).toEqual({ 3: sentence })
    },
  )

  test('behavior: behind a gap it is kept, and sent again when the missing one may be there', async () => {
    const { outcomes, node, sentences } = await deliver(2, {
      refuse: (position, times) => (position === 1 && times < 3 ? 'nonce too high' : undefined),
    })
    expect(outcomes).toEqual(all('taken', 2))
    expect(sentences).toEqual({})
    expect(node.sent).toEqual([0, 1, 1, 1, 1])
  })

  test('behavior: behind a gap that never closes it is refused at once', async () => {
    // 0 and 2 are of the same trader.
    const { outcomes, node } = await deliver(4, {
      refuse: (position) =>
        position === 0 ? 'insufficient funds' : position === 2 ? 'nonce gap' : undefined,
    })
    expect(outcomes).toEqual(['refused', 'taken', 'refused', 'taken'])
    expect(node.requests().sends).toBe(1)
  })

  test('behavior: a full pool is asked again, for those alone that it did not take, until time is up', async () => {
    const { outcomes, node } = await deliver(3, {
      refuse: (position, times) =>
        position === 2 || (position === 1 && times < 2) ? 'txpool is full' : undefined,
      retry: { baseMs: 1_000, capMs: 1_000, giveUpMs: 5_000 },
    })
    expect(outcomes).toEqual(['taken', 'taken', 'refused'])
    expect(node.sent.filter((position) => position === 0)).toHaveLength(1)
    expect(node.sent.filter((position) => position === 1)).toHaveLength(3)
    expect(node.sent.filter((position) => position === 2).length).toBeGreaterThan(5)
  })

  test('behavior: what an earlier run sent without an answer is looked up before it is sent', async () => {
    const { outcomes, node } = await deliver(2, { doubts: [0, 1] })
    expect(outcomes).toEqual(all('taken', 2))
    expect(node.requests()).toMatchObject({ lookUps: 1, sends: 1 })
  })
})
