import { expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import type { Rpc, RpcAnswer, RpcCall } from './rpc.js'
import { countTouchedSlots, fetchCallFrames, type ParityFrame, toCallFrame } from './traces.js'

const A: Hex = '0x00000000000000000000000000000000000000Aa'
const B: Hex = '0x00000000000000000000000000000000000000bB'
const C: Hex = '0x00000000000000000000000000000000000000Cc'

const frame = (
  traceAddress: number[],
  to: Hex,
  fields: Partial<ParityFrame> = {},
): ParityFrame => ({
  type: 'call',
  action: { callType: 'call', from: A, to, gas: '0x1000', input: '0xAB' },
  result: { gasUsed: '0x10', output: '0x' },
  traceAddress,
  ...fields,
})

/** A node that answers every call the same way. */
function fakeRpc(answer: (call: RpcCall) => RpcAnswer): Rpc {
  return {
    url: 'http://nowhere',
    call: async (method, params = []) => answer({ method, params }).result,
    batch: async (calls) => calls.map(answer),
    post: async () => '',
    close: async () => {},
  }
}

test('default: frames become a tree, in the order of the calls', () => {
  const found = toCallFrame([
    frame([], B),
    frame([0], C),
    frame([0, 0], A, {
      action: { callType: 'staticcall', from: C, to: A, gas: '0x1000', input: '0x' },
    }),
    frame([1], C, { error: 'Reverted', result: { gasUsed: '0x20', output: '0xDD' } }),
  ])
  const leaf = { output: '0x', gasUsed: 16, failed: false, calls: [] }
  const [a, b, c] = [A, B, C].map((address) => address.toLowerCase())
  expect(found).toEqual({
    ...leaf,
    ...{ type: 'call', from: a, to: b, input: '0xab' },
    calls: [
      {
        ...leaf,
        ...{ type: 'call', from: a, to: c, input: '0xab' },
        calls: [{ ...leaf, type: 'staticcall', from: c, to: a, input: '0x' }],
      },
      {
        ...leaf,
        ...{ type: 'call', from: a, to: c, input: '0xab' },
        ...{ failed: true, output: '0xdd', gasUsed: 32 },
      },
    ],
  })
})

test('behavior: a creation is known by its new account, a self-destruct is left out', () => {
  const found = toCallFrame([
    frame([], B),
    frame([0], B, {
      type: 'create',
      action: { from: B, gas: '0x1000', init: '0x6000' },
      result: { gasUsed: '0x30', address: C },
    }),
    frame([1], B, { type: 'suicide' }),
  ])
  expect(found.calls).toEqual([
    expect.objectContaining({ type: 'create', to: C.toLowerCase(), input: '0x6000', output: '0x' }),
  ])
})

test('behavior: what ends in a fault takes all gas that it could', () => {
  expect(toCallFrame([frame([], B, { error: 'Out of gas', result: null })])).toMatchObject({
    gasUsed: 0x1000,
    failed: true,
  })
})

test('error: a trace with a hole', () => {
  expect(() => toCallFrame([frame([], B), frame([0, 0], C)])).toThrow(
    'A trace of the node lacks a call between two.',
  )
  expect(() => toCallFrame([])).toThrow('A trace of the node has no outermost call.')
})

test('behavior: traces come in the order of the hashes', async () => {
  const rpc = fakeRpc(({ params }) => ({ result: [frame([], params[0] as Hex)] }))
  expect((await fetchCallFrames(rpc, [C, B])).map(({ to }) => to)).toEqual([
    C.toLowerCase(),
    B.toLowerCase(),
  ])
})

test('error: a transaction without a trace', async () => {
  for (const result of [null, []])
    await expect(
      fetchCallFrames(
        fakeRpc(() => ({ result })),
        ['0x01'],
      ),
    ).rejects.toThrow('The node has no trace of transaction 0x01.')
  const refusing = fakeRpc(() => ({ error: { code: -32601, message: 'Method not found' } }))
  await expect(fetchCallFrames(refusing, ['0x01'])).rejects.toThrow(
    'The node refused trace_transaction: Method not found',
  )
})

test('behavior: touched slots are counted over all accounts but the exceptions', async () => {
  const rpc = fakeRpc(() => ({
    result: {
      [A]: { balance: '0x1' },
      [B]: { storage: { '0x1': '0x0', '0x2': '0x5' } },
      [C]: { storage: { '0x1': '0x0' } },
    },
  }))
  const count = (except: string[]) =>
    countTouchedSlots(rpc, { hash: '0x01', except: new Set(except) })
  expect(await count([])).toBe(3)
  expect(await count([B.toLowerCase()])).toBe(1)
})
