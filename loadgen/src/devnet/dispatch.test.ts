import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc, type Rpc } from '../chain/rpc.js'
import { type Devnet, startDevnet } from './devnet.js'
import { createDispatch } from './dispatch.js'

/** What clients throw at a node, on a real one: Anvil and all. */
let devnet: Devnet
let rpc: Rpc

beforeAll(async () => {
  devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log: { debug() {}, info() {}, warn() {} },
    blockTimeMs: 86_400_000,
    emptyBlocks: false,
  })
  rpc = createRpc(devnet.url)
})

afterAll(async () => {
  await rpc.close()
  await devnet.stop()
  expect(await devnet.exited).toBe(undefined)
})

type Answer = { id: unknown; result?: unknown; error?: { code: number; message: string } }

const call = (method: string, params?: unknown, id: unknown = 1) => ({
  jsonrpc: '2.0',
  method,
  ...(params === undefined ? {} : { params }),
  ...(id === undefined ? {} : { id }),
})
const notification = { jsonrpc: '2.0', method: 'eth_chainId', params: [] }

async function post(body: string): Promise<unknown> {
  const text = await rpc.post(body)
  return text === '' ? 'nothing' : JSON.parse(text)
}

/** The error code of the answer to a body, or of each answer to a batch; 0 for a result. */
async function codes(body: unknown): Promise<number | number[]> {
  return codesOf(JSON.stringify(body))
}

async function codesOf(text: string): Promise<number | number[]> {
  const answer = await post(text)
  const code = ({ error }: Answer) => error?.code ?? 0
  return Array.isArray(answer) ? answer.map(code) : code(answer as Answer)
}

test('error: bodies that are no JSON: -32700', async () => {
  for (const body of ['', ' ', '{', '{"jsonrpc"', '[1,', 'hello', '\0', '{"a":1}}'])
    expect([body, await codesOf(body)]).toEqual([body, -32700])
})

test('error: JSON that is no call: -32600, each in its place', async () => {
  for (const body of [null, 5, 'eth_chainId', true, {}, [], { ...call('eth_chainId'), id: [] }])
    expect([body, await codes(body)]).toEqual([body, -32600])
  expect(await codes([1, 'x', null, [], call('eth_chainId'), { id: 7 }])).toEqual([
    -32600, -32600, -32600, -32600, 0, -32600,
  ])
})

test('error: a method that nobody has: -32601', async () => {
  for (const method of ['no_such', 'eth_subscribe', '__proto__', 'constructor', ''])
    expect([method, await codes(call(method, []))]).toEqual([method, -32601])
  expect(await codes([call('no_such'), call('eth_chainId')])).toEqual([-32601, 0])
  expect(await codes([call('no_such'), 5, call('eth_chainId')])).toEqual([-32601, -32600, 0])
})

test('error: parameters of the wrong kind: -32602, of whatever method', async () => {
  const wrong: [method: string, ...params: unknown[]][] = [
    ['eth_getBalance', [], [5], { address: '0x' }],
    ['eth_getTransactionReceipt', [], [5], ['0x12']],
    ['eth_sendRawTransaction', [], [5], [null], [{}], [[2, 3]], ['0xzz'], ['0x123'], { raw: '0x' }],
    ['eth_sendRawTransactionSync', [], [5], ['0xzz'], { raw: '0x' }],
    ['eth_sendTransaction', [], [5], ['x'], { to: '0x' }],
    ['eth_sendTransactionSync', [], [null], { to: '0x' }],
    ['arn_sendRawTransactions', [5], ['0x00', null], [['0x00']], { raw: '0x' }],
    ['evm_setAutomine', [], ['yes'], { enabled: true }],
    ['evm_setIntervalMining', [], ['soon'], [-1], [1.5], { seconds: 1 }],
    ['evm_mine', ['now'], { blocks: 1 }],
    ['anvil_mine', ['many'], { blocks: 1 }],
    ['evm_revert', [], [{}], { id: 1 }],
    ['anvil_reset', [5], { forking: 1 }],
  ]
  for (const [method, ...cases] of wrong)
    for (const params of cases)
      expect([method, params, await codes(call(method, params))]).toEqual([method, params, -32602])
})

test('behavior: absent and null parameters are none', async () => {
  expect(await post(JSON.stringify(call('eth_chainId')))).toMatchObject({ result: '0x76' })
  expect(await post(JSON.stringify(call('eth_chainId', null)))).toMatchObject({ result: '0x76' })
  expect(await post(JSON.stringify(call('anvil_getAutomine', null)))).toMatchObject({
    result: false,
  })
})

test('behavior: a notification is carried out and gets no answer', async () => {
  expect(await post(JSON.stringify(notification))).toBe('nothing')
  expect(await post(JSON.stringify([notification, notification]))).toBe('nothing')
  expect(await post(JSON.stringify([notification, call('eth_chainId', [], 7)]))).toEqual([
    { jsonrpc: '2.0', id: 7, result: '0x76' },
  ])
  const before = Number(await rpc.call('eth_blockNumber'))
  expect(await post(JSON.stringify({ ...notification, method: 'evm_mine' }))).toBe('nothing')
  expect(Number(await rpc.call('eth_blockNumber'))).toBe(before + 1)
  expect(await post(JSON.stringify({ ...notification, method: 'no_such' }))).toBe('nothing')
})

test('error: nesting that is too deep is refused by whoever reads it', async () => {
  const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth)
  const within = (method: string) =>
    `{"jsonrpc":"2.0","id":1,"method":"${method}","params":${deep(100_000)}}`
  expect(await codesOf(deep(100_000))).toEqual([-32600])
  expect(await codesOf(within('eth_chainId'))).toBe(-32600)
  expect(await codesOf(within('eth_sendRawTransaction'))).toBe(-32602)
  expect(await codesOf(within('arn_sendRawTransactions'))).toBe(-32602)
  expect(await codesOf(`[${within('eth_chainId')},5]`)).toEqual([-32603, -32600])
  expect(await codes(call('eth_chainId'))).toBe(0)
})

test('behavior: batches of any kind up to 100,000 calls', async () => {
  const chainId = JSON.stringify(call('eth_chainId'))
  const batch = (text: string, size: number) => `[${Array(size).fill(text).join(',')}]`
  for (const text of [chainId, '5']) expect(await post(batch(text, 100_000))).toHaveLength(100_000)
  // Such a batch is not handed on as it is: the mode is the proxy's.
  const mixed = `[${JSON.stringify(call('anvil_getAutomine'))},${batch(chainId, 99_999).slice(1)}`
  expect(await post(mixed)).toHaveLength(100_000)
  expect(await post(batch('5', 100_001))).toEqual({
    jsonrpc: '2.0',
    id: null,
    error: {
      code: -32600,
      message: 'A batch holds at most 100000 calls, not 100001; send several.',
    },
  })
})

test('error: other methods of HTTP', async () => {
  const status = async (method: string) => (await fetch(devnet.url, { method })).status
  expect([await status('GET'), await status('PUT'), await status('OPTIONS')]).toEqual([
    405, 405, 204,
  ])
  const upgrade = await fetch(devnet.url, { headers: { 'sec-websocket-version': '13' } })
  expect(await upgrade.json()).toMatchObject({ error: { code: -32600 } })
})

test('behavior: clients that hang up or never end harm nobody', async () => {
  const { port } = devnet
  const sockets: Socket[] = []
  const write = async (text: string): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    await new Promise((sent) => socket.write(text, sent))
    return socket
  }
  const head = (length: number) => `POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${length}\r\n\r\n`
  const body = JSON.stringify(call('evm_mine'))
  const before = Number(await rpc.call('eth_blockNumber'))
  const inHead = await write('POST / HTTP/1.1\r\nhost:')
  const inBody = await write(`${head(100)}{`)
  const beforeAnswer = await write(head(body.length) + body)
  await write(`${head(100)}{"jsonrpc":`)
  await write('POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\n[\r\n')
  for (const socket of [inHead, inBody, beforeAnswer]) socket.destroy()
  const noHttp = await write('hello\r\n\r\n')
  const told = await new Promise<string>((resolve) => {
    noHttp.once('data', (text: Buffer) => resolve(text.toString()))
  })
  expect(told).toMatch(/^HTTP\/1\.1 400 /)
  // The call that was complete is carried out, whoever is there to hear of it.
  while (Number(await rpc.call('eth_blockNumber')) === before);
  expect(await rpc.call('eth_chainId')).toBe('0x76')
  for (const socket of sockets) socket.destroy()
})

test('behavior: extensions are answered by themselves, alone and in batches', async () => {
  const none = () => {
    throw new Error('not asked for')
  }
  const dispatch = createDispatch({
    upstream: {
      pass: async () => none(),
      forward: async (calls: readonly { method: string }[]) =>
        calls.map(({ method }) => ({ result: method })),
    },
    sealer: { steady: async () => {} },
    writeBack: { inOutcome: async (_: unknown, outcome: unknown) => outcome },
    extensions: new Map<string, (params: readonly unknown[]) => Promise<unknown>>([
      ['devnet_echo', async (params: readonly unknown[]) => ({ result: params })],
      ['devnet_refuse', async () => ({ error: { code: -32602, message: 'no' } })],
      ['devnet_throw', async () => Promise.reject(new Error('it broke'))],
    ]),
  } as unknown as Parameters<typeof createDispatch>[0])
  const ask = async (body: unknown) => JSON.parse(await dispatch(Buffer.from(JSON.stringify(body))))
  expect(await ask(call('devnet_echo', [1, 'x']))).toEqual({
    jsonrpc: '2.0',
    id: 1,
    result: [1, 'x'],
  })
  expect(
    await ask([
      call('eth_chainId', [], 'a'),
      call('devnet_echo', [2], 'b'),
      call('devnet_echo', { x: 1 }, 'c'),
      call('devnet_refuse', [], 'd'),
      call('devnet_throw', [], 'e'),
      call('eth_chainId', [], 'f'),
    ]),
  ).toMatchObject([
    { id: 'a', result: 'eth_chainId' },
    { id: 'b', result: [2] },
    { id: 'c', error: { code: -32602 } },
    { id: 'd', error: { code: -32602, message: 'no' } },
    { id: 'e', error: { code: -32603, message: 'it broke' } },
    { id: 'f', result: 'eth_chainId' },
  ])
})
