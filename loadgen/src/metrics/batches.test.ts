import { expect, test } from 'vitest'
import type { ChainEvent, Hex } from '../core/types.js'
import { matchBatches } from './batches.js'

type Place = { block: number; log: number; tx: Hex; market?: number }

function cleared({ block, log, tx, market = 0 }: Place, orders: bigint): ChainEvent {
  const amounts = { longs: 1n, shorts: 1n, netted: 1n, pooled: 0n, poolQuote: 0n }
  return {
    type: 'BatchCleared',
    blockNumber: block,
    logIndex: log,
    transactionHash: tx,
    market,
    midPrice: BigInt(block),
    sqrtPriceX96: 1n,
    orders,
    ...amounts,
  }
}

function ended({ block, log, tx, market = 0 }: Place): ChainEvent {
  return {
    type: 'OrderRejected',
    blockNumber: block,
    logIndex: log,
    transactionHash: tx,
    market,
    orderId: `0x${block}${log}`,
    trader: '0x',
    reason: 'Expired',
  }
}

/** Block of the batch of each end, in chain order. */
function matched(events: ChainEvent[]): (number | undefined)[] {
  return [...matchBatches(events)]
    .sort(([a], [b]) => a.blockNumber - b.blockNumber || a.logIndex - b.logIndex)
    .map(([, batch]) => batch?.blockNumber)
}

test('default: the batch of the same transaction and market, before it or after it', () => {
  const events = [
    ended({ block: 1, log: 0, tx: '0xa' }),
    cleared({ block: 1, log: 1, tx: '0xa' }, 2n),
    ended({ block: 1, log: 2, tx: '0xa' }),
    ended({ block: 1, log: 3, tx: '0xa', market: 1 }),
    cleared({ block: 2, log: 0, tx: '0xb', market: 1 }, 1n),
    cleared({ block: 2, log: 1, tx: '0xb' }, 1n),
    ended({ block: 2, log: 2, tx: '0xb' }),
  ]
  expect(matched(events)).toEqual([1, 1, 2, 2])
})

test('behavior: later chunks belong to the nearest batch before them that lacks orders', () => {
  const events = [
    cleared({ block: 1, log: 0, tx: '0xa' }, 9n),
    cleared({ block: 2, log: 0, tx: '0xb' }, 3n),
    ended({ block: 2, log: 1, tx: '0xb' }),
    ended({ block: 3, log: 0, tx: '0xc' }),
    ended({ block: 4, log: 0, tx: '0xd' }),
    ended({ block: 5, log: 0, tx: '0xe' }),
    cleared({ block: 6, log: 0, tx: '0xf' }, 9n),
  ]
  expect(matched(events)).toEqual([2, 2, 2, 1])
})

test('behavior: earlier chunks belong to the batch that is announced after them', () => {
  const events = [
    cleared({ block: 1, log: 0, tx: '0xa' }, 1n),
    ended({ block: 1, log: 1, tx: '0xa' }),
    ended({ block: 2, log: 0, tx: '0xb' }),
    cleared({ block: 3, log: 0, tx: '0xc' }, 2n),
    ended({ block: 3, log: 1, tx: '0xc' }),
  ]
  expect(matched(events)).toEqual([1, 3, 3])
})

test('args: an end without a batch', () => {
  expect(matched([ended({ block: 1, log: 0, tx: '0xa' })])).toEqual([undefined])
})
