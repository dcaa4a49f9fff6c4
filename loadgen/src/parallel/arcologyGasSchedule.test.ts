import { encodeFunctionData, type Hex, pad, parseAbi, toHex } from 'viem'
import { describe, expect, test } from 'vitest'
import {
  findOperation,
  isPrecompile,
  type Operands,
  PRECOMPILES,
  selectorOf,
} from './arcologyGasSchedule.js'

const { containers, cumulative, runtime, multiprocess } = PRECOMPILES

const abi = parseAbi([
  'function eval(bytes command)',
  'function setByKey(bytes key, bytes value)',
  'function delByKey(bytes key)',
  'function getByKey(bytes key)',
  'function getByIndex(uint256 index)',
  'function indToKey(uint256 index)',
  'function keyToInd(bytes key)',
  'function fullLength()',
  'function length()',
  'function committedLength()',
  'function clear()',
  'function delLast()',
  'function pid()',
  'function uuid()',
  'function isInDeferred()',
  'function defer(bytes4 selector, uint64 prepaidGas)',
  'function add(uint256 delta)',
  'function get()',
  'function invoke(bytes threads)',
])
type Name = Exclude<(typeof abi)[number]['name'], 'eval'>

const encode = (functionName: Name | 'eval', args: readonly unknown[] = []): Hex =>
  encodeFunctionData({ abi, functionName, args } as never)
const inEval = (name: Name, args: readonly unknown[] = []): Hex =>
  encode('eval', [encode(name, args)])

/** Gas of a call that succeeds, answers nothing and runs no jobs, unless said. */
function gasOf(address: string, input: Hex, operands: Partial<Operands> = {}): number {
  const { operation, inputBytes } = findOperation(address, input)
  return operation.gas({
    ...{ inputBytes, outputBytes: 0, found: true, elements: 0, jobs: 0 },
    ...operands,
  })
}

const key = pad('0x01', { size: 20 })
const order = pad('0x01', { size: 96 })

/**
 * What the real runtime was measured to take, as the calling contract sees it: the precompile, the CALL (100 gas) and the
 * contract's own encoding and decoding. The schedule is the precompile's part, so it is below, by what that Solidity costs.
 */
describe('measured on the real runtime', () => {
  const measured: [what: string, allIn: number, schedule: number][] = [
    ['isInDeferred', 4_400, gasOf(runtime, encode('isInDeferred'))],
    ['pid', 3_200, gasOf(runtime, encode('pid'))],
    ['append', 3_500, gasOf(containers, inEval('setByKey', [order, '0x01']))],
    ['indToKey', 2_200, gasOf(containers, inEval('indToKey', [7n]), { outputBytes: 96 })],
    ['length', 3_300, gasOf(containers, inEval('fullLength'))],
    [
      'get of a map',
      8_500,
      gasOf(containers, inEval('getByKey', [key]), { found: true, outputBytes: 96 }),
    ],
    ['clear of 2,500', 8_800, gasOf(containers, inEval('clear'), { elements: 2_500 })],
  ]
  test.each(measured)('%s: %d all-in', (_, allIn, schedule) => {
    expect(allIn - schedule).toBeGreaterThanOrEqual(100)
    expect(allIn - schedule).toBeLessThanOrEqual(600)
  })

  test('getByIndex: 64 gas an element', () => {
    const read = (elements: number) =>
      gasOf(containers, inEval('getByIndex', [0n]), { elements, outputBytes: 96 })
    expect(read(1_000) - read(0)).toBe(64_000)
  })
})

test('default: each charge with its parts', () => {
  expect({
    pid: gasOf(runtime, encode('pid')), // 1,000 call + 1,000 decode + 1,000 info
    uuid: gasOf(runtime, encode('uuid')), // call + info
    isInDeferred: gasOf(runtime, encode('isInDeferred')), // call + 2,000 encode + info
    defer: gasOf(runtime, encode('defer', ['0x11111111', 500_000n])), // call + info + 10,000 + decode + 3 words
    add: gasOf(cumulative, encode('add', [1n])), // call
    get: gasOf(cumulative, encode('get')),
    set: gasOf(containers, inEval('setByKey', [key, order])), // call + encode + 1 word of key + 3 of value
    found: gasOf(containers, inEval('getByKey', [key]), { outputBytes: 96 }), // call + meta + decode + encode + info + encode + 3
    absent: gasOf(containers, inEval('getByKey', [key]), { found: false }), // the same without the second encode; 1 word
    keyToInd: gasOf(containers, inEval('keyToInd', [key])), // call + decode + 1 word + encode
    fullLength: gasOf(containers, inEval('fullLength'), { elements: 100 }), // call + decode + info, however long
    length: gasOf(containers, inEval('length'), { elements: 100 }), // call + meta + encode + 2 words an element
    committedLength: gasOf(containers, inEval('committedLength'), { elements: 100 }), // call + encode + 2 an element
    clear: gasOf(containers, inEval('clear'), { elements: 100 }), // call + 3 words an element
    delLast: gasOf(containers, inEval('delLast'), { elements: 100, outputBytes: 32 }), // call + 3 × 2 an element + 1 word
    delByKey: gasOf(containers, inEval('delByKey', [key])), // call + decode + 1 word
    addJob: gasOf(multiprocess, inEval('setByKey', [key, order])), // as set
    invoke: gasOf(multiprocess, encode('invoke', ['0x']), { jobs: 16 }), // call + 3 decodes + 64 a job
  }).toEqual({
    pid: 3_000,
    uuid: 2_000,
    isInDeferred: 4_000,
    defer: 13_003,
    add: 1_000,
    get: 1_000,
    set: 3_004,
    found: 8_003,
    absent: 6_001,
    keyToInd: 4_001,
    fullLength: 3_000,
    length: 4_200,
    committedLength: 3_200,
    clear: 1_300,
    delLast: 1_601,
    delByKey: 2_001,
    addJob: 3_004,
    invoke: 5_024,
  })
})

test('behavior: creations are known by the texts that no declaration produces', () => {
  // Both are what the contracts send, see contracts/arcology.
  expect(selectorOf('new(uint8,bool)')).toBe('0xb613002b')
  expect(findOperation(containers, '0xb613002b').operation.name).toBe('new')
  expect(findOperation(cumulative, '0x1c64499c').operation.name).toBe('New')
})

test('behavior: what no precompile has costs the call and the refusal', () => {
  for (const address of Object.values(PRECOMPILES)) {
    expect(findOperation(address, '0xdeadbeef').operation.name).toBe('unknown')
    expect(gasOf(address, '0xdeadbeef')).toBe(2_000)
    expect(gasOf(address, '0x')).toBe(2_000)
  }
  expect(gasOf(containers, encode('eval', ['0xdeadbeef']))).toBe(2_000)
  // Containers and cumulatives do not share their calls.
  expect(findOperation(cumulative, inEval('clear')).operation.name).toBe('unknown')
})

test('args: address', () => {
  expect(Object.values(PRECOMPILES).every(isPrecompile)).toBe(true)
  expect(isPrecompile(pad(toHex(0x86), { size: 20 }))).toBe(false)
})
