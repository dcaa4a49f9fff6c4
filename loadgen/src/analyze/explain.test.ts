import { type Hex, keccak256, toHex } from 'viem'
import { expect, test } from 'vitest'
import type { CalleeConflict } from '../core/types.js'
import { explain, type Knowledge } from './explain.js'
import { keyCandidates } from './keys.js'

const TOKEN = '0x0000000000000000000000000000000000000070'
const STRANGER = '0x0000000000000000000000000000000000000099'
const ALICE = '0x00000000000000000000000000000000000a11ce'
const TRANSFER = '0xa9059cbb'

const names: Record<Hex, string> = { [TOKEN]: 'Token', [ALICE]: '$account:0' }
const nameOf = (address: Hex) => names[address] ?? address
const known: Knowledge = {
  nameOf,
  contractOf: (address) => (address === TOKEN ? 'Token' : undefined),
  functionOf: (_, selector) => (selector === TRANSFER ? 'transfer(address,uint256)' : undefined),
  layoutOf: (address) =>
    address === TOKEN
      ? {
          storage: [{ label: 'supply', slot: '2', type: 't_uint256' }],
          types: { t_uint256: { encoding: 'inplace', label: 'uint256', numberOfBytes: '32' } },
        }
      : undefined,
  candidates: () =>
    keyCandidates({
      addresses: [ALICE],
      args: [{ parameter: { type: 'bytes' }, value: '0xabcd' }],
      nameOf,
    }),
}

const CONFLICT: CalleeConflict = {
  winner: `${TOKEN}:${TRANSFER}`,
  loser: `${TOKEN}:0x12345678`,
  aborted: 3,
  owner: TOKEN,
  space: 'slot',
  key: toHex(2n, { size: 32 }),
  winnerKind: 'plainWrite',
  loserKind: 'plainWrite',
  example: { winner: '0x01', loser: '0x02' },
}

test('default', () => {
  expect(explain(CONFLICT, known)).toEqual({
    winner: 'Token.transfer(address,uint256)',
    loser: 'Token.0x12345678',
    aborted: 3,
    where: {
      space: 'slot',
      address: TOKEN,
      contract: 'Token',
      key: CONFLICT.key,
      variable: 'supply',
    },
    place: 'Token.supply',
    sentence: expect.stringMatching(
      /^transfer\(address,uint256\) of Token writes Token\.supply, which 0x12345678 of Token writes too\.$/,
    ),
    advice: expect.stringContaining('U256Cumulative'),
  })
})

const PLACES: readonly [place: string, conflict: Partial<CalleeConflict>][] = [
  ['Token, slot 0x7', { key: toHex(7n, { size: 32 }) }],
  [`${STRANGER}, slot 0x2`, { owner: STRANGER }],
  ['the container of Token', { space: 'container', key: '' }],
  ['the container of Token, key 0xabcd', { space: 'container', key: hash('0xabcd') }],
  ['the container of Token, key $account:0', { space: 'container', key: hash(ALICE) }],
  ['the container of Token, key 5', { space: 'container', key: hash(toHex(5n, { size: 32 })) }],
  [
    'the container of Token, key with hash 0x010203040506070809…',
    { space: 'container', key: '0x010203040506070809' },
  ],
  ['the cumulative of Token', { space: 'cumulative', key: '' }],
  ['the ether balance of $account:0', { space: 'balance', owner: ALICE, key: '' }],
  ['the code of Token', { space: 'code', key: '' }],
]

test.each(PLACES)('%s', (place, conflict) => {
  expect(explain({ ...CONFLICT, ...conflict }, known).place).toBe(place)
})

test('behavior: a sentence names the key of an element', () => {
  const conflict = { ...CONFLICT, space: 'container', key: hash('0xabcd') } as const
  const updates = { winnerKind: 'update', loserKind: 'update' }
  expect(explain({ ...conflict, ...updates }, known).sentence).toContain(
    'updates the element with key 0xabcd of the container of Token',
  )
})

test('behavior: transfers and creations, which have no callee', () => {
  const conflict: CalleeConflict = {
    ...CONFLICT,
    ...{ winner: 'transfer', space: 'balance', key: '', winnerKind: 'delta', loserKind: 'read' },
  }
  expect(explain(conflict, known)).toMatchObject({
    winner: 'transfer',
    sentence: expect.stringMatching(
      /^a call .+ the balance of Token, which 0x12345678 of Token reads\.$/,
    ),
  })
})

/** As much of a key's hash as the node tells. */
function hash(key: Hex): Hex {
  return keccak256(key).slice(0, 20) as Hex
}
