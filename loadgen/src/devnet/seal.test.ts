import { expect, test } from 'vitest'
import type { Rpc } from '../chain/rpc.js'
import { createLenientMaker } from './lenient.js'
import { createMempool, type PoolEntry } from './mempool.js'
import { callKey, type Runtime } from './runtime.js'
import { type Arrangement, type BlockMaker, createSealer } from './seal.js'

const HOUSE = '0xaa'
const SELECTOR = '0x11111111'

const entry = (name: string, nonce: number, selector: `0x${string}` = SELECTOR): PoolEntry => ({
  hash: `0x${name}`,
  raw: `0xraw-${name}`,
  envelope: { to: HOUSE, selector, nonce },
})

/** Anvil's part, played: everything in the pool is of the sender that its hash begins with, and is mined at once. */
function setUp(pool: readonly PoolEntry[], next: Record<string, number>) {
  const calls: string[] = []
  /** Before each call, whether the pool is steady. */
  const steady: Record<string, boolean> = {}
  const system: string[] = []
  let mined: string[] | undefined
  const answers: Record<string, (params: readonly unknown[]) => unknown> = {
    eth_blockNumber: () => '0x1',
    eth_getTransactionByHash: ([hash]) => {
      const found = pool.find((other) => other.hash === hash)
      const nonce = `0x${found?.envelope?.nonce?.toString(16)}`
      return { from: String(hash).slice(0, 3), nonce, blockHash: null }
    },
    eth_getTransactionCount: ([from]) => `0x${next[String(from)]?.toString(16)}`,
    anvil_dropTransaction: ([hash]) => hash,
    eth_sendRawTransaction: ([raw]) => String(raw).replace('raw-', ''),
    eth_sendTransaction: ([name]) => {
      system.push(String(name))
      return String(name)
    },
    eth_getBlockByNumber: () => ({ transactions: mined }),
    eth_getTransactionReceipt: () => ({ status: '0x1' }),
  }
  const call = async (method: string, params: readonly unknown[] = []) => {
    const name = `${method} ${String(params[0] ?? '')}`.trim()
    calls.push(name)
    steady[name] = await isSteady()
    return answers[method]?.(params)
  }
  const rpc = {
    call,
    batch: (batch: readonly { method: string; params: readonly unknown[] }[]) =>
      Promise.all(
        batch.map(async ({ method, params }) => ({ result: await call(method, params) })),
      ),
  } as unknown as Rpc
  const runtime: Runtime = {
    install: async () => {},
    deferrals: async () => [
      {
        callee: callKey(HOUSE, SELECTOR),
        target: HOUSE,
        selector: SELECTOR,
        prepaidGas: 500_000n,
      },
    ],
    systemCall: (name) => ({ method: 'eth_sendTransaction', params: [name] }),
  }
  const mempool = createMempool({ blockSize: 10 })
  const log = { debug() {}, info() {}, warn() {} }
  const maker = createLenientMaker({ rpc, mempool, runtime })
  const sealer = createSealer({ rpc, mempool, maker, log })

  async function isSteady(): Promise<boolean> {
    const later = new Promise((resolve) => setImmediate(() => resolve('later')))
    return (await Promise.race([sealer.steady(), later])) !== 'later'
  }

  return {
    sealer,
    calls,
    steady,
    mempool,
    isSteady,
    async seal(leftOut: readonly string[] = []) {
      await sealer.resync()
      mempool.settle(0, pool)
      calls.length = 0
      return sealer.seal(async () => {
        mined = pool.map(({ hash }) => String(hash)).filter((hash) => !leftOut.includes(hash))
        return call('mine')
      })
    },
  }
}

test('default: what is done to the pool, in order; it is unsteady in between', async () => {
  const { seal, calls, steady, isSteady } = setUp([entry('a0', 0), entry('b0', 0)], {
    '0xa': 1,
    '0xb': 1,
  })
  await seal()
  const changes = calls.filter((name) => !name.startsWith('eth_get') && name !== 'eth_blockNumber')
  expect(changes.map((name) => [name, steady[name]])).toEqual([
    ['anvil_dropTransaction 0xb0', false],
    ['eth_sendTransaction beginDeferred', false],
    ['eth_sendRawTransaction 0xraw-b0', false],
    ['eth_sendTransaction endDeferred', false],
    ['mine', true],
  ])
  expect(await isSteady()).toBe(true)
})

test('behavior: with followers it is unsteady until they are back', async () => {
  const pool = [entry('a0', 0), entry('b0', 0), entry('b1', 1, '0x22222222')]
  const { seal, steady, isSteady, mempool } = setUp(pool, { '0xa': 1, '0xb': 2 })
  await seal(['0xb1'])
  expect([steady.mine, steady['eth_sendRawTransaction 0xraw-b1']]).toEqual([false, false])
  expect(await isSteady()).toBe(true)
  expect(mempool.entries()).toEqual([pool[2]])
})

test('error: when mining fails, the pool is steady again and the error told', async () => {
  const { sealer, mempool, isSteady } = setUp([], { '0xa': 1, '0xb': 2 })
  await sealer.resync()
  mempool.settle(0, [entry('a0', 0), entry('b0', 0), entry('b1', 1, '0x22222222')])
  const next = sealer.nextBlock()
  const fail = async () => {
    throw new Error('gone')
  }
  await expect(sealer.seal(fail)).rejects.toThrow('gone')
  expect(await isSteady()).toBe(true)
  await next
})

/** A maker that changes something until the block is made. */
function makerOf(arrangement: Partial<Arrangement>, calls: string[]): BlockMaker {
  return {
    async arrange({ disturb }) {
      disturb()
      const restore = async () => void calls.push('restore')
      return { system: [], deferred: 0, moved: [], isWhole: false, restore, ...arrangement }
    },
    made: async () => void calls.push('made'),
    resync: async () => {},
    forget() {},
  }
}

test('behavior: what a maker changed is restored before clients may look', async () => {
  const calls: string[] = []
  const rpc = {
    call: async (method: string) => (method === 'eth_blockNumber' ? '0x1' : { transactions: [] }),
  } as unknown as Rpc
  const log = { debug() {}, info() {}, warn() {} }
  const mempool = createMempool({ blockSize: 10 })
  const sealer = createSealer({ rpc, mempool, maker: makerOf({}, calls), log })
  let looked: Promise<unknown> | undefined
  await sealer.seal(async () => {
    looked = sealer.steady().then(() => calls.push('looked'))
    await new Promise((resolve) => setImmediate(resolve))
    calls.push('mined')
  })
  await looked
  expect(calls.filter((name) => name !== 'made')).toEqual(['mined', 'restore', 'looked'])
})

test('behavior: when nothing was mined, no system transaction stays behind', async () => {
  const calls: string[] = []
  const rpc = {
    call: async (method: string) => (method === 'eth_blockNumber' ? '0x1' : null),
    batch: async (batch: readonly { method: string; params: readonly unknown[] }[]) =>
      batch.map(({ method, params }) => {
        calls.push(`${method} ${params[0]}`)
        return { result: null }
      }),
  } as unknown as Rpc
  const log = { debug() {}, info() {}, warn() {} }
  const mempool = createMempool({ blockSize: 10 })
  const maker = makerOf({ system: ['0x1', '0x2'] }, calls)
  const sealer = createSealer({ rpc, mempool, maker, log })
  await sealer.seal(async () => calls.push('mine'))
  expect(calls).toEqual([
    'mine',
    'anvil_dropTransaction 0x1',
    'anvil_dropTransaction 0x2',
    'restore',
  ])
  expect(sealer.counters().blocks).toBe(0)
})
