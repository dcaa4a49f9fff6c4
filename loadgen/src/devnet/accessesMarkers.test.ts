import { expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import { isSystem, readMarkers } from './accessesMarkers.js'
import { createPieces } from './accessesPieces.js'
import { readTouched } from './accessesTouched.js'
import type { StateTrace, TracedCall } from './accessesTrace.js'

const CONTAINERS: Hex = '0x0000000000000000000000000000000000000084'
const CUMULATIVES: Hex = '0x0000000000000000000000000000000000000085'
const RUNTIME: Hex = '0x00000000000000000000000000000000000000a0'
const STORE: Hex = '0xb0279db6a2f1e01fbc8483fccef0be2bc6299cc3'
const STRANGER: Hex = '0x0165878a594ca255338adfa4d48449f69242eb8f'
const SENDER: Hex = '0x9cdb42a5845d6032e4203ec2220e238b8e9fafc1'
const COINBASE: Hex = '0x0000000000000000000000000000000000000000'
const ZERO = `0x${'00'.repeat(32)}` as const

/** acce | kind | owner | key */
const marker = (kind: string, owner: Hex, key = '00'.repeat(9)): Hex =>
  `0xacce${kind}${owner.slice(2)}${key}`

const all = () => true

test('default: kind, owner and key of a marker', () => {
  const key = 'e336bc104648e0420a'
  const slots = [marker('06', STORE, key), marker('04', STORE), marker('0a', STRANGER)]
  expect(readMarkers(CONTAINERS, slots, all)).toEqual([
    { kind: 'append', space: 'container', owner: STORE, key: `0x${key}` },
    { kind: 'readStructure', space: 'container', owner: STORE, key: '' },
    { kind: 'clear', space: 'container', owner: STRANGER, key: '' },
  ])
  expect(readMarkers(CUMULATIVES, [marker('08', STORE)], all)).toEqual([
    { kind: 'delta', space: 'cumulative', owner: STORE, key: '' },
  ])
})

test('behavior: other slots, other owners, unknown kinds and other precompiles say nothing', () => {
  const hash = '0xacaf984696ec351ebbb0fd05f0f602f203e7b75b0f57f64fcf28b7b60476a433'
  const known = (owner: Hex) => owner === STORE
  expect(readMarkers(CONTAINERS, [hash, ZERO, marker('06', STRANGER)], known)).toEqual([])
  expect(readMarkers(CONTAINERS, [marker('0b', STORE), marker('ff', STORE)], all)).toEqual([])
  expect(readMarkers(RUNTIME, [marker('06', STORE)], all)).toEqual([])
})

test('behavior: precompiles and the zero address are the machine’s own', () => {
  const own = [CONTAINERS, CUMULATIVES, RUNTIME, '0x000000000000000000000000000000000000000a']
  expect([...own, COINBASE].map(isSystem)).toEqual(Array(5).fill(true))
  expect([STORE, '0x00000000000000000000000000000000000a0c01'].map(isSystem)).toEqual([
    ...[false, false],
  ])
})

test('behavior: out of a trace come markers and plain slots, no slot of a precompile', () => {
  const call: TracedCall = {
    ...{ id: 0, from: SENDER, to: STORE, data: '0x83b6a0f500', nonce: 2 },
    ...{ value: 0n, gas: 1n, gasPrice: 1n },
  }
  const slot = `0x${'11'.repeat(32)}` as const
  const trace: StateTrace = {
    [COINBASE]: { balance: '0x2e1992cf' },
    [CONTAINERS]: {
      balance: '0x0',
      storage: { [ZERO]: ZERO, [marker('06', STORE)]: ZERO, [marker('06', STRANGER)]: ZERO },
    },
    [RUNTIME]: { balance: '0x0', storage: { [ZERO]: ZERO } },
    [SENDER]: { balance: '0x3b9', nonce: 2 },
    [STORE]: { balance: '0x0', nonce: 1, storage: { [slot]: ZERO } },
  }
  const pieces = createPieces()
  const touched = readTouched(call, trace, pieces)
  expect(touched.pieces.map(pieces.at)).toEqual([
    { space: 'balance', owner: SENDER, key: '' },
    { space: 'slot', owner: STORE, key: slot },
    { space: 'balance', owner: STORE, key: '' },
  ])
  expect(touched).toMatchObject({
    accesses: [{ kind: 'append', space: 'container', owner: STORE, key: '' }],
    kind: `${STORE}:0x83b6a0f5 ${STORE}`,
    ...{ isPlain: false, mayMoveValue: false, funds: 0x3b9n, created: undefined },
  })
})

test('behavior: a container that a constructor makes has the name of the contract in the block', () => {
  // Its sender’s first contract: nonce 0 in the trace, 1 in the block.
  const traced: Hex = '0x5fbdb2315678afecb367f032d93f642f64180aa3'
  const named: Hex = '0xe7f1725e7734ce288f8367e1bb143e90bb3f0512'
  const from: Hex = '0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266'
  const call: TracedCall = {
    ...{ id: 0, from, to: undefined, data: '0x00', nonce: 1, value: 0n, gas: 1n, gasPrice: 1n },
  }
  const trace: StateTrace = {
    [CONTAINERS]: { balance: '0x0', storage: { [marker('0a', traced)]: ZERO } },
    [traced]: { balance: '0x0' },
    [from]: { balance: '0x1' },
  }
  const pieces = createPieces()
  const touched = readTouched(call, trace, pieces)
  expect(touched.accesses).toEqual([{ kind: 'clear', space: 'container', owner: named, key: '' }])
  expect(touched.created).toBe(named)
  expect(touched.pieces.map(pieces.at).map(({ owner }) => owner)).not.toContain(traced)
})
