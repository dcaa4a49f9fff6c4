import { describe, expect, test } from 'vitest'
import { type Rpc, type RpcAnswer, type RpcCall, RpcRefusedError } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Deployment, Hex } from '../core/types.js'
import { startCollector } from './collector.js'
import { followBlocks } from './follower.js'

const hash = (n: number): Hex => `0x${n.toString(16).padStart(64, '0')}`
const address = (n: number): Hex => `0x${n.toString(16).padStart(40, '0')}`
const hex = (n: number): Hex => `0x${n.toString(16)}`

const deployment: Deployment = {
  mode: 'direct',
  chainId: 118,
  house: address(1),
  vault: address(2),
  collateralToken: address(3),
  collateralDecimals: 6,
  registry: address(4),
  router: address(5),
  markets: [],
  deployedAtBlock: 0,
}

/** A chain in memory: blocks of transaction numbers, block 0 first. Every transaction deposits its own number. */
function fakeChain(options: { fault?: (call: RpcCall) => RpcAnswer | undefined } = {}) {
  const blocks: number[][] = [[]]
  const calls: string[] = []
  const blockOf = (n: number) => blocks.findIndex((block) => block.includes(n))
  const receipt = (n: number) => ({
    transactionHash: hash(n),
    blockNumber: hex(blockOf(n)),
    transactionIndex: hex((blocks[blockOf(n)] as number[]).indexOf(n)),
    status: n % 5 === 0 ? '0x0' : '0x1',
    gasUsed: hex(21_000 + n),
    logs: [],
  })
  const log = (n: number) => ({
    address: address(1),
    topics: [
      '0x2da466a7b24304f47e87fa2e1e5a81b9831ce54fec19055ce277ca2f39ba42c4',
      `0x${address(n).slice(2).padStart(64, '0')}`,
    ],
    data: hash(n),
    blockNumber: hex(blockOf(n)),
    logIndex: '0x0',
    transactionHash: hash(n),
  })
  function resultFor({ method, params }: RpcCall): unknown {
    if (method === 'eth_blockNumber') return hex(blocks.length - 1)
    if (method === 'eth_getBlockByNumber') {
      const block = blocks[Number(params[0])]
      return block === undefined
        ? null
        : {
            number: params[0],
            timestamp: hex(1_700_000_000 + Number(params[0])),
            gasUsed: hex(block.length * 100),
            transactions: block.map(hash),
          }
    }
    if (method === 'eth_getTransactionReceipt')
      return blockOf(Number(params[0])) < 0 ? null : receipt(Number(params[0]))
    if (method === 'eth_getBlockReceipts') return (blocks[Number(params[0])] ?? []).map(receipt)
    if (method !== 'eth_getLogs') throw new Error(`unexpected ${method}`)
    const { fromBlock, toBlock } = params[0] as { fromBlock: Hex; toBlock: Hex }
    return blocks.slice(Number(fromBlock), Number(toBlock) + 1).flatMap((block) => block.map(log))
  }
  function answer(call: RpcCall): RpcAnswer {
    calls.push(call.method)
    return options.fault?.(call) ?? { result: resultFor(call) }
  }
  const rpc: Rpc = {
    url: 'http://fake',
    batch: async (batch) => batch.map(answer),
    call: async (method, params = []) => {
      const { result, error } = answer({ method, params })
      if (error !== undefined) throw new RpcRefusedError({ method, ...error })
      return result
    },
    post: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  }
  return { rpc, blocks, calls }
}

const ask = { timeoutMs: 5000, deployment }

describe('followBlocks', () => {
  test('behavior: every block once, in order, whether it was there or comes later', async () => {
    const chain = fakeChain()
    for (let n = 1; n <= 45; n++) chain.blocks.push([n])
    const seen: number[] = []
    for await (const { sample, hashes } of followBlocks(chain.rpc, { fromBlock: 3, pollMs: 1 })) {
      seen.push(sample.number)
      expect(hashes).toEqual([hash(sample.number)])
      if (sample.number === 45) chain.blocks.push([46], [47])
      if (sample.number === 47) break
    }
    expect(seen).toEqual(Array.from({ length: 45 }, (_, i) => i + 3))
  })

  test('behavior: a block that is announced but not readable is read later', async () => {
    let holdBack = 3
    const chain = fakeChain({
      fault: ({ method, params }) =>
        method === 'eth_getBlockByNumber' && params[0] === '0x2' && holdBack-- > 0
          ? { result: null }
          : undefined,
    })
    chain.blocks.push([1], [2], [3])
    const seen: number[] = []
    for await (const { sample } of followBlocks(chain.rpc, { fromBlock: 1, pollMs: 1 })) {
      seen.push(sample.number)
      if (sample.number === 3) break
    }
    expect(seen).toEqual([1, 2, 3])
    expect(holdBack).toBeLessThanOrEqual(0)
  })

  test('behavior: hashes without 0x, as an Arcology node gives them', async () => {
    const chain = fakeChain({
      fault: ({ method, params }) =>
        method === 'eth_getBlockByNumber'
          ? {
              result: {
                number: params[0],
                timestamp: '0x1',
                gasUsed: '0x0',
                transactions: [hash(9).slice(2)],
              },
            }
          : undefined,
    })
    chain.blocks.push([9])
    for await (const { hashes } of followBlocks(chain.rpc, { fromBlock: 1 })) {
      expect(hashes).toEqual([hash(9)])
      break
    }
  })

  test('error: gives up after some failures in a row, not before', async () => {
    let failures = 4
    const flaky = fakeChain({
      fault: () => {
        if (failures-- > 0) throw new NodeError('The node is busy.')
        return undefined
      },
    })
    flaky.blocks.push([1])
    for await (const { sample } of followBlocks(flaky.rpc, { fromBlock: 1, pollMs: 1 })) {
      expect(sample.number).toBe(1)
      break
    }
    const dead = fakeChain({
      fault: () => {
        throw new NodeError('The node is gone.')
      },
    })
    await expect(followBlocks(dead.rpc, { fromBlock: 1, pollMs: 1 }).next()).rejects.toThrow(
      'The node is gone.',
    )
    expect(dead.calls).toHaveLength(5)
  })
})

describe('startCollector', () => {
  test.each(['transaction', 'block'] as const)(
    'default: blocks, receipts by %s, events, nothing lost',
    async (receipts) => {
      const chain = fakeChain()
      chain.blocks.push([1, 2], [], [3])
      const collector = startCollector(chain.rpc, { fromBlock: 1, pollMs: 1 })
      const { blocks, events, lost, ...collected } = await collector.drain([3, 1].map(hash), {
        ...ask,
        receipts,
      })
      expect(
        blocks.map(({ number, timestamp, transactions, gasUsed }) => ({
          number,
          timestamp,
          transactions,
          gasUsed,
        })),
      ).toEqual([
        { number: 1, timestamp: 1_700_000_001, transactions: 2, gasUsed: 200n },
        { number: 2, timestamp: 1_700_000_002, transactions: 0, gasUsed: 0n },
        { number: 3, timestamp: 1_700_000_003, transactions: 1, gasUsed: 100n },
      ])
      expect(collected.receipts).toEqual([
        { hash: hash(3), blockNumber: 3, index: 0, ok: true, gasUsed: 21_003n },
        { hash: hash(1), blockNumber: 1, index: 0, ok: true, gasUsed: 21_001n },
      ])
      expect(events.map((event) => event.type === 'Deposited' && event.amount)).toEqual([
        1n,
        2n,
        3n,
      ])
      expect(lost).toEqual([])
    },
  )

  test('behavior: asks for numbers and hashes only until it drains', async () => {
    const chain = fakeChain()
    chain.blocks.push([1], [2])
    const collector = startCollector(chain.rpc, { fromBlock: 1, pollMs: 1 })
    expect(await collector.waitFor([hash(1), hash(2)], { timeoutMs: 5000 })).toEqual([])
    expect(collector.blockOf(hash(2))).toBe(2)
    expect(new Set(chain.calls)).toEqual(new Set(['eth_blockNumber', 'eth_getBlockByNumber']))
    await collector.stop()
  })

  test('behavior: waits for blocks that come later', async () => {
    const chain = fakeChain()
    const collector = startCollector(chain.rpc, {
      fromBlock: 1,
      pollMs: 1,
      onBlock: ({ number }) => number < 10 && chain.blocks.push([number + 1]),
    })
    const waiting = collector.drain([hash(1), hash(10)], ask)
    chain.blocks.push([1])
    expect((await waiting).receipts.map(({ blockNumber }) => blockNumber)).toEqual([1, 10])
  })

  test('behavior: reach waits for a block, those before it included', async () => {
    const chain = fakeChain()
    for (let n = 1; n <= 45; n++) chain.blocks.push([n])
    const collector = startCollector(chain.rpc, { fromBlock: 3, pollMs: 1 })
    await collector.reach(2)
    await collector.reach(45)
    expect(collector.blocks().map(({ number }) => number)).toEqual(
      Array.from({ length: 43 }, (_, i) => i + 3),
    )
    const later = collector.reach(46)
    chain.blocks.push([46])
    await later
    expect(collector.blockOf(hash(46))).toBe(46)
    await collector.stop()
  })

  test('error: reach fails with what following failed with', async () => {
    const dead = fakeChain({
      fault: () => {
        throw new NodeError('The node is gone.')
      },
    })
    const collector = startCollector(dead.rpc, { fromBlock: 1, pollMs: 1 })
    await expect(collector.reach(1)).rejects.toThrow('The node is gone.')
    await collector.stop()
  })

  test('behavior: what is in no block when the time is up is lost', async () => {
    const chain = fakeChain()
    chain.blocks.push([1])
    const collector = startCollector(chain.rpc, { fromBlock: 1, pollMs: 1 })
    const { lost, receipts } = await collector.drain([hash(1), hash(99)], { ...ask, timeoutMs: 50 })
    expect(lost).toEqual([hash(99)])
    expect(receipts).toHaveLength(1)
  })

  test('args: emptyBlocks counts blocks without ours from the last that held one', async () => {
    const chain = fakeChain()
    const collector = startCollector(chain.rpc, {
      fromBlock: 1,
      pollMs: 1,
      // Ours are 1 and 4; then blocks without end.
      onBlock: ({ number }) => chain.blocks.push([number + 1]),
    })
    const waiting = collector.drain([1, 4, 1_000_000].map(hash), { ...ask, emptyBlocks: 3 })
    chain.blocks.push([1])
    const { lost, receipts } = await waiting
    expect(lost).toEqual([hash(1_000_000)])
    expect(receipts).toHaveLength(2)
  })

  test('behavior: a failed transaction is not ok', async () => {
    const chain = fakeChain()
    chain.blocks.push([5])
    const { receipts } = await startCollector(chain.rpc, { fromBlock: 1 }).drain([hash(5)], ask)
    expect(receipts[0]).toMatchObject({ ok: false, gasUsed: 21_005n })
  })

  test('behavior: a receipt that is there later is waited for', async () => {
    let early = 2
    const chain = fakeChain({
      fault: ({ method }) =>
        method === 'eth_getTransactionReceipt' && early-- > 0 ? { result: null } : undefined,
    })
    chain.blocks.push([1])
    const { receipts } = await startCollector(chain.rpc, { fromBlock: 1 }).drain([hash(1)], ask)
    expect(receipts).toHaveLength(1)
  })

  test('error: an included transaction without a receipt', async () => {
    const chain = fakeChain({
      fault: ({ method }) => (method === 'eth_getBlockReceipts' ? { result: [] } : undefined),
    })
    chain.blocks.push([1])
    const collector = startCollector(chain.rpc, { fromBlock: 1 })
    await expect(collector.drain([hash(1)], { ...ask, receipts: 'block' })).rejects.toThrow(
      `The node has no receipt of transaction ${hash(1)}, which is in its block 1.`,
    )
  })

  test.each([
    ['a node that is no Anvil', { error: { code: -32601, message: 'Method not found' } }, 2],
    ['a dump that cannot be read', { result: '0x1234' }, 4],
  ])('error: %s', async (_, answer, exitCode) => {
    const chain = fakeChain({
      fault: ({ method }) => (method === 'anvil_dumpState' ? answer : undefined),
    })
    chain.blocks.push([1])
    const collector = startCollector(chain.rpc, { fromBlock: 1 })
    await expect(collector.drain([hash(1)], { ...ask, receipts: 'dump' })).rejects.toMatchObject({
      exitCode,
      message: expect.stringContaining('read the receipts by transaction or by block.'),
    })
  })

  test('error: when following fails, whoever waits is told', async () => {
    const chain = fakeChain({
      fault: () => {
        throw new NodeError('The node is gone.')
      },
    })
    const collector = startCollector(chain.rpc, { fromBlock: 1, pollMs: 1 })
    await expect(collector.waitFor([hash(1)], { timeoutMs: 5000 })).rejects.toThrow(
      'The node is gone.',
    )
    await expect(collector.drain([hash(1)], ask)).rejects.toThrow('The node is gone.')
  })
})
