import { expect, test } from 'vitest'
import { hashRaw } from '../accounts/sign.js'
import { type Rpc, type RpcAnswer, type RpcCall, RpcRefusedError } from '../chain/rpc.js'
import type { Clock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { createPatientRpc } from './patientRpc.js'

/** A clock that stands still but for its sleeps. */
function fakeClock(): Clock & { slept: number[] } {
  let nowMs = 1_000
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

const gone = new NodeError('The node at x cannot be reached (ECONNREFUSED).')
const refusal = (message: string): RpcAnswer => ({ error: { code: -32000, message } })

/** A node whose n-th request, from 0, goes as `faults` say: it never arrives, or only its answer is lost. */
function fakeNode(faults: Record<number, 'request' | 'answer' | Error | RpcAnswer> = {}) {
  const pool = new Set<Hex>()
  const asked: string[] = []
  let requests = 0
  function answer({ method, params }: RpcCall): RpcAnswer {
    asked.push(method)
    const [subject] = params as [Hex]
    if (method === 'eth_getTransactionByHash') return { result: pool.has(subject) ? {} : null }
    if (method !== 'eth_sendRawTransaction') return { result: method }
    const hash = hashRaw(subject)
    if (pool.has(hash)) return refusal(subject === '0x02' ? 'nonce too low' : 'already known')
    if (subject === '0x03') return refusal('nonce too low')
    pool.add(hash)
    return { result: hash }
  }
  function request(calls: readonly RpcCall[]): RpcAnswer[] {
    const fault = faults[requests++]
    if (fault === 'request') throw gone
    if (fault instanceof Error) throw fault
    const answers = calls.map(answer)
    if (fault === 'answer') throw gone
    return fault === undefined
      ? answers
      : calls.map((_, i) => (i === 0 ? fault : answers[i]) as RpcAnswer)
  }
  const rpc: Rpc = {
    url: 'http://fake',
    batch: async (calls) => request(calls),
    call: async (method, params = []) => {
      const [said] = request([{ method, params }])
      if (said?.error != null) throw new RpcRefusedError({ method, ...said.error })
      return said?.result
    },
    post: () => Promise.reject(new Error('not used')),
    close: async () => {},
  }
  const clock = fakeClock()
  const patient = createPatientRpc(rpc, { patienceMs: 10_000, clock })
  return { rpc, patient, pool, asked, clock }
}
const send = (raw: Hex): RpcCall => ({ method: 'eth_sendRawTransaction', params: [raw] })

test('default: what is answered is asked once', async () => {
  const { patient, asked, clock } = fakeNode()
  expect(await patient.call('eth_chainId')).toBe('eth_chainId')
  expect(await patient.batch([{ method: 'a', params: [] }])).toEqual([{ result: 'a' }])
  expect(await patient.batch([])).toEqual([])
  expect([asked, clock.slept]).toEqual([['eth_chainId', 'a'], []])
})

test('behavior: a node that is away for a while is asked again, later each time', async () => {
  const faults = Object.fromEntries([0, 1, 2, 3, 4, 5].map((i) => [i, 'request' as const]))
  for (const ask of [
    (rpc: Rpc) => rpc.call('eth_chainId'),
    (rpc: Rpc) => rpc.batch([{ method: 'eth_chainId', params: [] }]),
  ]) {
    const { patient, asked, clock } = fakeNode(faults)
    await ask(patient)
    expect(asked).toEqual(['eth_chainId'])
    expect(clock.slept).toEqual([100, 200, 400, 800, 1_600, 2_000])
  }
})

test.each([
  ['already known', '0x01'],
  ['nonce too low', '0x02'],
] as const)('behavior: a transaction whose answer was lost is taken: %s', async (_, raw) => {
  const once = fakeNode({ 0: 'answer' })
  expect(await once.patient.call('eth_sendRawTransaction', [raw])).toBe(hashRaw(raw))
  const many = fakeNode({ 0: 'answer' })
  expect(await many.patient.batch([send('0x04'), send(raw)])).toEqual([
    { result: hashRaw('0x04') },
    { result: hashRaw(raw) },
  ])
  expect(many.pool.size).toBe(2)
})

test('behavior: a refusal stays one: at the first attempt, and when the node does not have it', async () => {
  const { patient } = fakeNode()
  await patient.call('eth_sendRawTransaction', ['0x01'])
  await expect(patient.call('eth_sendRawTransaction', ['0x01'])).rejects.toThrow('already known')
  const lost = fakeNode({ 0: 'request' })
  await expect(lost.patient.call('eth_sendRawTransaction', ['0x03'])).rejects.toThrow(
    'nonce too low',
  )
  const many = fakeNode({ 0: 'request' })
  expect(await many.patient.batch([send('0x03')])).toEqual([refusal('nonce too low')])
})

test('behavior: of a batch only what the node was too busy for is asked again', async () => {
  const { patient, asked } = fakeNode({ 0: refusal('rate limit reached') })
  const calls = ['a', 'b', 'c'].map((method) => ({ method, params: [] }))
  expect(await patient.batch(calls)).toEqual(calls.map(({ method }) => ({ result: method })))
  expect(asked).toEqual(['a', 'b', 'c', 'a'])
})

test('error: patience that is used up', async () => {
  const faults = Object.fromEntries([...Array(30).keys()].map((i) => [i, 'request' as const]))
  const { patient, clock } = fakeNode(faults)
  await expect(patient.call('eth_chainId')).rejects.toBe(gone)
  expect(clock.now()).toBeLessThanOrEqual(11_000)
  const busy = fakeNode(
    Object.fromEntries([...Array(30).keys()].map((i) => [i, refusal('too many requests')])),
  )
  expect(await busy.patient.batch([{ method: 'a', params: [] }])).toEqual([
    refusal('too many requests'),
  ])
})

test.each([
  new NodeError('HTTP status 401', { facts: { statusCode: 401 } }),
  new RpcRefusedError({ method: 'x', code: -32601, message: 'Method not found' }),
  new Error('a fault of ours'),
])('error: what will not be better is not asked again: $message', async (fault) => {
  const { patient, clock } = fakeNode({ 0: fault, 1: fault })
  await expect(patient.call('x')).rejects.toBe(fault)
  await expect(patient.batch([{ method: 'x', params: [] }])).rejects.toBe(fault)
  expect(clock.slept).toEqual([])
})

test('behavior: it waits as long as the node asks for, not longer than its patience', async () => {
  const busy = (retryAfterMs: number) =>
    new NodeError('HTTP', { facts: { statusCode: 429, retryAfterMs } })
  const { patient, clock } = fakeNode({ 0: busy(3_000), 1: busy(10) })
  expect(await patient.call('x')).toBe('x')
  expect(clock.slept).toEqual([3_000, 200])
  const long = fakeNode({ 0: busy(10_001) })
  await expect(long.patient.batch([{ method: 'x', params: [] }])).rejects.toThrow('HTTP')
  expect(long.clock.slept).toEqual([])
})

test('args: isOpening: where nobody listens it fails at once, all else passes', async () => {
  const unreachable = (reason: string) => new NodeError('gone', { facts: { reason } })
  const open = (reason: string) => {
    const { rpc, clock } = fakeNode({ 0: unreachable(reason) })
    return createPatientRpc(rpc, { patienceMs: 10_000, isOpening: true, clock }).call('x')
  }
  for (const reason of ['ECONNREFUSED', 'ENOTFOUND', 'UND_ERR_CONNECT_TIMEOUT'])
    await expect(open(reason)).rejects.toThrow('gone')
  expect(await open('UND_ERR_SOCKET')).toBe('x')
})

test.each([429, 502, 503])('behavior: HTTP status %i passes', async (statusCode) => {
  const { patient } = fakeNode({ 0: new NodeError('HTTP', { facts: { statusCode } }) })
  expect(await patient.call('x')).toBe('x')
})
