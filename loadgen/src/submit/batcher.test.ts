import { describe, expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import type { SignedTx } from '../core/types.js'
import { createRequests } from './batcher.js'

/** Signed transactions from pairs of plan batch and trader. */
function signed(pairs: readonly (readonly [batch: number, trader: number])[]): SignedTx[] {
  const nonces = new Map<number, number>()
  return pairs.map(([batch, trader], intent) => {
    const nonce = nonces.get(trader) ?? 0
    nonces.set(trader, nonce + 1)
    return { intent, batch, trader, nonce, hash: `0x${intent}`, raw: '0x' }
  })
}

describe('createRequests', () => {
  test('default: requests of one plan batch each, filled in order', () => {
    const txs = signed([
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 4],
      [1, 5],
    ])
    expect(createRequests(txs, { size: 2 })).toEqual([
      { batch: 0, positions: [0, 1], after: [] },
      { batch: 0, positions: [2], after: [] },
      { batch: 1, positions: [3, 4], after: [] },
    ])
  })

  test('behavior: the transactions of a sender stand together in one request', () => {
    const txs = signed([
      [0, 1],
      [0, 2],
      [0, 3],
      [0, 1],
      [0, 2],
    ])
    expect(createRequests(txs, { size: 3 })).toEqual([
      { batch: 0, positions: [0, 3], after: [] },
      { batch: 0, positions: [1, 4, 2], after: [] },
    ])
  })

  test('behavior: a sender with more than fits is cut, and each piece waits for the one before', () => {
    const txs = signed([
      [0, 7],
      [0, 7],
      [0, 7],
      [0, 7],
      [0, 7],
    ])
    expect(createRequests(txs, { size: 2 })).toEqual([
      { batch: 0, positions: [0, 1], after: [] },
      { batch: 0, positions: [2, 3], after: [0] },
      { batch: 0, positions: [4], after: [1] },
    ])
  })

  test('behavior: a request waits for those of earlier plan batches with the same senders, and only for those', () => {
    const txs = signed([
      [0, 1],
      [0, 2],
      [0, 3],
      [3, 3],
      [3, 4],
      [5, 1],
    ])
    expect(createRequests(txs, { size: 2 }).map(({ after }) => after)).toEqual([[], [], [1], [0]])
  })

  test('behavior: for random plans, every transaction once, senders in order, requests within their size', () => {
    const rng = createRng('batcher', 'plans')
    for (let round = 0; round < 50; round++) {
      let batch = 0
      const txs = signed(
        Array.from({ length: rng.int(200) }, () => {
          if (rng.int(20) === 0) batch++
          return [batch, rng.int(1 + rng.int(40))] as const
        }),
      )
      const size = 1 + rng.int(12)
      const requests = createRequests(txs, { size })
      expect(requests.flatMap(({ positions }) => positions).sort((a, b) => a - b)).toEqual(
        txs.map((_, i) => i),
      )
      /** For each trader: the request and nonce of its last transaction. */
      const last = new Map<number, { request: number; nonce: number }>()
      for (const [index, request] of requests.entries()) {
        expect(request.positions.length).toBeLessThanOrEqual(size)
        for (const position of request.positions) {
          const tx = txs[position] as SignedTx
          const before = last.get(tx.trader)
          expect(tx.batch).toBe(request.batch)
          expect(tx.nonce).toBe(before === undefined ? 0 : before.nonce + 1)
          if (before !== undefined && before.request !== index)
            expect(request.after).toContain(before.request)
          last.set(tx.trader, { request: index, nonce: tx.nonce })
        }
      }
    }
  })

  test('error: plan batches out of order', () => {
    const txs = signed([
      [1, 1],
      [0, 2],
    ])
    expect(() => createRequests(txs, { size: 2 })).toThrow(
      'Transaction 1 belongs to plan batch 0 but follows one of batch 1.',
    )
  })
})
