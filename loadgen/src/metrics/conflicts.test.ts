import { describe, expect, test } from 'vitest'
import type { BlockSchedule, CalleeConflict, Deployment, Hex } from '../core/types.js'
import { abortedPositions, conflictMetrics } from './conflicts.js'

const address = (digit: string): Hex => `0x${digit.repeat(40)}`
const market = {
  ...{ pool: address('A'), baseToken: address('b') },
  ...{ quoteToken: address('c'), tracker: address('d') },
}
const deployment = {
  ...{ house: address('1'), vault: address('2'), collateralToken: address('3') },
  ...{ registry: address('4'), router: address('5'), engine: address('6'), netting: address('7') },
  markets: [market],
} as unknown as Deployment

const conflict = (over: Partial<CalleeConflict>): CalleeConflict => ({
  ...{ winner: 'openPosition', loser: 'closePosition', aborted: 1, owner: address('a') },
  ...{ space: 'slot', key: '0x00', winnerKind: 'plainWrite', loserKind: 'plainRead' },
  example: { winner: '0x01', loser: '0x02' },
  ...over,
})

const schedule = (block: number, over: Partial<BlockSchedule>): BlockSchedule => ({
  ...{ block, generations: [], aborted: [], conflicts: [], jobs: [], sampled: [], analysisMs: 1 },
  ...over,
})

describe('conflictMetrics', () => {
  test('adds up what two functions fought over, the most costly first', () => {
    const schedules = [
      schedule(7, { aborted: [1, 2, 5], conflicts: [conflict({ aborted: 3 })] }),
      schedule(8, {
        aborted: [0, 1, 2, 3, 4, 9],
        conflicts: [conflict({ aborted: 1 }), conflict({ key: '0x01', aborted: 5 })],
      }),
    ]
    const metrics = conflictMetrics({ schedules, deployment })
    expect(metrics?.aborted).toBe(9)
    expect(metrics?.pairs.map(({ key, aborted, blocks }) => [key, aborted, blocks])).toEqual([
      ['0x01', 5, 1],
      ['0x00', 4, 2],
    ])
    expect(metrics?.pairs[0]).not.toHaveProperty('example')
  })

  test('names the contracts of the deployment, and no others', () => {
    const owners = [address('a'), address('2'), address('d'), address('9')]
    const schedules = [schedule(1, { conflicts: owners.map((owner) => conflict({ owner })) })]
    expect(
      conflictMetrics({ schedules, deployment })?.pairs.map(({ ownerName }) => ownerName),
    ).toEqual(['pool of market 0', 'vault', 'tracker of market 0', address('9')])
  })

  test('names what bounds the risk', () => {
    const risky = {
      ...deployment,
      ...{ risk: address('e1'), admission: address('e2') },
      markets: [{ ...market, feed: address('e3') }],
    } as Deployment
    const owners = [address('e1'), address('e2'), address('e3')]
    const schedules = [schedule(1, { conflicts: owners.map((owner) => conflict({ owner })) })]
    expect(
      conflictMetrics({ schedules, deployment: risky })?.pairs.map(({ ownerName }) => ownerName),
    ).toEqual(['risk registry', 'admission', 'price feed of market 0'])
  })

  test('names twenty pairs at most', () => {
    const conflicts = Array.from({ length: 25 }, (_, i) => conflict({ key: `0x${i}`, aborted: i }))
    const pairs = conflictMetrics({ schedules: [schedule(1, { conflicts })], deployment })?.pairs
    expect(pairs).toHaveLength(20)
    expect(pairs?.[0]?.aborted).toBe(24)
  })

  test('knows nothing where the node told nothing', () => {
    expect(conflictMetrics({ schedules: undefined, deployment })).toBe(null)
    expect(conflictMetrics({ schedules: [], deployment })).toEqual({ aborted: 0, pairs: [] })
  })
})

test('abortedPositions: by block and index', () => {
  const positions = abortedPositions([
    schedule(7, { aborted: [1] }),
    schedule(8, { aborted: [0, 12] }),
  ])
  expect([...positions]).toEqual(['7:1', '8:0', '8:12'])
  expect(abortedPositions(undefined).size).toBe(0)
})
