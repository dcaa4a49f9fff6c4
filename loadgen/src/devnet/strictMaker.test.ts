import { mnemonicToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import type { Rpc, RpcCall } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
import type { Access } from '../parallel/access.js'
import { createMempool } from './mempool.js'
import type { Runtime } from './runtime.js'
import { createStrictMaker } from './strict.js'
import type { AccessSource } from './strictAnalysis.js'
import { createStrictPool } from './strictPool.js'

const MNEMONIC = 'test test test test test test test test test test test junk'
const HOUSE = `0x${'aa'.repeat(20)}` as const
/** HOUSE XOR the mask. */
const ASIDE = `0x${'55'.repeat(20)}`
const gate = { code: '0xfe', mask: `0x${'ff'.repeat(20)}` } as const

/** Two calls of one function that collide when `collide`; `codes` is what has code. */
async function setUp(options: { collide: boolean; codes?: Record<string, string> }) {
  const { collide, codes = { [HOUSE]: '0x01' } } = options
  const calls: string[] = []
  const entries = await Promise.all(
    [0, 1].map(async (addressIndex) => {
      const account = mnemonicToAccount(MNEMONIC, { addressIndex })
      const raw = await account.signTransaction({
        ...{ type: 'legacy', chainId: 118, nonce: 0, gas: 9n, gasPrice: 1n, to: HOUSE },
        data: '0x11111111',
      })
      return { hash: `0x${addressIndex}`, raw, envelope: undefined, from: account.address } as const
    }),
  )
  const pending = Object.fromEntries(
    entries.map(({ from }) => [from.toLowerCase(), { 0: 'words' }]),
  )
  const answers: Record<string, (params: readonly unknown[]) => unknown> = {
    txpool_inspect: () => ({ pending }),
    anvil_nodeInfo: () => ({ currentBlockTimestamp: 1 }),
    evm_increaseTime: () => 0,
    eth_getCode: ([address]) => codes[String(address)] ?? '0x',
    eth_blockNumber: () => '0x5',
    trace_transaction: () => [],
  }
  const call = async (method: string, params: readonly unknown[] = []) => {
    if (
      method.startsWith('anvil_set') ||
      method === 'eth_sendRawTransaction' ||
      method === 'system'
    )
      calls.push([method, ...params].join(' ').slice(0, 80))
    return answers[method]?.(params) ?? null
  }
  const rpc = {
    call,
    batch: (batch: readonly RpcCall[]) =>
      Promise.all(
        batch.map(async ({ method, params }) => ({ result: await call(method, params) })),
      ),
  } as unknown as Rpc
  const access: Access = { kind: 'plainWrite', space: 'slot', owner: HOUSE, key: '0x00' }
  const source: AccessSource = {
    read: async (read) => ({
      accesses: new Map([...read].map(({ id }) => [id, collide ? [access] : []])),
      sampled: [],
    }),
    forget: () => void calls.push('forget'),
  }
  const warnings: object[] = []
  const mempool = createMempool({ blockSize: 10 })
  mempool.settle(0, entries)
  const maker = createStrictMaker({
    ...{ rpc, mempool, source, gate, emulation: [], clock: systemClock },
    pool: createStrictPool(rpc),
    runtime: {
      install: async () => {},
      deferrals: async () => [],
      systemCall: (name) => ({ method: 'system', params: [name] }),
    } satisfies Runtime,
    log: { debug() {}, info() {}, warn: (facts) => void warnings.push(facts) },
  })
  const arrange = () => maker.arrange({ block: 5, disturb: () => calls.push('disturb') })
  return { maker, arrange, calls, warnings }
}

test('default: without conflicts nothing is touched', async () => {
  const { arrange, calls } = await setUp({ collide: false })
  const arranged = await arrange()
  await arranged.restore()
  expect(arranged).toMatchObject({ system: [], deferred: 0, moved: [], isWhole: true })
  expect(calls).toEqual([])
})

test('behavior: while a gate stands clients wait; then the code is put back', async () => {
  const { arrange, calls } = await setUp({ collide: true })
  const arranged = await arrange()
  expect(arranged.isWhole).toBe(false)
  expect(calls).toEqual([
    'disturb',
    `anvil_setCode ${ASIDE} 0x01`,
    `anvil_setCode ${HOUSE} 0xfe`,
    'system beginAborting',
    expect.stringMatching(/^eth_sendRawTransaction 0xf8/),
    'system endAborting',
  ])
  calls.length = 0
  await arranged.restore()
  expect(calls).toEqual([`anvil_setCode ${HOUSE} 0x01`, `anvil_setCode ${ASIDE} 0x`])
})

test('behavior: a loser without code at its callee stands, with a warning', async () => {
  const { arrange, calls, warnings } = await setUp({ collide: true, codes: {} })
  expect(await arrange()).toMatchObject({ isWhole: true })
  expect([calls, warnings]).toEqual([[], [{ count: 1, first: '0x1' }]])
})

test('behavior: pairs are learnt when the block is made, and forgotten with the chain', async () => {
  const { maker, arrange, calls } = await setUp({ collide: true })
  const pairs = async () => maker.extensions.get('devnet_getConflicts')?.([])
  await arrange()
  expect(await pairs()).toEqual({ result: [] })
  await maker.made({ block: 5, transactions: ['0x0', '0x1'], creations: [] })
  const callee = `${HOUSE}:0x11111111`
  expect(await pairs()).toEqual({ result: [[callee, callee]] })
  await maker.resync()
  expect(await pairs()).toEqual({ result: [[callee, callee]] })
  calls.length = 0
  maker.forget()
  expect([await pairs(), calls]).toEqual([{ result: [] }, ['forget']])
})
