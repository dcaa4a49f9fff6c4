import { describe, expect, test } from 'vitest'
import { getLogs } from './logs.js'
import { type Rpc, RpcRefusedError } from './rpc.js'

/** A node with one log a block that refuses ranges of more than `most` blocks. */
function fakeNode(most: number) {
  const ranges: string[] = []
  const rpc: Rpc = {
    url: 'http://fake',
    call: async (method, params = []) => {
      const { fromBlock, toBlock, address } = params[0] as Record<string, string>
      const [from, to] = [Number(fromBlock), Number(toBlock)]
      ranges.push(`${from}-${to}`)
      expect([method, address]).toEqual(['eth_getLogs', ['0xaa']])
      if (to - from + 1 > most)
        throw new RpcRefusedError({ method, code: -32005, message: 'range too large' })
      return Array.from({ length: to - from + 1 }, (_, i) => ({ blockNumber: from + i }))
    },
    batch: () => Promise.reject(new Error('not used')),
    post: () => Promise.reject(new Error('not used')),
    close: () => Promise.resolve(),
  }
  return { rpc, ranges }
}

describe('getLogs', () => {
  const addresses = ['0xaa'] as const

  test('default: one call', async () => {
    const { rpc, ranges } = fakeNode(100)
    expect(await getLogs(rpc, { fromBlock: 10, toBlock: 19, addresses })).toHaveLength(10)
    expect(ranges).toEqual(['10-19'])
  })

  test('behavior: a range that is refused is halved until it is taken, and nothing is missing or doubled', async () => {
    const { rpc, ranges } = fakeNode(3)
    const logs = await getLogs(rpc, { fromBlock: 10, toBlock: 20, addresses })
    expect(logs).toEqual(Array.from({ length: 11 }, (_, i) => ({ blockNumber: 10 + i })))
    expect(ranges).toEqual(['10-20', '10-15', '10-12', '13-15', '16-20', '16-18', '19-20'])
  })

  test('behavior: no blocks, no call', async () => {
    const { rpc, ranges } = fakeNode(3)
    expect(await getLogs(rpc, { fromBlock: 5, toBlock: 4, addresses })).toEqual([])
    expect(ranges).toEqual([])
  })

  test('error: a single block that is refused', async () => {
    const { rpc } = fakeNode(0)
    await expect(getLogs(rpc, { fromBlock: 1, toBlock: 2, addresses })).rejects.toThrow(
      'range too large',
    )
  })
})
