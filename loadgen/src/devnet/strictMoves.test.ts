import { expect, test } from 'vitest'
import type { Rpc, RpcCall } from '../chain/rpc.js'
import type { Runtime } from './runtime.js'
import { moveCalls } from './strictMoves.js'
import type { Step } from './strictOrder.js'
import type { WaitingCall } from './strictPool.js'

const call = (id: number): WaitingCall => ({
  ...{ id, callee: undefined, from: `0x${id}`, nonce: 0, to: '0xaa', data: '0x' },
  ...{ value: 0n, gas: 1n, gasPrice: 1n, isFixed: false },
  entry: { hash: `0x${id}`, raw: `0xraw${id}`, envelope: undefined },
})

function setUp(count: number, refused: readonly string[] = []) {
  const requests: string[][] = []
  const warnings: object[] = []
  const rpc = {
    batch: async (calls: readonly RpcCall[]) => {
      const names = calls.map(({ method, params }) => `${method} ${params[0]}`)
      requests.push(names)
      return names.map((name) =>
        refused.includes(name)
          ? { error: { code: -32003, message: 'no funds' } }
          : { result: name.split(' ')[1] },
      )
    },
  } as unknown as Rpc
  const runtime = {
    systemCall: (name: string) => ({ method: 'system', params: [name] }),
  } as unknown as Runtime
  const log = { debug() {}, info() {}, warn: (facts: object) => warnings.push(facts) }
  const calls = Array.from({ length: count }, (_, id) => call(id))
  const move = (steps: readonly Step[]) =>
    moveCalls({ rpc, runtime, calls, order: { kept: [], steps }, log })
  return { move, requests, warnings }
}

test('default: drops all that moves, then sends it again between the system calls', async () => {
  const { move, requests } = setUp(4)
  const system = await move([
    { system: 'beginAborting' },
    { ids: [2, 0], isSequence: false },
    { system: 'endAborting' },
    { system: 'endDeferred' },
    { ids: [3], isSequence: false },
  ])
  expect(requests).toEqual([
    ['anvil_dropTransaction 0x2', 'anvil_dropTransaction 0x0', 'anvil_dropTransaction 0x3'],
    ['system beginAborting'],
    ['eth_sendRawTransaction 0xraw2', 'eth_sendRawTransaction 0xraw0'],
    ['system endAborting', 'system endDeferred'],
    ['eth_sendRawTransaction 0xraw3'],
  ])
  expect(system).toEqual(['beginAborting', 'endAborting', 'endDeferred'])
})

test('behavior: a sequence goes in requests that Anvil keeps in order, one after the other', async () => {
  const { move, requests } = setUp(70)
  const ids = Array.from({ length: 70 }, (_, id) => id)
  await move([{ system: 'endDeferred' }, { ids, isSequence: true }])
  const sends = requests.slice(2)
  expect(sends.map(({ length }) => length)).toEqual([30, 30, 10])
  expect(sends.flat()).toEqual(ids.map((id) => `eth_sendRawTransaction 0xraw${id}`))
})

test('behavior: nothing to move needs no request', async () => {
  const { move, requests } = setUp(1)
  expect(await move([])).toEqual([])
  expect(requests).toEqual([])
})

test('behavior: a transaction that is refused now is told of, the others go on', async () => {
  const { move, requests, warnings } = setUp(2, ['eth_sendRawTransaction 0xraw0'])
  await move([{ system: 'endDeferred' }, { ids: [0, 1], isSequence: false }])
  expect(warnings).toEqual([{ hash: '0x0', reason: 'no funds' }])
  expect(requests.at(-1)?.length).toBe(2)
})

test('error: a system call is refused', async () => {
  const { move } = setUp(0, ['system endDeferred'])
  await expect(move([{ system: 'endDeferred' }])).rejects.toThrow(
    'Anvil refused a system call of the block maker: no funds',
  )
})
