import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { encodeAbiParameters, type Hex, keccak256, parseAbiParameters, toHex } from 'viem'
import { afterAll, expect, test } from 'vitest'
import type { StorageLayout } from './code.js'
import { compileSource } from './compile.js'
import { keyCandidates } from './keys.js'
import { locateSlot } from './layout.js'

const folder = mkdtempSync(join(tmpdir(), 'layout-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const ALICE = '0x00000000000000000000000000000000000a11ce'
const BOB = '0x0000000000000000000000000000000000000b0b'

const SOURCE = `
pragma solidity 0.8.30;
contract State {
    struct Order { uint256 size; uint64 from; uint64 to; mapping(uint256 => uint256) fills; }
    uint128 a; uint64 b; bool c;                                    // slot 0
    uint256 count;                                                  // 1
    mapping(address => uint256) balances;                           // 2
    mapping(address => mapping(address => uint256)) allowance;      // 3
    mapping(string => Order) orders;                                // 4
    uint256[] list;                                                 // 5
    uint64[] packed;                                                // 6
    Order[] queue;                                                  // 7
    uint8[40] small;                                                // 8, 9
    string text;                                                    // 10
    Order[2] pair;                                                  // 11 to 16
    mapping(uint256 => address[]) groups;                           // 17
}`

const layout = compiled()
const candidates = keyCandidates({
  addresses: [ALICE, BOB],
  args: [{ parameter: { type: 'string' }, value: 'first' }],
  nameOf: (address) => (address === ALICE ? 'alice' : 'bob'),
})

function compiled(): StorageLayout {
  const file = join(folder, 'State.sol')
  writeFileSync(file, SOURCE)
  return compileSource(file).get('State')?.layout as StorageLayout
}

/** Slot of an entry, by Solidity's rule, reckoned apart from the code under test. */
function entry(types: string, key: unknown, slot: bigint): bigint {
  return BigInt(
    keccak256(encodeAbiParameters(parseAbiParameters(`${types}, uint256`), [key, slot] as never)),
  )
}

function data(slot: bigint): bigint {
  return BigInt(keccak256(encodeAbiParameters(parseAbiParameters('uint256'), [slot])))
}

function textEntry(key: string, slot: bigint): bigint {
  return BigInt(keccak256(`${toHex(key)}${slot.toString(16).padStart(64, '0')}` as Hex))
}

const SLOTS: readonly [variable: string, slot: bigint][] = [
  ['a, b, c', 0n],
  ['count', 1n],
  ['balances[alice]', entry('address', ALICE, 2n)],
  ['allowance[alice][bob]', entry('address', BOB, entry('address', ALICE, 3n))],
  ['orders["first"].size', textEntry('first', 4n)],
  ['orders["first"].from, orders["first"].to', textEntry('first', 4n) + 1n],
  ['orders["first"].fills[7]', entry('uint256', 7n, textEntry('first', 4n) + 2n)],
  ['list.length', 5n],
  ['list[9]', data(5n) + 9n],
  ['packed[8..11]', data(6n) + 2n],
  ['queue.length', 7n],
  ['queue[2].size', data(7n) + 6n],
  ['queue[2].fills[0]', entry('uint256', 0n, data(7n) + 8n)],
  ['small[0..31]', 8n],
  ['small[32..39]', 9n],
  ['text', 10n],
  ['text', data(10n) + 1n],
  ['pair[1].size', 14n],
  ['pair[1].fills[3]', entry('uint256', 3n, 16n)],
  ['groups[4].length', entry('uint256', 4n, 17n)],
  ['groups[4][5]', data(entry('uint256', 4n, 17n)) + 5n],
]

test.each(SLOTS)('%s', (variable, slot) => {
  expect(locateSlot(layout, toHex(slot, { size: 32 }), candidates)).toBe(variable)
})

test('behavior: an unknown key and a slot of nobody are not found', () => {
  const stranger = entry('address', '0x0000000000000000000000000000000000000bad', 2n)
  for (const slot of [stranger, 18n, data(10n) - 1n])
    expect(locateSlot(layout, toHex(slot, { size: 32 }), candidates)).toBeUndefined()
})
