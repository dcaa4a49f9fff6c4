import { describe, expect, test } from 'vitest'
import type { BlockSchedule, TxReceipt } from '../core/types.js'
import { parallelMetrics } from './parallel.js'

const receipt = (blockNumber: number, index: number, gasUsed: bigint): TxReceipt => ({
  ...{ hash: `0x${blockNumber}${index}`, blockNumber, index, ok: true, gasUsed },
})
const block = (over: Partial<BlockSchedule>): BlockSchedule => ({
  ...{
    block: 7,
    generations: [],
    aborted: [],
    conflicts: [],
    jobs: [],
    sampled: [],
    analysisMs: 1,
  },
  ...over,
})

describe('parallelMetrics', () => {
  /*
   * Block 7: four transactions of 100 beside each other, then a deferred one of 300 with jobs of 120 and 80 in it (100 of its own).
   * Block 8: a sequence of 50 and 70 beside a single one of 60.
   * Total 400 + 300 + 180 = 880. Critical path 100 + (100 + 120) + 120 = 440.
   * Two threads: 200, then 100 + 120, then 120: 540. One thread: 880.
   */
  const metrics = parallelMetrics({
    schedules: [
      block({
        generations: [
          { isDeferred: false, sequences: [[0], [1], [2], [3]] },
          { isDeferred: true, sequences: [[5]] },
        ],
        jobs: [{ transaction: 5, gas: [120, 80] }],
      }),
      block({ block: 8, generations: [{ isDeferred: false, sequences: [[0, 1], [2]] }] }),
      block({ block: 9 }),
    ],
    receipts: [
      ...[0, 1, 2, 3].map((index) => receipt(7, index, 100n)),
      receipt(7, 5, 300n),
      receipt(8, 0, 50n),
      receipt(8, 1, 70n),
    ],
    settlements: [receipt(8, 2, 60n)],
  })

  test('counts generations over blocks with transactions', () => {
    expect(metrics).toMatchObject({
      ...{ generations: 3, generationsPerBlock: 1.5, largestGeneration: 4 },
      ...{ totalGas: 880, criticalPathGas: 440 },
    })
  })

  test('models speed-up by number of threads', () => {
    expect(metrics?.modelledSpeedup).toEqual({
      ...{ 1: 1, 2: 880 / 540, 4: 2, 8: 2, 16: 2, 32: 2 },
    })
  })

  test('knows nothing where the node told nothing', () => {
    expect(parallelMetrics({ schedules: undefined, receipts: [], settlements: [] })).toBe(null)
  })
})
