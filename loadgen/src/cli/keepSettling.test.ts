import { encodeFunctionResult, type Hex } from 'viem'
import { expect, test } from 'vitest'
import { artifacts } from '../chain/abi.generated.js'
import type { Rpc, RpcCall } from '../chain/rpc.js'
import type { Clock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { Node } from '../run/node.js'
import type { House } from './house.js'
import { keepSettling, type Settlement } from './keepSettling.js'

const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const house: House = {
  house: address('a'),
  engine: address('f'),
  markets: [
    {
      pool: address('2'),
      baseToken: address('3'),
      quoteToken: address('4'),
      tracker: address('5'),
    },
  ],
}

/**
 * A node whose queue holds what `queue` says, one entry a look, the last one lasting; `failures` are the looks at which it does
 * not answer.
 */
function fakeNode(queue: readonly bigint[], failures: ReadonlySet<number> = new Set()) {
  const sent: Hex[] = []
  let looks = 0
  const answer = ({ method, params }: RpcCall): unknown => {
    if (method === 'eth_blockNumber') return '0x1'
    if (method === 'eth_getTransactionCount') return `0x${sent.length.toString(16)}`
    if (method === 'eth_sendRawTransaction') return sent.push(params[0] as Hex)
    if (method === 'eth_getTransactionReceipt')
      return { blockNumber: '0x7', gasUsed: '0x5208', status: '0x1', logs: [] }
    const look = looks++
    if (failures.has(look)) throw new NodeError('The node does not answer.')
    const waiting = queue[Math.min(look, queue.length - 1)] as bigint
    return encodeFunctionResult({
      abi: artifacts.PerpNettingEngine.abi,
      functionName: 'pendingOf',
      result: [waiting, 0n, 0n],
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
    ...{ rpc, chainId: 118, client: 'fake', isEmulated: false, isStrict: false, gasPrice: 3n },
    ...{ makesBlocks: false, privateKey: `0x${'1'.repeat(64)}` },
  }
  return { node, sent }
}

/** Keeps settling; with `stopAfter` sleeps it is told to stop. */
async function keep(node: Node, { once = true, stopAfter = Number.POSITIVE_INFINITY } = {}) {
  const settlements: Settlement[] = []
  const failures: string[] = []
  const stopping = new AbortController()
  let sleeps = 0
  const clock: Clock = {
    now: () => 0,
    sleep: async () => {
      if (++sleeps >= stopAfter) stopping.abort()
    },
  }
  await keepSettling(node, {
    ...{ house, once, clock, pollMs: 50, timeoutMs: 1_000, signal: stopping.signal },
    onSettlement: (settlement) => settlements.push(settlement),
    onFailure: ({ message }) => failures.push(message),
  })
  return { settlements, failures, sleeps }
}

test('default: settle() until nothing waits', async () => {
  // A look before and one after each call.
  const { node, sent } = fakeNode([5n, 2n, 2n, 0n, 0n])
  const { settlements } = await keep(node)
  expect(sent.length).toBe(2)
  expect(settlements.map(({ left, block, gasUsed }) => [left, block, gasUsed])).toEqual([
    [2n, 7, 21_000n],
    [0n, 7, 21_000n],
  ])
})

test('behavior: nothing is sent while nothing waits, and a stop ends the wait', async () => {
  const { node, sent } = fakeNode([0n])
  expect(await keep(node, { once: false, stopAfter: 3 })).toMatchObject({ sleeps: 3 })
  expect(sent).toEqual([])
})

test('behavior: a node that fails for a while is asked again', async () => {
  const { node, sent } = fakeNode([0n, 0n, 4n, 0n, 0n], new Set([0, 1]))
  const { failures, settlements } = await keep(node, { once: false, stopAfter: 3 })
  expect(failures).toEqual(['The node does not answer.', 'The node does not answer.'])
  expect([sent.length, settlements.length]).toEqual([1, 1])
})

test('error: with once, a node that fails', async () => {
  const { node } = fakeNode([0n], new Set([0]))
  await expect(keep(node)).rejects.toThrow('The node does not answer.')
})

test.each([true, false])(
  'error: three calls in a row that change nothing (once: %s)',
  async (once) => {
    const { node, sent } = fakeNode([4n])
    await expect(keep(node, { once })).rejects.toMatchObject({
      exitCode: 4,
      message: 'settle() does not get further: 4 orders are left in the queues after 3 calls.',
    })
    expect(sent.length).toBe(3)
  },
)

test('behavior: a queue that changes without it is no standstill: another keeper is at work', async () => {
  const { node, sent } = fakeNode([9n, 8n, 8n, 7n, 7n, 6n, 6n, 5n, 5n, 0n, 0n])
  await keep(node)
  expect(sent.length).toBe(5)
})
