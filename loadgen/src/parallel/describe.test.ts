import { expect, test } from 'vitest'
import { describeConflict } from './describe.js'

const A = '0x00000000000000000000000000000000000000aa'
const HOUSE = '0x00000000000000000000000000000000000000cc'
const slot: describeConflict.Conflict = {
  winner: `${HOUSE}:0x11111111`,
  loser: `${HOUSE}:0x22222222`,
  owner: A,
  space: 'slot',
  key: '0x05',
  winnerKind: 'plainWrite',
  loserKind: 'plainRead',
}
const container = { ...slot, space: 'container', key: '0xabcdef' } as const

test('default: says who writes what and who reads it', () => {
  expect(describeConflict(slot)).toBe(
    `0x11111111 of ${HOUSE} writes slot 0x05 of ${A}, which 0x22222222 of ${HOUSE} reads.`,
  )
})

test('args: names, each may be missing', () => {
  const names = {
    call: (selector: string, address: string) =>
      selector === '0x11111111' && address === HOUSE ? 'openPosition' : undefined,
    account: (address: string) => (address === HOUSE ? 'House' : undefined),
  }
  expect(describeConflict(slot, names)).toBe(
    `openPosition of House writes slot 0x05 of ${A}, which 0x22222222 of House reads.`,
  )
})

test('behavior: two calls of one function', () => {
  const conflict = { ...slot, loser: slot.winner, loserKind: 'plainWrite' }
  expect(describeConflict(conflict)).toBe(
    `0x11111111 of ${HOUSE} writes slot 0x05 of ${A}, which another such call writes too.`,
  )
})

test('behavior: a transfer, a creation, and the state of an account', () => {
  const transfer = {
    ...slot,
    winner: `${A}:`,
    winnerKind: 'delta',
    loserKind: 'read',
    key: '',
  } as const
  expect(describeConflict({ ...transfer, space: 'balance' })).toBe(
    `a call to ${A} adds to or takes from the balance of ${A}, which 0x22222222 of ${HOUSE} reads.`,
  )
  expect(describeConflict({ ...transfer, space: 'cumulative' })).toContain('the cumulative of')
  const creation = { ...transfer, winner: '', space: 'code', winnerKind: 'plainWrite' } as const
  expect(describeConflict({ ...creation, loserKind: 'plainRead' })).toBe(
    `a call writes the code of ${A}, which 0x22222222 of ${HOUSE} reads.`,
  )
})

test.each([
  [
    'append',
    'append',
    'appends the element with key hash 0xabcdef of the container of O, which B appends too.',
  ],
  [
    'update',
    'read',
    'updates the element with key hash 0xabcdef of the container of O, which B reads.',
  ],
  [
    'delta',
    'read',
    'adds to or takes from the element with key hash 0xabcdef of the container of O, which B reads.',
  ],
  [
    'append',
    'readStructure',
    'appends the element with key hash 0xabcdef of the container of O, and B reads its length.',
  ],
  ['readStructure', 'append', 'reads the length of the container of O, and B appends to it.'],
  ['readCommitted', 'delete', 'reads by index the container of O, and B deletes an element of it.'],
  [
    'update',
    'readCommitted',
    'updates the element with key hash 0xabcdef of the container of O, and B reads it by index.',
  ],
  ['clear', 'clear', 'clears the container of O, and B clears it too.'],
  [
    'delete',
    'clear',
    'deletes the element with key hash 0xabcdef of the container of O, and B clears it.',
  ],
])('behavior: containers, %s against %s', (winnerKind, loserKind, expected) => {
  const names = { account: (address: string) => (address === A ? 'O' : 'H') }
  const sentence = describeConflict({ ...container, winnerKind, loserKind }, names)
  expect(sentence.replace('0x22222222 of H', 'B')).toBe(`0x11111111 of H ${expected}`)
})

test('behavior: an element whose key is not given', () => {
  const conflict = {
    ...container,
    key: '',
    winnerKind: 'update',
    loserKind: 'readCommitted',
  } as const
  expect(describeConflict(conflict)).toContain(`updates an element of the container of ${A}, and`)
})

test('error: a kind of access that is none', () => {
  expect(() => describeConflict({ ...slot, loserKind: 'peek' })).toThrow(
    '"peek" is no kind of access; those are plainRead, plainWrite,',
  )
})
