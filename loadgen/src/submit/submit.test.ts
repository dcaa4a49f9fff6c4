import { describe, expect, test } from 'vitest'
import type { Rpc, RpcAnswer, RpcCall } from '../chain/rpc.js'
import { RpcRefusedError } from '../chain/rpc.js'
import type { Clock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { Hex, SignedTx } from '../core/types.js'
import { type SubmitProgress, submitTransactions } from './submit.js'

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`

/** `count` transactions, three a sender; a raw transaction is its number. */
function txs(count: number, batchOf: (i: number) => number = () => 0): SignedTx[] {
  return Array.from({ length: count }, (_, i) => ({
    intent: i + 1000,
    batch: batchOf(i),
    trader: Math.floor(i / 3),
    nonce: i % 3,
    hash: hash(i),
    raw: `0x${i.toString(16)}`,
  }))
}

/** A clock that stands still but for its sleeps. */
function fakeClock(): Clock & { slept: number[] } {
  let nowMs = 1000
  const slept: number[] = []
  return {
    slept,
    now: () => nowMs,
    sleep: async (ms) => {
      slept.push(ms)
      nowMs += ms
    },
  }
}

/** A node that keeps what it was sent; `fault` may answer in its place or throw. */
function fakeNode(
  fault: (call: RpcCall, requests: number) => RpcAnswer | undefined = () => undefined,
) {
  const order: number[] = []
  const pool = new Set<Hex>()
  let requests = 0
  let open = 0
  let mostOpen = 0
  function take(raw: Hex): RpcAnswer {
    const n = Number(raw)
    if (pool.has(hash(n)))
      return { error: { code: -32003, message: 'transaction already imported' } }
    pool.add(hash(n))
    order.push(n)
    return { result: hash(n) }
  }
  function answer(call: RpcCall): RpcAnswer {
    const faulty = fault(call, requests)
    if (faulty !== undefined) return faulty
    if (call.method === 'eth_sendRawTransaction') return take(call.params[0] as Hex)
    if (call.method === 'eth_getTransactionByHash')
      return { result: pool.has(call.params[0] as Hex) ? {} : null }
    const taken = (call.params as Hex[]).filter((raw) => take(raw).result !== undefined)
    return { result: taken.length }
  }
  async function counted<T>(work: () => T): Promise<T> {
    requests++
    mostOpen = Math.max(mostOpen, ++open)
    await new Promise(setImmediate)
    open--
    return work()
  }
  const rpc: Rpc = {
    url: 'http://fake',
    batch: (calls) => (calls.length === 0 ? Promise.resolve([]) : counted(() => calls.map(answer))),
    call: (method, params = []) =>
      counted(() => {
        const { result, error } = answer({ method, params })
        if (error !== undefined) throw new RpcRefusedError({ method, ...error })
        return result
      }),
    post: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  }
  return { rpc, order, pool, facts: () => ({ requests, mostOpen }) }
}

const lost = () => {
  throw new NodeError('The connection is gone.')
}

describe('submitTransactions', () => {
  test('default: every transaction once, a sample for each, bounded requests in flight', async () => {
    const node = fakeNode()
    const clock = fakeClock()
    const samples = await submitTransactions(node.rpc, txs(90), {
      batchSize: 6,
      inFlight: 4,
      clock,
    })
    expect(node.order.toSorted((a, b) => a - b)).toEqual(txs(90).map((_, i) => i))
    expect(node.facts()).toEqual({ requests: 15, mostOpen: 4 })
    expect(samples).toHaveLength(90)
    expect(samples[7]).toEqual({
      intent: 1007,
      hash: hash(7),
      plannedMs: 1000,
      sentMs: 1000,
      acceptedMs: 1000,
    })
  })

  test('behavior: the transactions of a sender arrive in order, over requests and plan batches', async () => {
    const node = fakeNode()
    const scattered = txs(300, (i) => i % 3).sort((a, b) => a.batch - b.batch)
    await submitTransactions(node.rpc, scattered, { batchSize: 7, inFlight: 8 })
    const nonces = new Map<number, number>()
    for (const n of node.order) {
      expect(n % 3).toBe(nonces.get(Math.floor(n / 3)) ?? 0)
      nonces.set(Math.floor(n / 3), (n % 3) + 1)
    }
  })

  test('args: beforeBatch opens each plan batch when the one before is answered; latency counts from there', async () => {
    const node = fakeNode()
    const clock = fakeClock()
    const gates: { batch: number; arrived: number }[] = []
    const samples = await submitTransactions(
      node.rpc,
      txs(30, (i) => Math.floor(i / 10)),
      {
        batchSize: 4,
        clock,
        beforeBatch: async (batch) => {
          gates.push({ batch, arrived: node.order.length })
          await clock.sleep(500)
        },
      },
    )
    expect(gates).toEqual([
      { batch: 0, arrived: 0 },
      { batch: 1, arrived: 10 },
      { batch: 2, arrived: 20 },
    ])
    expect([0, 10, 20].map((i) => samples[i]?.plannedMs)).toEqual([1500, 2000, 2500])
  })

  test('args: method arcology', async () => {
    const node = fakeNode()
    const samples = await submitTransactions(node.rpc, txs(10), {
      method: 'arcology',
      batchSize: 6,
    })
    expect(node.facts().requests).toBe(2)
    expect(samples.every(({ acceptedMs }) => acceptedMs !== undefined)).toBe(true)
    expect(node.pool.size).toBe(10)
  })

  test('args: onProgress', async () => {
    const seen: SubmitProgress[] = []
    const node = fakeNode((call) =>
      call.params[0] === '0x4' ? { error: { code: -32000, message: 'no money' } } : undefined,
    )
    await submitTransactions(node.rpc, txs(9), { batchSize: 3, onProgress: (p) => seen.push(p) })
    expect(seen).toHaveLength(3)
    expect(seen.at(-1)).toEqual({ total: 9, sent: 9, accepted: 8, refused: 1, unanswered: 0 })
  })

  test('args: signal ends the submission', async () => {
    const abort = new AbortController()
    const node = fakeNode()
    const submission = submitTransactions(node.rpc, txs(30), {
      batchSize: 3,
      inFlight: 1,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error('stopped by hand')),
    })
    await expect(submission).rejects.toThrow('stopped by hand')
    expect(node.pool.size).toBe(3)
  })
})

describe('refusals', () => {
  test('behavior: a refused transaction carries the sentence of the node, the others are accepted', async () => {
    const node = fakeNode((call) =>
      call.params[0] === '0x2'
        ? { error: { code: -32003, message: 'insufficient funds' } }
        : undefined,
    )
    const samples = await submitTransactions(node.rpc, txs(6), { clock: fakeClock() })
    expect(samples[2]).toEqual({
      intent: 1002,
      hash: hash(2),
      plannedMs: 1000,
      sentMs: 1000,
      error: 'insufficient funds',
    })
    expect(samples.filter(({ acceptedMs }) => acceptedMs !== undefined)).toHaveLength(5)
  })

  test('behavior: a nonce that is too low is a refusal when the node does not know the transaction', async () => {
    const node = fakeNode((call) =>
      call.method === 'eth_sendRawTransaction' && call.params[0] === '0x1'
        ? { error: { code: -32003, message: 'nonce too low' } }
        : undefined,
    )
    const samples = await submitTransactions(node.rpc, txs(3))
    expect(samples.map(({ error }) => error)).toEqual([undefined, 'nonce too low', undefined])
  })

  test('behavior: an answer with another hash is a refusal', async () => {
    const node = fakeNode((call) => (call.params[0] === '0x0' ? { result: hash(99) } : undefined))
    const samples = await submitTransactions(node.rpc, txs(1))
    expect(samples[0]?.error).toBe(`the node answered with ${hash(99)} for ${hash(0)}`)
  })

  test('behavior: when the node takes fewer than it was given, those that it does not know are refused', async () => {
    const node = fakeNode()
    const take = node.rpc.call
    // Drops the third of each request and counts the rest.
    const rpc: Rpc = {
      ...node.rpc,
      call: (method, raws = []) =>
        take(
          method,
          raws.filter((_, i) => i !== 2),
        ),
    }
    const samples = await submitTransactions(rpc, txs(6), { method: 'arcology', batchSize: 6 })
    expect(samples.map(({ error }) => error)).toEqual([
      undefined,
      undefined,
      'the node took 5 of 6 transactions and does not know this one',
      undefined,
      undefined,
      undefined,
    ])
  })

  test('behavior: a refused arn_sendRawTransactions is told of every transaction', async () => {
    const node = fakeNode((call) =>
      call.method === 'arn_sendRawTransactions'
        ? { error: { code: -32601, message: 'Method not found' } }
        : undefined,
    )
    const samples = await submitTransactions(node.rpc, txs(2), { method: 'arcology' })
    expect(samples.map(({ error }) => error)).toEqual(['Method not found', 'Method not found'])
  })
})

describe('lost connections', () => {
  test('behavior: a request that never arrived is sent again, later each time', async () => {
    const node = fakeNode((_, requests) => (requests <= 3 ? lost() : undefined))
    const clock = fakeClock()
    const samples = await submitTransactions(node.rpc, txs(3), { clock })
    expect(clock.slept).toEqual([100, 200, 400])
    expect(samples[0]).toMatchObject({ plannedMs: 1000, sentMs: 1000, acceptedMs: 1700 })
    expect(node.order).toEqual([0, 1, 2])
  })

  test.each(['standard', 'arcology'] as const)(
    'behavior: %s: when only the answer was lost, nothing is sent or counted twice',
    async (method) => {
      const node = fakeNode()
      let answers = 0
      const loseFirst = async <T>(answer: Promise<T>): Promise<T> => {
        const value = await answer
        if (++answers === 1) lost()
        return value
      }
      const rpc: Rpc = {
        ...node.rpc,
        batch: (calls) => loseFirst(node.rpc.batch(calls)),
        call: (name, params) => loseFirst(node.rpc.call(name, params)),
      }
      const progress: SubmitProgress[] = []
      const samples = await submitTransactions(rpc, txs(3), {
        method,
        clock: fakeClock(),
        onProgress: (p) => progress.push(p),
      })
      expect(node.order).toEqual([0, 1, 2])
      expect(
        samples.every(({ acceptedMs, error }) => acceptedMs === 1100 && error === undefined),
      ).toBe(true)
      expect(progress).toEqual([{ total: 3, sent: 3, accepted: 3, refused: 0, unanswered: 0 }])
    },
  )

  test('behavior: without an answer to the last attempt they are unanswered: neither accepted nor refused', async () => {
    const node = fakeNode((call) => (call.params[0] === '0x4' ? lost() : undefined))
    const progress: SubmitProgress[] = []
    const samples = await submitTransactions(node.rpc, txs(6), {
      batchSize: 3,
      attempts: 3,
      clock: fakeClock(),
      onProgress: (p) => progress.push(p),
    })
    expect(samples[3]).toEqual({ intent: 1003, hash: hash(3), plannedMs: 1000, sentMs: 1000 })
    expect(progress.at(-1)).toEqual({ total: 6, sent: 6, accepted: 3, refused: 0, unanswered: 3 })
  })
})
