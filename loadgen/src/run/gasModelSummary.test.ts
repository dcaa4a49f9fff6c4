import { expect, test } from 'vitest'
import type { GasKind } from '../core/gasModel.js'
import type { TransactionGroup } from './gasModelGroups.js'
import { type GroupSamples, type SampledTransaction, summarizeGas } from './gasModelSummary.js'

type Sample = { block: number; gas?: number; orders?: number; jobs?: number; pool?: number }

/** Transactions of one kind; those with gas are the samples. 1,000 of the gas is a call of a precompile, 21,000 intrinsic. */
function kind(
  [call, role, status]: [string, GasKind['role'], GasKind['status']],
  transactions: readonly Sample[],
): GroupSamples {
  const all = transactions.map(
    ({ block, gas = 0, orders = 0, jobs = 0, pool = 0 }): SampledTransaction => ({
      ...{ call, role, status, orders },
      receipt: {
        hash: '0x',
        blockNumber: block,
        index: 0,
        ok: status === 'ok',
        gasUsed: 2n * BigInt(gas),
      },
      gas: {
        ...{
          total: gas,
          intrinsic: 21_000,
          evm: gas - 22_000,
          precompiles: 1_000,
          refund: 0,
          ...{ jobs, pool },
        },
        operations: new Map([['pid', { calls: 2, gas: 1_000 }]]),
      },
    }),
  )
  return {
    transactions: all as unknown as TransactionGroup,
    samples: all.filter((_, i) => transactions[i]?.gas !== undefined),
  }
}

const queued = kind(
  ['changePosition', 'queue', 'ok'],
  [{ block: 1, gas: 50_000 }, { block: 1, gas: 52_000 }, { block: 1 }, { block: 2 }],
)

test('default: samples stand for all of their kind', () => {
  const model = summarizeGas(
    [
      queued,
      kind(
        ['changePosition', 'settlement', 'ok'],
        [
          { block: 1, gas: 400_000, orders: 4, pool: 100_000 },
          { block: 2, orders: 2 },
        ],
      ),
      kind(['deposit', 'transfer', 'ok'], [{ block: 1, gas: 40_000 }, { block: 2 }]),
    ],
    { settledOrders: 5 },
  )
  expect(model).toMatchObject({
    queueGas: 204_000, // 4 × 51,000
    settlementGas: 600_000, // 100,000 an order, of 6
    poolGas: 150_000, // 25,000 an order
    swapGas: 0,
    transferGas: 80_000,
    totalGas: 804_000,
    settledOrders: 5,
    perOrder: 160_800,
  })
  expect(model.kinds[0]).toEqual({
    ...{ call: 'changePosition', role: 'queue', status: 'ok' },
    ...{ transactions: 4, sampled: 2, orders: 0 },
    meanGas: 51_000,
    meanReceiptGas: 102_000,
    ...{ totalGas: 204_000, poolGas: 0 },
    parts: { intrinsic: 21_000, evm: 29_000, precompiles: 1_000, refund: 0 },
    operations: [{ name: 'pid', calls: 2, gas: 1_000 }],
  })
})

test('behavior: what lost a conflict used what others of its call do', () => {
  const model = (...groups: GroupSamples[]) => summarizeGas(groups, { settledOrders: 1 })
  const filled = { block: 1, gas: 150_000, orders: 1, pool: 40_000 }
  const swap = kind(['openPosition', 'swap', 'ok'], [filled])
  const aborted = kind(['openPosition', 'swap', 'aborted'], [{ block: 1 }, { block: 1 }])
  expect(model(aborted, swap)).toMatchObject({ swapGas: 450_000, perOrder: 450_000 })
  expect(model(aborted, swap).kinds[0]).toMatchObject({
    ...{ sampled: 0, meanGas: 150_000, totalGas: 300_000, poolGas: 80_000, parts: null },
  })
  // Where none succeeded there is nothing to go by.
  expect(model(aborted)).toMatchObject({ totalGas: 0, kinds: [{ meanGas: null, totalGas: null }] })
})

test('behavior: the deferred gas is shared by all callers of its block, jobs apart', () => {
  const { deferral } = summarizeGas(
    [
      queued,
      kind(
        ['changePosition', 'settlement', 'ok'],
        [
          // Three queue and it defers: four callers.
          { block: 1, gas: 420_000, orders: 4, jobs: 20_000 },
          // One queues: two callers.
          { block: 2, gas: 300_000, orders: 2 },
          // Alone: it pays its own gas and prepaid 500,000.
          { block: 3, gas: 90_000, orders: 1 },
        ],
      ),
      kind(['changePosition', 'queue', 'failed'], [{ block: 1, gas: 30_000 }]),
    ],
    { settledOrders: 7 },
  )
  expect(deferral).toEqual({
    prepaidGas: 500_000,
    blocks: 3,
    typical: {
      ...{ block: 1, callers: 4, orders: 4, deferredGas: 400_000, jobGas: 20_000 },
      share: 100_000,
      charged: 151_000, // 51,000 of its own
      prepaidUse: 0.2, // of 4 × 500,000
    },
    largestPrepaidUse: 0.3, // block 2: 300,000 of 1,000,000
  })
})

test('behavior: a swap request is deferred as an order is', () => {
  const { deferral } = summarizeGas(
    [
      kind(['queueSwapRequest', 'queue', 'ok'], [{ block: 1, gas: 50_000 }]),
      kind(['queueSwapRequest', 'settlement', 'ok'], [{ block: 1, gas: 300_000, orders: 2 }]),
    ],
    { settledOrders: 2 },
  )
  expect(deferral?.typical).toMatchObject({ callers: 2, share: 150_000, charged: 200_000 })
})

test('behavior: without settled orders or deferral there is nothing to divide', () => {
  const swaps = kind(['openPosition', 'swap', 'failed'], [{ block: 1, gas: 30_000 }])
  expect(summarizeGas([swaps], { settledOrders: 0 })).toMatchObject({
    ...{ perOrder: null, deferral: null, totalGas: 30_000 },
  })
  expect(summarizeGas([queued], { settledOrders: 0 }).deferral).toBe(null)
})
