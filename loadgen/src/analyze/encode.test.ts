import { decodeFunctionData, parseAbi } from 'viem'
import { expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import { encodeCall, encodeCreation, findFunction } from './encode.js'
import type { Json } from './reader.js'
import type { CallSpec } from './spec.js'
import type { Context } from './values.js'

const abi = parseAbi([
  'struct Order { address trader; uint256 size; }',
  'constructor(address owner, uint8 decimals)',
  'function set(uint256 value, int8 small, bool flag, address who, bytes32 word, string text)',
  'function place(Order order, uint256[2] pair, bytes[] list)',
  'function over(uint256 a)',
  'function over(address a)',
  'receive() external payable',
])

const A = '0x0000000000000000000000000000000000000011'
const B = '0x0000000000000000000000000000000000000022'
const context: Context = {
  account: (index) => `0x${index.toString(16).padStart(40, '0')}`,
  contract: (name) => (name === 'Vault' ? A : undefined),
  sender: B,
  index: 3,
  block: 1,
}

function callOf(name: string, args: readonly Json[] = []): CallSpec {
  return {
    at: 'calls[0]',
    contract: 'C',
    function: name,
    args,
    from: 0,
    times: 1,
    value: 0n,
    gas: 0n,
  }
}

function encoded(name: string, args: readonly Json[]): Hex {
  const call = callOf(name, args)
  return encodeCall(call, findFunction(abi, call), context).data
}

test('default: values and placeholders', () => {
  const word = `0x${'11'.repeat(32)}`
  const data = encoded('set', ['0xff', -5, true, '$contract:Vault', word, 'text'])
  expect(decodeFunctionData({ abi, data }).args).toEqual([255n, -5, true, A, word, 'text'])
})

test('behavior: structs as lists and objects, arrays, placeholders inside', () => {
  const rest: Json[] = [
    ['$index', '$block'],
    ['0x01', '0x'],
  ]
  const asList = encoded('place', [['$sender', '7'], ...rest])
  expect(encoded('place', [{ trader: '$sender', size: 7 }, ...rest])).toBe(asList)
  const [order, pair, list] = decodeFunctionData({ abi, data: asList }).args ?? []
  expect([order, pair, list]).toEqual([
    { trader: expect.stringMatching(new RegExp(B, 'i')), size: 7n },
    [3n, 1n],
    ['0x01', '0x'],
  ])
})

test('behavior: overloads by signature, accounts by index, receive()', () => {
  const byNumber = encoded('over(uint256)', ['$index'])
  expect(decodeFunctionData({ abi, data: byNumber }).args).toEqual([3n])
  expect(encoded('over( address )', ['$account:17'])).toMatch(/11$/)
  expect(encoded('over(address)', ['$account:$index'])).toMatch(/03$/)
  expect(encoded('receive', [])).toBe('0x')
})

test('behavior: constructor arguments', () => {
  const contract = {
    name: 'C',
    origin: { kind: 'artifact', path: '' },
    constructorArgs: ['$account:1', 6],
  } as const
  const data = encodeCreation(contract, { abi, bytecode: '0xfe' }, context)
  expect(data).toBe(`0xfe${'1'.padStart(64, '0')}${'6'.padStart(64, '0')}`)
})

const SET = 'uint256 value, int8 small, bool flag, address who, bytes32 word, string text'
const FAULTS: readonly [name: string, args: readonly Json[], message: string][] = [
  [
    'burn',
    [],
    'calls[0].function: C has no function "burn", but set(uint256,int8,bool,address,bytes32,string), place((address,uint256),uint256[2],bytes[]), over(uint256), over(address).',
  ],
  [
    'over',
    [1],
    'calls[0].function: C has several functions "over"; give the signature: over(uint256), over(address).',
  ],
  ['set', [1], `calls[0].args has 1 values, and 6 are taken: ${SET}.`],
  [
    'over(uint256)',
    ['ten'],
    'calls[0].args[0]: uint256 is a whole number, as a text where it is above 2^53, not "ten".',
  ],
  [
    'over(uint256)',
    [2 ** 53],
    'calls[0].args[0]: uint256 is a whole number, as a text where it is above 2^53, not 9007199254740992.',
  ],
  ['over(address)', [7], 'calls[0].args[0]: address is a text, not 7.'],
  ['over(address)', ['0x12'], 'calls[0].args: Address "0x12" is invalid.'],
  [
    'over(address)',
    ['$me'],
    'calls[0].args[0]: $me is none of $sender, $index, $block, $account:<index>, $account:$index, $contract:<name>.',
  ],
  [
    'over(address)',
    ['$contract:Later'],
    'calls[0].args[0]: $contract:Later is not deployed before; contracts are deployed in their order.',
  ],
  [
    'place',
    [[A], [1, 2], []],
    `calls[0].args[0]: a struct is a list of 2 values or an object by field, not ["${A}"].`,
  ],
  ['place', [{ trader: A }, [1, 2], []], 'calls[0].args[0]: the field size is absent.'],
  ['place', [[A, 1], [1], []], 'calls[0].args[1]: uint256[2] is a list of 2, not [1].'],
]

test.each(FAULTS)('error: %s of %j', (name, args, message) => {
  expect(() => encoded(name, args)).toThrow(
    expect.objectContaining({ name: 'UsageError', message }),
  )
})
