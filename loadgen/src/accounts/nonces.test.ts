import { describe, expect, test } from 'vitest'
import type { Rpc, RpcCall } from '../chain/rpc.js'
import type { Hex } from '../core/types.js'
import { getNonces, healNonces } from './nonces.js'

const alice: Hex = '0xa1'
const bob: Hex = '0xb0'

/** A chain by hand: nonces used up in blocks, transactions in the pool (by sender and nonce), and hashes that are known. */
function chain(state: {
  included: Record<Hex, number>
  pooled?: Record<Hex, number[]>
  known?: Hex[]
}): Pick<Rpc, 'batch'> {
  const { included, pooled = {}, known = [] } = state
  function answer({ method, params }: RpcCall) {
    const [first, block] = params as [Hex, string]
    if (method === 'eth_getTransactionByHash')
      return { result: known.includes(first) ? { hash: first } : null }
    let nonce = included[first] ?? 0
    while (block === 'pending' && pooled[first]?.includes(nonce)) nonce++
    return { result: `0x${nonce.toString(16)}` }
  }
  return {
    batch: async (calls) => calls.map(answer),
  }
}

const tx = (sender: Hex, nonce: number, hash: Hex = `0x${nonce}`) => ({ sender, nonce, hash })

describe('getNonces', () => {
  test('default: counts what waits in the pool', async () => {
    const rpc = chain({ included: { [alice]: 5, [bob]: 0 }, pooled: { [alice]: [5, 6, 8] } })
    expect(await getNonces(rpc, [bob, alice])).toEqual([0, 7])
  })

  test('args: latest', async () => {
    const rpc = chain({ included: { [alice]: 5 }, pooled: { [alice]: [5] } })
    expect(await getNonces(rpc, [alice], 'latest')).toEqual([5])
  })

  test('behavior: more accounts than fit one request', async () => {
    const addresses = Array.from({ length: 1_234 }, (_, i): Hex => `0x${i}`)
    const included = Object.fromEntries(addresses.map((address, i) => [address, i]))
    expect(await getNonces(chain({ included }), addresses)).toEqual(addresses.map((_, i) => i))
  })

  test('error: a node that does not tell', async () => {
    const rpc = {
      batch: async () => [{ error: { code: -32000, message: 'not today' } }],
    }
    await expect(getNonces(rpc, [alice])).rejects.toThrow('not today')
  })
})

describe('healNonces', () => {
  test('default: known ones are taken, those whose turn may come are sendable', async () => {
    const rpc = chain({ included: { [alice]: 5 }, known: ['0x4', '0x6'] })
    expect(await healNonces(rpc, [tx(alice, 4), tx(alice, 5), tx(alice, 6), tx(alice, 9)])).toEqual(
      {
        taken: [tx(alice, 4), tx(alice, 6)],
        sendable: [tx(alice, 5), tx(alice, 9)],
        dead: [],
      },
    )
  })

  test('behavior: the nonce of a deferred sender jumped: what was signed for the lost nonces gets new ones, at the end', async () => {
    // 5 was the deferred transaction; two jobs took 6 and 7. 8 was signed beforehand and is still good.
    const rpc = chain({ included: { [alice]: 8 }, known: ['0x5'] })
    const healing = await healNonces(
      rpc,
      [5, 6, 7, 8].map((nonce) => tx(alice, nonce)),
    )
    expect(healing.taken).toEqual([tx(alice, 5)])
    expect(healing.sendable).toEqual([tx(alice, 8)])
    expect(healing.dead).toEqual([
      { ...tx(alice, 6), nextNonce: 9 },
      { ...tx(alice, 7), nextNonce: 10 },
    ])
  })

  test('behavior: new nonces are those of nothing that was sent, is pooled or sendable', async () => {
    const rpc = chain({ included: { [alice]: 8, [bob]: 3 }, pooled: { [alice]: [8, 9] } })
    const healing = await healNonces(rpc, [tx(bob, 2), tx(alice, 7), tx(alice, 6), tx(bob, 12)], {
      sent: new Map([[alice, 20]]),
    })
    expect(healing.sendable).toEqual([tx(bob, 12)])
    expect(healing.dead).toEqual([
      { ...tx(bob, 2), nextNonce: 13 },
      { ...tx(alice, 6), nextNonce: 21 },
      { ...tx(alice, 7), nextNonce: 22 },
    ])
  })

  test('behavior: another transaction in the pool with the same nonce is no proof: it may never be included', async () => {
    const rpc = chain({ included: { [alice]: 5 }, pooled: { [alice]: [5] } })
    const healing = await healNonces(rpc, [tx(alice, 5)])
    expect(healing.sendable).toEqual([tx(alice, 5)])
    expect(healing.dead).toEqual([])
  })

  test('behavior: one that is included while the node is being asked is taken, not signed again', async () => {
    const state = { included: { [alice]: 5 }, known: [] as Hex[] }
    const node = chain(state)
    const healing = await healNonces(
      {
        async batch(calls) {
          const answers = await node.batch(calls)
          // The block comes after the first question.
          state.included[alice] = 6
          state.known.push('0x5')
          return answers
        },
      },
      [tx(alice, 5)],
    )
    expect(healing.taken).toEqual([tx(alice, 5)])
    expect(healing.dead).toEqual([])
  })

  test('behavior: nothing in doubt', async () => {
    expect(await healNonces(chain({ included: {} }), [])).toEqual({
      taken: [],
      sendable: [],
      dead: [],
    })
  })
})
