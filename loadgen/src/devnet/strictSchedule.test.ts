import { expect, test } from 'vitest'
import type { Access } from '../parallel/access.js'
import type { WaitingCall } from './strictPool.js'
import { describeBlock } from './strictSchedule.js'

const call = (id: number, fields: Partial<WaitingCall> = {}): WaitingCall => ({
  ...{ id, callee: 'a:1', from: `0x${id}`, nonce: 0, to: '0xaa', data: '0x' },
  ...{ value: 0n, gas: 1n, gasPrice: 1n, isFixed: false },
  entry: { hash: `0x${id}`, raw: '0x', envelope: undefined },
  ...fields,
})
const access = (kind: Access['kind']): Access => ({
  ...{ kind, space: 'slot', owner: '0xbb', key: '0x01' },
})
const conflict = (winner: number, loser: number) => ({
  ...{ winner, loser, winnerAccess: access('plainRead'), loserAccess: access('plainWrite') },
})

test('default: indexes of the block in place of ids; conflicts of the same callees as one', () => {
  const calls = [
    call(0),
    call(1, { callee: 'b:1' }),
    call(2, { callee: 'b:1' }),
    call(3, { callee: undefined }),
    call(4, { callee: undefined, to: undefined }),
    call(5),
  ]
  const described = describeBlock({
    block: 9,
    // 5 was left out by Anvil.
    transactions: ['0x3', '0xsystem', '0x2', '0x1', '0x0', '0x4'],
    calls,
    analysis: {
      generations: [
        { sequences: [[0], [1], [2]], isDeferred: false, flagged: [] },
        { sequences: [[5]], isDeferred: true, flagged: [] },
        { sequences: [[3, 4]], isDeferred: false, flagged: [] },
      ],
      conflicts: [conflict(0, 1), conflict(0, 2), conflict(3, 4)],
      losers: new Set([1, 2, 4]),
      unpaid: new Set(),
      sampled: ['a:1'],
    },
    aborted: new Set([1, 2]),
    jobs: new Map([['0x0', [10, 20]]]),
    analysisMs: 3,
  })
  const piece = { owner: '0xbb', space: 'slot', key: '0x01' }
  const kinds = { winnerKind: 'plainRead', loserKind: 'plainWrite' }
  expect(described).toEqual({
    block: 9,
    generations: [
      { isDeferred: false, sequences: [[4], [3], [2]] },
      { isDeferred: false, sequences: [[0, 5]] },
    ],
    aborted: [2, 3],
    conflicts: [
      {
        ...{ winner: 'a:1', loser: 'b:1', aborted: 2, ...piece, ...kinds },
        example: { winner: '0x0', loser: '0x1' },
      },
      {
        ...{ winner: 'transfer', loser: 'creation', aborted: 0, ...piece, ...kinds },
        example: { winner: '0x3', loser: '0x4' },
      },
    ],
    jobs: [{ transaction: 4, gas: [10, 20] }],
    sampled: ['a:1'],
    analysisMs: 3,
  })
})
