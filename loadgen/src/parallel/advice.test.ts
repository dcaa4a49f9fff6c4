import { expect, test } from 'vitest'
import type { Space } from './access.js'
import { advise } from './advice.js'

const HASHED = '0x290decd9548b62a8d60345a988386fc84ba6bc95484008f6362f93160ef3e563'

const cases: readonly [Space, string, string, string, string][] = [
  // A counter, an array's length, a lock.
  ['slot', '0x05', 'plainWrite', 'plainWrite', 'U256Cumulative'],
  ['slot', '0x05', 'plainWrite', 'plainWrite', 'Runtime.uuid()'],
  ['slot', '0x05', 'plainWrite', 'plainWrite', 'one lock per caller'],
  // A common account of a plain ERC-20.
  ['slot', HASHED, 'plainWrite', 'plainWrite', 'ParallelERC20'],
  ['slot', HASHED, 'plainRead', 'plainWrite', 'moves into the deferred call'],
  ['slot', '0x05', 'plainWrite', 'plainRead', 'Split it out'],
  ['balance', '', 'delta', 'read', 'U256Cumulative'],
  ['code', '', 'plainWrite', 'plainRead', 'earlier block'],
  ['cumulative', '', 'read', 'delta', 'rely on its bounds'],
  ['container', '', 'append', 'readStructure', 'committedLength()'],
  ['container', '', 'readStructure', 'delete', 'committedLength()'],
  ['container', '', 'readStructure', 'clear', 'Clearing'],
  ['container', '', 'readCommitted', 'update', 'Read by key'],
  ['container', '0xab', 'delta', 'read', 'rely on its bounds'],
  ['container', '0xab', 'update', 'read', 'Key elements by caller'],
  ['container', '0xab', 'append', 'append', 'Runtime.uuid()'],
  ['container', '0xab', 'append', 'update', 'Runtime.uuid()'],
  ['container', '0xab', 'update', 'update', 'HashU256Map'],
  ['container', '0xab', 'append', 'delete', 'change the same element'],
]

test.each(cases)('default: %s %s, %s against %s', (space, key, winnerKind, loserKind, expected) => {
  const advice = advise({ space, key: key as '0x', winnerKind, loserKind })
  expect(advice).toContain(expected)
  expect(advise({ space, key: key as '0x', winnerKind: loserKind, loserKind: winnerKind })).toBe(
    advice,
  )
})

test('error: a kind of access that is none', () => {
  expect(() => advise({ space: 'code', key: '', winnerKind: '', loserKind: 'read' })).toThrow(
    '"" is no kind of access',
  )
})
