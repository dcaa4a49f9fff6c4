import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type Abi, decodeEventLog, encodeFunctionData, type Hex, parseAbi, toHex } from 'viem'
import { type HDAccount, mnemonicToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { createRpc, type Rpc } from '../chain/rpc.js'
import type { BlockSchedule } from '../core/types.js'
import { type Devnet, startDevnet } from './devnet.js'

const MNEMONIC = 'test test test test test test test test test test test junk'
const accounts = Array.from({ length: 10 }, (_, addressIndex) =>
  mnemonicToAccount(MNEMONIC, { addressIndex }),
)
const [alice, bob, carol, dave] = accounts as [HDAccount, HDAccount, HDAccount, HDAccount]
const abi = parseAbi([
  'function increment()',
  'function note()',
  'function peek(address user)',
  'function record()',
  'function make()',
  'function work()',
  'function count() view returns (uint256)',
  'event Incremented(uint256 count)',
  'event Peeked(uint256 number)',
  'event Seen(bool isInDeferred)',
  'event Made(address made)',
])
const call = (functionName: 'increment' | 'note' | 'record' | 'make' | 'work'): Hex =>
  encodeFunctionData({ abi, functionName })
const peek = (user: HDAccount): Hex =>
  encodeFunctionData({ abi, functionName: 'peek', args: [user.address] })

type Receipt = {
  transactionHash: Hex
  transactionIndex: Hex
  blockNumber: Hex
  status: Hex
  gasUsed: Hex
  contractAddress: Hex
  logs: { topics: [Hex]; data: Hex }[]
}

let bytecodes: Record<string, Hex>
let devnet: Devnet
let rpc: Rpc
const nonces = new Map<HDAccount, number>()

function compile(): Record<string, Hex> {
  const root = join(import.meta.dirname, '../../..')
  const solc = createRequire(import.meta.url)('solc') as {
    compile(input: string, callbacks: { import(path: string): { contents: string } }): string
  }
  const read = (path: string) => readFileSync(join(root, path), 'utf8')
  const name = 'loadgen/test/fixtures/strict/Strict.sol'
  const input = {
    language: 'Solidity',
    sources: { [name]: { content: read(name) } },
    settings: {
      evmVersion: 'london',
      outputSelection: { [name]: { '*': ['evm.bytecode.object'] } },
    },
  }
  const output = JSON.parse(
    solc.compile(JSON.stringify(input), { import: (path) => ({ contents: read(path) }) }),
  ) as { contracts: Record<string, Record<string, { evm: { bytecode: { object: string } } }>> }
  return Object.fromEntries(
    Object.entries(output.contracts[name] ?? {}).map(([contract, { evm }]) => [
      contract,
      `0x${evm.bytecode.object}` as Hex,
    ]),
  )
}

/** Signs and sends; the nonce is the sender's next. */
async function send(from: HDAccount, to: Hex | undefined, data: Hex, fields = {}): Promise<Hex> {
  const nonce = nonces.get(from) ?? 0
  nonces.set(from, nonce + 1)
  const raw = await from.signTransaction({
    type: 'legacy',
    chainId: 118,
    ...{ nonce, gas: 2_000_000n, gasPrice: 1n, data },
    ...(to === undefined ? {} : { to }),
    ...fields,
  })
  return (await rpc.call('eth_sendRawTransaction', [raw])) as Hex
}

async function receipt(hash: Hex): Promise<Receipt> {
  return (await rpc.call('eth_getTransactionReceipt', [hash])) as Receipt
}

/** Mines, and tells the receipts in the order of the hashes, which must all be in that block. */
async function mine(hashes: readonly Hex[]): Promise<Receipt[]> {
  await rpc.call('evm_mine')
  const block = (await rpc.call('eth_blockNumber')) as Hex
  const receipts: Receipt[] = []
  for (const hash of hashes) receipts.push(await receipt(hash))
  expect(new Set(receipts.map(({ blockNumber }) => blockNumber))).toEqual(new Set([block]))
  return receipts
}

async function deploy(name: string): Promise<Hex> {
  const [deployed] = await mine([await send(alice, undefined, bytecodes[name] as Hex)])
  expect(deployed?.status).toBe('0x1')
  return deployed?.contractAddress as Hex
}

const statuses = (receipts: readonly Receipt[]) => receipts.map(({ status }) => Number(status))

/** The only argument of the only event of each; undefined without one. */
function told(receipts: readonly Receipt[]): unknown[] {
  return receipts.map(({ logs: [log] }) => {
    if (log === undefined) return undefined
    return Object.values(decodeEventLog({ abi: abi as Abi, ...log }).args ?? {})[0]
  })
}

/** The schedule of the last block; ids are the places of these receipts instead of indexes in the block. */
async function schedule(receipts: readonly Receipt[]) {
  const number = Number(receipts[0]?.blockNumber)
  const found = (await rpc.call('devnet_getBlockSchedule', [number])) as BlockSchedule
  const places = new Map(receipts.map((one, place) => [Number(one.transactionIndex), place]))
  const toPlaces = (indexes: readonly number[]) => indexes.map((index) => places.get(index))
  return {
    ...found,
    generations: found.generations.map(({ isDeferred, sequences }) => ({
      isDeferred,
      sequences: sequences.map(toPlaces),
    })),
    aborted: toPlaces(found.aborted),
  }
}

const balanceOf = async (account: HDAccount) =>
  BigInt((await rpc.call('eth_getBalance', [account.address, 'latest'])) as Hex)

beforeAll(async () => {
  bytecodes = compile()
  devnet = await startDevnet({
    emulation: EMULATION,
    systemAddress: SYSTEM_ADDRESS,
    log: { debug() {}, info() {}, warn() {} },
    blockTimeMs: 86_400_000,
    emptyBlocks: false,
    strict: true,
  })
  rpc = createRpc(devnet.url)
})

afterAll(async () => {
  await rpc.close()
  await devnet.stop()
  expect(await devnet.exited).toBe(undefined)
})

beforeEach(async () => {
  for (const account of accounts)
    nonces.set(
      account,
      Number(await rpc.call('eth_getTransactionCount', [account.address, 'latest'])),
    )
})

test('default: of five increments one stands; in the next block all do, one by one', async () => {
  const counter = await deploy('Counter')
  const code = await rpc.call('eth_getCode', [counter, 'latest'])
  const senders = accounts.slice(0, 5)
  const before = await Promise.all(senders.map(balanceOf))
  const first: Hex[] = []
  for (const sender of senders) first.push(await send(sender, counter, call('increment')))
  const receipts = await mine(first)

  expect(statuses(receipts)).toEqual([1, 0, 0, 0, 0])
  expect(told(receipts)).toEqual([1n, undefined, undefined, undefined, undefined])
  for (const [i, sender] of senders.entries()) {
    expect(await rpc.call('eth_getTransactionCount', [sender.address, 'latest'])).toBe(
      toHex(nonces.get(sender) as number),
    )
    const paid = (before[i] as bigint) - (await balanceOf(sender))
    expect(paid).toBe(BigInt(receipts[i]?.gasUsed as Hex))
    expect(paid).toBeGreaterThan(21_000n)
  }
  const found = await schedule(receipts)
  const increment = `${counter}:0xd09de08a`
  expect(found).toMatchObject({
    generations: [{ isDeferred: false, sequences: [[0], [1], [2], [3], [4]] }],
    aborted: [1, 2, 3, 4],
    conflicts: [
      {
        ...{ winner: increment, loser: increment, aborted: 4 },
        ...{ owner: counter, space: 'slot', key: toHex(0, { size: 32 }) },
        ...{ winnerKind: 'plainWrite', loserKind: 'plainWrite' },
        example: { winner: first[0], loser: first[1] },
      },
    ],
  })
  expect(await rpc.call('eth_getCode', [counter, 'latest'])).toBe(code)
  expect(await rpc.call('devnet_getConflicts')).toContainEqual([increment, increment])

  const second: Hex[] = []
  for (const sender of senders) second.push(await send(sender, counter, call('increment')))
  const later = await mine(second)
  expect(told(later)).toEqual([2n, 3n, 4n, 5n, 6n])
  expect(await schedule(later)).toMatchObject({
    generations: [{ isDeferred: false, sequences: [[0, 1, 2, 3, 4]] }],
    aborted: [],
    conflicts: [],
  })
})

test('behavior: a learnt pair of functions is put into generations one after the other', async () => {
  const counter = await deploy('Counter')
  const block = async () =>
    mine([
      await send(alice, counter, peek(carol)),
      await send(bob, counter, peek(dave)),
      await send(carol, counter, call('note')),
      await send(dave, counter, call('note')),
    ])
  const first = await block()
  expect(statuses(first)).toEqual([1, 1, 0, 0])
  expect(told(first)).toEqual([0n, 0n, undefined, undefined])

  const second = await block()
  expect(statuses(second)).toEqual([1, 1, 1, 1])
  expect(await schedule(second)).toMatchObject({
    generations: [
      { isDeferred: false, sequences: [[0], [1]] },
      { isDeferred: false, sequences: [[2], [3]] },
    ],
    aborted: [],
  })
  const third = await block()
  expect(told(third)).toEqual([
    BigInt(second[0]?.blockNumber as Hex),
    BigInt(second[0]?.blockNumber as Hex),
    undefined,
    undefined,
  ])
})

test('behavior: of two and more calls of a deferrable function the last is deferred, a lone one is not', async () => {
  const deferring = await deploy('Deferring')
  const three = await mine([
    await send(alice, deferring, call('record')),
    await send(bob, deferring, call('record')),
    await send(carol, deferring, call('record')),
  ])
  expect(told(three)).toEqual([false, false, true])
  expect(await schedule(three)).toMatchObject({
    generations: [
      { isDeferred: false, sequences: [[0], [1]] },
      { isDeferred: true, sequences: [[2]] },
    ],
  })
  const lone = await mine([await send(alice, deferring, call('record'))])
  expect(told(lone)).toEqual([false])
  expect(devnet.counters().deferred).toBe(1)
})

test('behavior: a single call beside known ones is flagged, and ends the deferral of what was known later', async () => {
  const [early, late] = [await deploy('Deferring'), await deploy('Deferring')]
  const flagged = await mine([
    await send(alice, early, call('record')),
    await send(bob, early, call('record')),
    await send(carol, late, call('record')),
  ])
  expect(told(flagged)).toEqual([false, true, true])
  expect((await schedule(flagged)).generations).toEqual([
    { isDeferred: false, sequences: [[0], [2]] },
    { isDeferred: true, sequences: [[1]] },
  ])
  const dropped = await mine([
    await send(alice, early, call('record')),
    await send(bob, late, call('record')),
    await send(carol, late, call('record')),
  ])
  expect(told(dropped)).toEqual([true, false, false])
})

test('behavior: a conflict with itself ends deferral', async () => {
  const conflicting = await deploy('SelfConflicting')
  const block = async () =>
    mine([
      await send(alice, conflicting, call('record')),
      await send(bob, conflicting, call('record')),
      await send(carol, conflicting, call('record')),
    ])
  const first = await block()
  expect(statuses(first)).toEqual([1, 0, 1])
  expect(told(first)).toEqual([false, undefined, true])
  expect(told(await block())).toEqual([false, false, false])
})

test('behavior: not deferred: a contract of a contract, and one that registers late', async () => {
  const factory = await deploy('Factory')
  const [made] = await mine([await send(alice, factory, call('make'))])
  const log = made?.logs.at(-1) as Receipt['logs'][number]
  const { args } = decodeEventLog({ abi, eventName: 'Made', ...log })
  const address = (args as { made: Hex }).made
  for (const target of [address, await deploy('LateDeferring')]) {
    const receipts = await mine([
      await send(alice, target, call('record')),
      await send(bob, target, call('record')),
    ])
    expect(told(receipts)).toEqual([false, false])
    expect((await schedule(receipts)).generations).toEqual([
      { isDeferred: false, sequences: [[0], [1]] },
    ])
  }
})

test('behavior: a call of a deferrable function must be able to prepay', async () => {
  const deferring = await deploy('Deferring')
  // 21,000 and four bytes of call data at 68 gas.
  const enough = 500_000n + 21_000n + 4n * 68n
  const receipts = await mine([
    await send(alice, deferring, call('record'), { gas: enough }),
    await send(bob, deferring, call('record'), { gas: enough - 1n }),
    await send(carol, deferring, call('record')),
  ])
  expect(statuses(receipts)).toEqual([1, 0, 1])
  expect(await schedule(receipts)).toMatchObject({ aborted: [1], conflicts: [] })
})

test('behavior: gas of parallel jobs', async () => {
  const working = await deploy('Working')
  const receipts = await mine([
    await send(alice, working, call('work')),
    await send(bob, working, call('work')),
  ])
  const { jobs } = await schedule(receipts)
  expect(jobs.map(({ transaction }) => transaction)).toEqual([
    Number(receipts[0]?.transactionIndex),
  ])
  // Two writes of a new slot.
  expect(jobs[0]?.gas.length).toBe(2)
  for (const gas of jobs[0]?.gas ?? []) expect(gas).toBeGreaterThan(20_000)
})

test('behavior: what Anvil signed stays where it is, and so wins', async () => {
  const counter = await deploy('Counter')
  const raw = await send(alice, counter, call('increment'))
  const transaction = { from: bob.address, to: counter, data: call('increment'), gas: '0xf4240' }
  const signed: Hex[] = []
  for (let i = 0; i < 2; i++)
    signed.push(
      (await rpc.call('eth_sendTransaction', [{ ...transaction, gasPrice: '0x1' }])) as Hex,
    )
  // The second cannot be aborted, which needs that it is sent again.
  const receipts = await mine([raw, ...signed])
  expect(told(receipts)).toEqual([undefined, 1n, 2n])
  expect((await schedule(receipts)).aborted).toEqual([0])
})

test('behavior: wei sent to a contract whose transactions are aborted in this block arrive', async () => {
  const counter = await deploy('Counter')
  const receipts = await mine([
    await send(alice, counter, call('increment')),
    await send(bob, counter, call('increment')),
    await send(carol, counter, '0x', { value: 5n }),
  ])
  expect(statuses(receipts)).toEqual([1, 0, 1])
  expect(await rpc.call('eth_getBalance', [counter, 'latest'])).toBe('0x5')
})

test('behavior: nonces of one sender stay in order around an aborted transaction', async () => {
  const counter = await deploy('Counter')
  const receipts = await mine([
    await send(alice, counter, call('increment')),
    await send(bob, counter, call('increment')),
    await send(bob, counter, call('note')),
    await send(bob, counter, call('increment')),
    await send(carol, counter, call('note')),
  ])
  expect(statuses(receipts)).toEqual([1, 0, 1, 0, 1])
})

test('behavior: a sequence that is sent again keeps its order', async () => {
  const counter = await deploy('Counter')
  for (let round = 0; round < 2; round++)
    await mine([
      await send(alice, counter, peek(bob)),
      await send(bob, counter, call('note')),
      await send(carol, counter, call('increment')),
      await send(dave, counter, call('increment')),
    ])
  // Known calls in two generations, then all increments as one sequence, far more than Anvil keeps in order in one request.
  const others = [await send(alice, counter, peek(bob)), await send(dave, counter, peek(bob))]
  const notes = [await send(bob, counter, call('note')), await send(carol, counter, call('note'))]
  const increments: Hex[] = []
  for (let round = 0; round < 20; round++)
    for (const sender of accounts.slice(4))
      increments.push(await send(sender, counter, call('increment')))
  const receipts = await mine([...others, ...notes, ...increments])
  const { generations } = await schedule(receipts)
  expect(generations.map(({ sequences }) => sequences.length)).toEqual([3, 3, 1])
  const counts = told(receipts).slice(4) as bigint[]
  const sequence = generations[2]?.sequences[0]?.map((place) => counts[(place as number) - 4])
  expect(sequence).toEqual(sequence?.toSorted((a, b) => Number((a as bigint) - (b as bigint))))
})

test('behavior: after evm_revert an address is what its new contract makes it', async () => {
  const snapshot = await rpc.call('evm_snapshot')
  const first = await deploy('Deferring')
  await rpc.call('evm_revert', [snapshot])
  nonces.set(alice, (nonces.get(alice) as number) - 1)
  const target = await deploy('LateDeferring')
  expect(target).toBe(first)
  const receipts = await mine([
    await send(alice, target, call('record')),
    await send(bob, target, call('record')),
  ])
  expect(told(receipts)).toEqual([false, false])
})

test('behavior: evm_revert takes schedules back, not what was learnt; anvil_reset both', async () => {
  const counter = await deploy('Counter')
  const increment = `${counter}:0xd09de08a`
  const snapshot = await rpc.call('evm_snapshot')
  const block = async () =>
    mine([
      await send(alice, counter, call('increment')),
      await send(bob, counter, call('increment')),
    ])
  const receipts = await block()
  const number = receipts[0]?.blockNumber
  expect(await schedule(receipts)).toMatchObject({ aborted: [1] })
  await rpc.call('evm_revert', [snapshot])
  expect(await rpc.call('devnet_getBlockSchedule', [number])).toBe(null)
  expect(await rpc.call('devnet_getConflicts')).toContainEqual([increment, increment])
  nonces.set(alice, (nonces.get(alice) as number) - 1)
  nonces.set(bob, (nonces.get(bob) as number) - 1)
  expect(statuses(await block())).toEqual([1, 1])

  await rpc.call('anvil_reset')
  for (const account of accounts) nonces.set(account, 0)
  expect(await rpc.call('devnet_getConflicts')).toEqual([])
  expect(await rpc.call('devnet_getBlockSchedule', [1])).toBe(null)
  const deferring = await deploy('Deferring')
  const later = await mine([
    await send(alice, deferring, call('record')),
    await send(bob, deferring, call('record')),
  ])
  expect(told(later)).toEqual([false, true])
})

test('behavior: every block has a schedule, empty ones too', async () => {
  await rpc.call('anvil_mine', ['0x3'])
  const last = Number(await rpc.call('eth_blockNumber'))
  for (const block of [last - 2, last - 1, last])
    expect(await rpc.call('devnet_getBlockSchedule', [block])).toMatchObject({
      ...{ block, generations: [], aborted: [], conflicts: [], jobs: [] },
    })
  expect(await rpc.call('devnet_getBlockSchedule', [last + 1])).toBe(null)
})

test('error: parameters that are none', async () => {
  for (const params of [[], [-1], [1.5], ['one'], ['0x'], [null], [1, 2]])
    await expect(rpc.call('devnet_getBlockSchedule', params)).rejects.toMatchObject({
      code: -32602,
    })
  await expect(rpc.call('devnet_getConflicts', [1])).rejects.toMatchObject({ code: -32602 })
})
