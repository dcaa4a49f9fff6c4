import {
  decodeFunctionData,
  encodeFunctionResult,
  type Hex,
  keccak256,
  parseTransaction,
} from 'viem'
import { expect, test } from 'vitest'
import { artifacts } from '../chain/abi.generated.js'
import { CALLS } from '../chain/encode.js'
import { type Rpc, type RpcCall, RpcRefusedError } from '../chain/rpc.js'
import type { Deployment } from '../core/types.js'
import { createKeeper } from './keeper.js'
import type { Node } from './node.js'

const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const deployment: Deployment = {
  mode: 'netting',
  chainId: 118,
  house: address('a'),
  vault: address('b'),
  collateralToken: address('c'),
  collateralDecimals: 6,
  registry: address('d'),
  router: address('e'),
  engine: address('f'),
  netting: address('1'),
  markets: [0, 1].map(() => ({
    ...{ pool: address('2'), baseToken: address('3'), quoteToken: address('4') },
    tracker: address('5'),
  })),
  deployedAtBlock: 1,
}

/** A node whose two queues hold what `queues` says, one entry a block; the last one lasts. */
function fakeNode(
  queues: readonly (readonly [bigint, bigint])[],
  options: { refuse?: string | undefined; known?: boolean; nonce?: number } = {},
) {
  const sent: Hex[] = []
  const state = { block: 0 }
  let market = 0
  const answer = ({ method, params }: RpcCall): unknown => {
    if (method === 'eth_blockNumber') return '0x1'
    if (method === 'eth_getTransactionCount')
      return `0x${(options.nonce ?? 40 + sent.length).toString(16)}`
    if (method === 'eth_getTransactionByHash') return options.known === true ? {} : null
    if (method === 'eth_sendRawTransaction') {
      if (options.refuse !== undefined && sent.length > 0)
        throw new RpcRefusedError({ method, code: -32000, message: options.refuse })
      return sent.push(params[0] as Hex)
    }
    const queued = queues[Math.min(state.block, queues.length - 1)]?.[market++ % 2] ?? 0n
    return encodeFunctionResult({
      abi: artifacts.PerpNettingEngine.abi,
      functionName: 'pendingOf',
      result: [queued, 0n, 0n],
    })
  }
  const rpc: Rpc = {
    url: 'http://nowhere',
    call: async (method, params = []) => answer({ method, params }),
    batch: async (calls) => calls.map((call) => ({ result: answer(call) })),
    post: async () => '',
    close: async () => {},
  }
  const node: Node = {
    ...{
      rpc,
      chainId: 118,
      client: 'fake',
      isEmulated: false,
      isStrict: false,
      gasPrice: 3n,
      makesBlocks: false,
    },
    privateKey: `0x${'1'.repeat(64)}`,
  }
  return { node, sent, seal: async () => void state.block++ }
}

test('default: settles a block at a time until both queues are empty', async () => {
  const { node, sent, seal } = fakeNode([
    [5n, 2n],
    [5n, 1n],
    [0n, 1n],
    [0n, 0n],
  ])
  const keeper = createKeeper(node, { deployment, gas: 9_000n })
  await keeper.finish(seal)
  expect(keeper.hashes().length).toBe(3)
  const transactions = sent.map((raw) => parseTransaction(raw))
  expect(transactions.map(({ nonce }) => nonce)).toEqual([40, 41, 42])
  for (const { to, data, gas, gasPrice, chainId } of transactions) {
    expect({ to, gas, gasPrice, chainId }).toEqual({
      ...{ to: deployment.house, gas: 9_000n, gasPrice: 3n, chainId: 118 },
    })
    expect(decodeFunctionData({ abi: CALLS, data: data ?? '0x' }).functionName).toBe('settle')
  }
})

test('behavior: with nothing queued it sends nothing', async () => {
  const { node, sent, seal } = fakeNode([[0n, 0n]])
  const keeper = createKeeper(node, { deployment, gas: 9_000n })
  await keeper.finish(seal)
  expect(sent).toEqual([])
})

test('behavior: calls without progress are forgiven when progress follows', async () => {
  const { node, sent, seal } = fakeNode([
    ...([
      [4n, 0n],
      [4n, 0n],
      [4n, 0n],
      [3n, 0n],
      [3n, 0n],
      [3n, 0n],
      [0n, 0n],
    ] as const),
  ])
  const keeper = createKeeper(node, { deployment, gas: 9_000n })
  await keeper.finish(seal)
  expect(sent.length).toBe(6)
})

test('error: three calls in a row without progress', async () => {
  const { node, seal } = fakeNode([
    [4n, 4n],
    [4n, 1n],
  ])
  const keeper = createKeeper(node, { deployment, gas: 9_000n })
  await expect(keeper.finish(seal)).rejects.toMatchObject({
    exitCode: 4,
    message: 'settle() does not get further: 5 orders are left in the queues after 4 calls.',
  })
})

test('args: onSending is told of each before it goes out', async () => {
  const { node, sent, seal } = fakeNode([
    [1n, 0n],
    [0n, 0n],
  ])
  const told: { hash: Hex; sent: number }[] = []
  const onSending = (hash: Hex) => told.push({ hash, sent: sent.length })
  const keeper = createKeeper(node, { deployment, gas: 9_000n, onSending })
  await keeper.finish(seal)
  expect(told).toEqual([{ hash: keccak256(sent[0] as Hex), sent: 0 }])
  expect(keeper.hashes()).toEqual(told.map(({ hash }) => hash))
})

test('behavior: one that was lost is the same one when it is sent anew with the same nonce', async () => {
  const told: Hex[] = []
  const { node, sent } = fakeNode([[0n, 0n]], { nonce: 40 })
  const onSending = (hash: Hex) => told.push(hash)
  const keeper = createKeeper(node, { deployment, gas: 9_000n, onSending })
  await keeper.send()
  await keeper.send()
  expect(sent[1]).toBe(sent[0])
  expect(keeper.hashes()).toEqual(told)
  expect(told.length).toBe(1)
  await keeper.sendAgain(told)
  expect(sent[2]).toBe(sent[0])
})

test.each([
  [{ refuse: 'already known' }, 1],
  [{ refuse: 'nonce too low', known: true }, 1],
  // Another transaction has its nonce: nobody needs to wait for it.
  [{ refuse: 'nonce too low' }, 0],
])('behavior: sent again, the node says %o', async (options, left) => {
  const { node } = fakeNode([[0n, 0n]], options)
  const keeper = createKeeper(node, { deployment, gas: 9_000n })
  await keeper.send()
  await keeper.sendAgain(keeper.hashes())
  expect(keeper.hashes().length).toBe(left)
})

test('error: sent again, it is refused', async () => {
  const { node } = fakeNode([[0n, 0n]], { refuse: 'insufficient funds' })
  const keeper = createKeeper(node, { deployment, gas: 9_000n })
  await keeper.send()
  await expect(keeper.sendAgain(keeper.hashes())).rejects.toThrow('insufficient funds')
})

test('behavior: with patience, queues that others still fill are no fault', async () => {
  const filled = Array.from({ length: 12 }, (_, i) => [4n + BigInt(i), 0n] as const)
  const { node, sent, seal } = fakeNode([...filled, [0n, 0n]])
  const keeper = createKeeper(node, { deployment, gas: 9_000n, patienceMs: 60_000 })
  await keeper.finish(seal)
  expect(sent.length).toBe(12)
})

test('error: patience that is used up', async () => {
  const { node, seal } = fakeNode([[4n, 4n]])
  const keeper = createKeeper(node, { deployment, gas: 9_000n, patienceMs: -1 })
  await expect(keeper.finish(seal)).rejects.toThrow(
    'settle() does not get further: 8 orders are left in the queues after 1 calls.',
  )
})
