import { concatHex, type Hex, pad, toHex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc, type Rpc } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
import { type Devnet, startDevnet } from './devnet.js'

const MNEMONIC = 'test test test test test test test test test test test junk'
const log = { debug() {}, info() {}, warn() {} }
const accounts = Array.from({ length: 10 }, (_, addressIndex) =>
  mnemonicToAccount(MNEMONIC, { addressIndex }),
)
const [alice, bob, carol] = accounts as [HDAccount, HDAccount, HDAccount]

/** An account that the emulation takes no system calls from. */
const STRANGER = '0x00000000000000000000000000000000000000ee'

/** The probe's deferrable function, and one that is not. */
const RECORD = '0x11111111'
const PLAIN = '0x22222222'

/**
 * Code of a contract that answers every call with an event whose only topic is isInDeferred(); its constructor makes a function
 * deferrable. Written in opcodes, for it needs no compiler so.
 */
function probeCode(deferrable: Hex): Hex {
  const callRuntime = (argsSize: Hex, returnSize: Hex): Hex =>
    // CALL(gas, 0xa0, value 0, args at 0, answer at 0x80)
    concatHex(['0x60', returnSize, '0x608060', argsSize, '0x5f5f60a05af1'])
  const code = concatHex([
    '0x6321cb6bc360e01b5f52', // memory[0] = selector of isInDeferred()
    callRuntime('0x04', '0x20'),
    '0x506080515f5fa100', // LOG1(0, 0, answer)
  ])
  const store = (value: Hex, at: Hex): Hex => concatHex(['0x63', value, '0x60e01b60', at, '0x52'])
  const register = concatHex([
    store('0xac8f58f3', '0x00'), // selector of defer(bytes4,uint64)
    store(deferrable, '0x04'),
    '0x6207a120602452', // 500,000 gas
    callRuntime('0x44', '0x00'),
  ])
  // Revert unless defer() succeeded, then answer the code behind this one.
  const offset = (register.length - 2) / 2 + 17
  const size = toHex((code.length - 2) / 2, { size: 1 })
  const ok = toHex((register.length - 2) / 2 + 6, { size: 1 })
  return concatHex([
    register,
    ...(['0x60', ok, '0x575f5ffd5b'] as const), // PUSH ok, JUMPI, REVERT(0, 0), ok: JUMPDEST
    ...(['0x60', size, '0x60', toHex(offset, { size: 1 }), '0x5f39'] as const), // CODECOPY
    ...(['0x60', size, '0x5ff3'] as const), // RETURN
    code,
  ])
}

type Receipt = {
  transactionHash: Hex
  transactionIndex: Hex
  blockNumber: Hex
  status: Hex
  from: Hex
  contractAddress: Hex
  logs: { topics: Hex[] }[]
}

let devnet: Devnet
let rpc: Rpc
let probe: Hex
const nonces = new Map<HDAccount, number>()

/** A signed transaction; its nonce is the sender's next. */
async function sign(from: HDAccount, data: Hex, fields: object = {}): Promise<Hex> {
  const nonce = nonces.get(from) ?? 0
  nonces.set(from, nonce + 1)
  return from.signTransaction({
    type: 'legacy',
    chainId: 118,
    nonce,
    gas: 1_000_000n,
    gasPrice: 1n,
    to: probe,
    data,
    ...fields,
  })
}

async function send(raw: Hex): Promise<Hex> {
  return (await rpc.call('eth_sendRawTransaction', [raw])) as Hex
}

async function receipt(hash: Hex): Promise<Receipt | null> {
  return (await rpc.call('eth_getTransactionReceipt', [hash])) as Receipt | null
}

/** Whether a probe's call saw the deferred flag. */
async function sawDeferred(hash: Hex): Promise<boolean | undefined> {
  const topic = (await receipt(hash))?.logs[0]?.topics[0]
  return topic === undefined ? undefined : BigInt(topic) === 1n
}

/** The transactions of a block in order: the name of each known hash, `system` for the block maker's. */
async function blockOrder(names: Record<string, Hex>, number?: Hex): Promise<string[]> {
  const block = (await rpc.call('eth_getBlockByNumber', [number ?? 'latest', true])) as {
    transactions: { hash: Hex; from: Hex }[]
  }
  return block.transactions.map(({ hash, from }) =>
    from === SYSTEM_ADDRESS.toLowerCase()
      ? 'system'
      : (Object.entries(names).find(([, known]) => known === hash)?.[0] ?? hash),
  )
}

async function deployProbe(): Promise<Hex> {
  const hash = await send(await sign(alice, probeCode(RECORD), { to: undefined }))
  await rpc.call('evm_mine')
  const deployed = await receipt(hash)
  expect(deployed?.status).toBe('0x1')
  return deployed?.contractAddress as Hex
}

beforeAll(async () => {
  // A block a day: the tests make their own.
  devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log,
    blockTimeMs: 86_400_000,
    blockSize: 6,
    emptyBlocks: false,
  })
  rpc = createRpc(devnet.url)
  probe = await deployProbe()
})

afterAll(async () => {
  await rpc.close()
  await devnet.stop()
  expect(await devnet.exited).toBe(undefined)
})

beforeEach(async () => {
  await rpc.call('evm_mine')
  for (const account of accounts)
    nonces.set(
      account,
      Number(await rpc.call('eth_getTransactionCount', [account.address, 'pending'])),
    )
})

test('default: the last call of a deferrable function runs last, deferred', async () => {
  const a = await send(await sign(alice, RECORD))
  const b = await send(await sign(bob, RECORD))
  const c = await send(await sign(carol, PLAIN))
  const d = await send(await sign(accounts[3] as HDAccount, PLAIN))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b, c, d })).toEqual(['a', 'c', 'd', 'system', 'b', 'system'])
  expect(await Promise.all([a, b, c, d].map(sawDeferred))).toEqual([false, true, false, false])
})

test('behavior: a lone call of it is not deferred, and needs no system transaction', async () => {
  const a = await send(await sign(alice, RECORD))
  const b = await send(await sign(bob, PLAIN))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b })).toEqual(['a', 'b'])
  expect(await Promise.all([a, b].map(sawDeferred))).toEqual([false, false])
})

test('behavior: the flag is off again in the next block', async () => {
  for (const from of [alice, bob]) await send(await sign(from, RECORD))
  await rpc.call('evm_mine')
  const a = await send(await sign(alice, PLAIN))
  await rpc.call('evm_mine')
  expect(await sawDeferred(a)).toBe(false)
})

test('behavior: later transactions of the deferred sender are in the next block, none is lost', async () => {
  const a = await send(await sign(alice, RECORD))
  const b = await send(await sign(bob, RECORD))
  const b2 = await send(await sign(bob, PLAIN))
  const b3 = await send(await sign(bob, RECORD, { to: bob.address }))
  const c = await send(await sign(carol, PLAIN))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b, b2, b3, c })).toEqual(['a', 'c', 'system', 'b', 'system'])
  expect(await rpc.call('eth_getTransactionCount', [bob.address, 'pending'])).toBe(
    toHex(nonces.get(bob) as number),
  )
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b, b2, b3, c })).toEqual(['b2', 'b3'])
})

test('behavior: two calls of one sender: its later one is deferred', async () => {
  const first = await sign(alice, RECORD)
  const b2 = await send(await sign(alice, RECORD))
  const b1 = await send(first)
  await rpc.call('evm_mine')
  expect(await blockOrder({ b1, b2 })).toEqual(['b1', 'system', 'b2', 'system'])
})

test('behavior: a call that waits for an earlier nonce is no call of this block', async () => {
  const missing = await sign(bob, PLAIN)
  const waiting = await send(await sign(bob, RECORD))
  const a = await send(await sign(alice, RECORD))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, waiting })).toEqual(['a'])
  const filled = await send(missing)
  const c = await send(await sign(carol, RECORD))
  await rpc.call('evm_mine')
  expect(await blockOrder({ waiting, filled, c })).toEqual([
    'filled',
    'waiting',
    'system',
    'c',
    'system',
  ])
})

test('behavior: a replaced call is neither counted nor sent again', async () => {
  const replaced = await sign(bob, RECORD)
  nonces.set(bob, (nonces.get(bob) as number) - 1)
  const old = await send(replaced)
  const b = await send(await sign(bob, PLAIN, { gasPrice: 100n }))
  const a = await send(await sign(alice, RECORD))
  const { evicted } = devnet.counters()
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b, old })).toEqual(['b', 'a'])
  expect(await receipt(old)).toBe(null)
  expect(devnet.counters().evicted).toBe(evicted + 1)
})

test('behavior: a transaction that Anvil signs counts as a call but is never moved', async () => {
  const a = await send(await sign(alice, RECORD))
  const b = (await rpc.call('eth_sendTransaction', [
    { from: bob.address, to: probe, data: RECORD, gas: '0xf4240', gasPrice: '0x1' },
  ])) as Hex
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b })).toEqual(['b', 'system', 'a', 'system'])
})

test('behavior: calls of two deferrable contracts run deferred, in order of arrival', async () => {
  const other = await deployProbe()
  const [a, b, c, d] = [
    await send(await sign(alice, RECORD)),
    await send(await sign(bob, RECORD, { to: other })),
    await send(await sign(carol, RECORD, { to: other })),
    await send(await sign(accounts[3] as HDAccount, RECORD)),
  ]
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b, c, d })).toEqual(['a', 'b', 'system', 'c', 'd', 'system'])
  expect(await Promise.all([a, b, c, d].map(sawDeferred))).toEqual([false, false, true, true])
})

test('behavior: a block takes blockSize transactions, senders of more wait for the next', async () => {
  const raws: Hex[] = []
  for (const from of accounts.slice(0, 8)) raws.push(await sign(from, PLAIN))
  let taken: unknown
  const sent = rpc.call('arn_sendRawTransactions', raws).then((count) => {
    taken = count
  })
  const sizes: number[] = []
  const mine = async () => {
    await rpc.call('evm_mine')
    sizes.push((await blockOrder({})).length)
  }
  while (taken === undefined) await mine()
  await sent
  await mine()
  expect(taken).toBe(8)
  expect(Math.max(...sizes)).toBeLessThanOrEqual(6)
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(8)
})

test('default: arn_sendRawTransactions answers with the number of transactions taken', async () => {
  const before = devnet.counters()
  const good = [await sign(alice, PLAIN), await sign(bob, PLAIN)]
  const stale = await sign(carol, PLAIN, { nonce: 0, chainId: 1 })
  expect(await rpc.call('arn_sendRawTransactions', [good[0], stale, '0x02zz', good[1]])).toBe(2)
  expect(await rpc.call('arn_sendRawTransactions', [])).toBe(0)
  const after = devnet.counters()
  expect([after.taken - before.taken, after.refused - before.refused]).toEqual([2, 2])
  await expect(rpc.call('arn_sendRawTransactions', [good[0], 5])).rejects.toThrow(
    'Parameter 1 is no raw transaction',
  )
})

test('behavior: anvil_mine makes several blocks, the first with what waits', async () => {
  const a = await send(await sign(alice, RECORD))
  const b = await send(await sign(bob, RECORD))
  const before = Number(await rpc.call('eth_blockNumber'))
  await rpc.call('anvil_mine', ['0x3'])
  expect(Number(await rpc.call('eth_blockNumber'))).toBe(before + 3)
  expect(await blockOrder({ a, b }, toHex(before + 1))).toEqual(['a', 'system', 'b', 'system'])
})

test('behavior: a call to mine that mines nothing leaves no system transaction behind', async () => {
  const a = await send(await sign(alice, RECORD))
  const b = await send(await sign(bob, RECORD))
  await expect(rpc.call('evm_mine', ['nonsense'])).rejects.toThrow('refused evm_mine')
  const c = await send(await sign(carol, RECORD))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b, c })).toEqual(['a', 'b', 'system', 'c', 'system'])
})

test('behavior: after evm_revert the deferrable functions are those of that state', async () => {
  const snapshot = await rpc.call('evm_snapshot')
  const other = await deployProbe()
  expect(await rpc.call('evm_revert', [snapshot])).toBe(true)
  nonces.set(alice, (nonces.get(alice) as number) - 1)
  const a = await send(await sign(alice, RECORD, { to: other }))
  const b = await send(await sign(bob, RECORD, { to: other }))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b })).toEqual(['a', 'b'])
})

test('behavior: anvil_dropAllTransactions empties the coming block', async () => {
  for (const from of accounts.slice(0, 6)) await send(await sign(from, PLAIN))
  await rpc.call('anvil_dropAllTransactions')
  for (const account of accounts) nonces.delete(account)
  const nonce = Number(await rpc.call('eth_getTransactionCount', [carol.address, 'latest']))
  const c = await send(await sign(carol, PLAIN, { nonce }))
  await rpc.call('evm_mine')
  expect(await blockOrder({ c })).toEqual(['c'])
})

test('behavior: eth_sendRawTransactionSync answers with the receipt once a block holds it', async () => {
  const raw = await sign(alice, PLAIN)
  const { taken } = devnet.counters()
  const answer = rpc.call('eth_sendRawTransactionSync', [raw])
  while (devnet.counters().taken === taken) await systemClock.sleep(1)
  await rpc.call('evm_mine')
  expect(await answer).toMatchObject({ status: '0x1', from: alice.address.toLowerCase() })
})

test('behavior: evm_setAutomine: a request that sends is answered when its block is made', async () => {
  await rpc.call('evm_setAutomine', [true])
  expect(await rpc.call('anvil_getAutomine')).toBe(true)
  const raws = [await sign(alice, RECORD), await sign(bob, RECORD), await sign(bob, PLAIN)]
  const sent = await rpc.batch(
    raws.map((raw) => ({ method: 'eth_sendRawTransaction', params: [raw] })),
  )
  const [a, b, b2] = sent.map(({ result }) => result as Hex) as [Hex, Hex, Hex]
  const { blockNumber } = (await receipt(b)) as Receipt
  expect(await blockOrder({ a, b, b2 }, blockNumber)).toEqual(['a', 'system', 'b', 'system'])
  // The follower that was put off gets its block without anybody asking.
  while ((await receipt(b2)) === null) await systemClock.sleep(1)

  // More than a block takes: the first blocks are made while the rest waits.
  const many: Hex[] = []
  for (const from of accounts) many.push(await sign(from, PLAIN))
  const before = Number(await rpc.call('eth_blockNumber'))
  expect(await rpc.call('arn_sendRawTransactions', many)).toBe(10)
  expect(Number(await rpc.call('eth_blockNumber'))).toBe(before + 2)
  await rpc.call('evm_setAutomine', [false])
  expect(await rpc.call('anvil_getAutomine')).toBe(false)
})

test('behavior: evm_setIntervalMining makes blocks by itself; without emptyBlocks none when nothing waits', async () => {
  await rpc.call('evm_setIntervalMining', [1])
  expect(await rpc.call('anvil_getIntervalMining')).toBe(1)
  const before = Number(await rpc.call('eth_blockNumber'))
  const hash = await send(await sign(alice, PLAIN))
  while ((await receipt(hash)) === null) await systemClock.sleep(5)
  const second = await send(await sign(alice, PLAIN))
  while ((await receipt(second)) === null) await systemClock.sleep(5)
  expect(Number(await rpc.call('eth_blockNumber'))).toBe(before + 2)
  await rpc.call('evm_setIntervalMining', [0])
  expect(await rpc.call('anvil_getIntervalMining')).toBe(null)
  await expect(rpc.call('evm_setIntervalMining', [-1])).rejects.toThrow('whole seconds')
})

test('behavior: anvil_reset keeps the emulation', async () => {
  await rpc.call('anvil_reset')
  for (const account of accounts) nonces.set(account, 0)
  probe = await deployProbe()
  const a = await send(await sign(alice, RECORD))
  const b = await send(await sign(bob, RECORD))
  await rpc.call('evm_mine')
  expect(await blockOrder({ a, b })).toEqual(['a', 'system', 'b', 'system'])
})

test('error: an emulation that does not obey the block maker ends the node', async () => {
  const other = await startDevnet({
    emulation: EMULATION,
    systemAddress: STRANGER,
    log,
    blockTimeMs: 86_400_000,
  })
  const client = createRpc(other.url)
  const nonce = 0
  const deployment = await sign(alice, probeCode(RECORD), { to: undefined, nonce })
  const created = (await client.call('eth_sendRawTransaction', [deployment])) as Hex
  await client.call('evm_mine')
  const { contractAddress } = (await client.call('eth_getTransactionReceipt', [created])) as Receipt
  for (const from of [bob, carol])
    await client.call('eth_sendRawTransaction', [
      await sign(from, RECORD, { to: contractAddress, nonce }),
    ])
  const sentence = 'The emulated runtime refused a system call of the block maker.'
  await expect(client.call('evm_mine')).rejects.toThrow(sentence)
  expect((await other.exited)?.message).toBe(sentence)
  await client.close()
})

test('behavior: mixed batches keep order and ids, notifications get no answer', async () => {
  const [a, b] = [await sign(alice, PLAIN), await sign(bob, PLAIN)]
  const before = Number(await rpc.call('eth_blockNumber'))
  const call = (method: string, params: unknown[], id?: unknown) => ({
    jsonrpc: '2.0',
    method,
    params,
    ...(id === undefined ? {} : { id }),
  })
  const body = [
    call('eth_chainId', [], 'x'),
    call('eth_sendRawTransaction', [a], 7),
    call('eth_sendRawTransaction', [b]),
    call('evm_mine', []),
    call('eth_blockNumber', [], null),
    { id: 9 },
    call('arn_sendRawTransactions', [], 7),
    call('no_such', [], 'last'),
  ]
  const answers = JSON.parse(await rpc.post(JSON.stringify(body))) as unknown[]
  expect(answers).toMatchObject([
    { jsonrpc: '2.0', id: 'x', result: '0x76' },
    { id: 7, result: expect.stringMatching(/^0x[0-9a-f]{64}$/) },
    { id: null, result: toHex(before + 1) },
    { id: 9, error: { code: -32600, message: 'The "jsonrpc" of a call is "2.0".' } },
    { id: 7, result: 0 },
    { id: 'last', error: { code: -32601 } },
  ])
  expect((await blockOrder({})).length).toBe(2)
})

test('error: Anvil refuses a transaction: the sender gets its words', async () => {
  const raw = await sign(alice, PLAIN, { nonce: 0 })
  await expect(send(raw)).rejects.toThrow('nonce too low')
  await expect(send(pad('0x01', { size: 20 }))).rejects.toThrow('refused eth_sendRawTransaction')
  await expect(rpc.call('eth_sendRawTransaction', [])).rejects.toThrow('refused')
})
