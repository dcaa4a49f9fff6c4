import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { Json } from './reader.js'
import { parseSpec, readSpec } from './spec.js'

const folder = mkdtempSync(join(tmpdir(), 'analyze-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const contracts = { Counter: { source: 'Counter.sol' } }
const call = { contract: 'Counter', function: 'increment' }

test('default', () => {
  expect(parseSpec({ contracts, calls: [call] }, 'spec.json')).toEqual({
    contracts: [
      {
        name: 'Counter',
        origin: { kind: 'source', path: 'Counter.sol', contract: undefined },
        constructorArgs: [],
      },
    ],
    setup: [],
    calls: [
      {
        at: 'calls[0]',
        contract: 'Counter',
        function: 'increment',
        args: [],
        from: 'each',
        times: 1,
        value: 0n,
        gas: 5_000_000n,
      },
    ],
    blocks: 2,
  })
})

test('behavior: every field', () => {
  const spec = parseSpec(
    {
      contracts: {
        A: { source: 'A.sol', contract: 'Second', constructorArgs: [1] },
        B: { artifact: 'out/B.json' },
        C: { bytecode: '0x00', abi: [] },
      },
      setup: [{ contract: 'A', function: 'f', from: 3 }],
      calls: [
        { contract: 'B', function: 'g', args: ['$sender'], from: 'each', times: 9, value: '7' },
        { contract: 'C', function: 'h', from: 0, gas: 21_000, value: 8 },
      ],
      blocks: 1,
    },
    'spec.json',
  )
  expect(spec.contracts.map(({ origin }) => origin)).toEqual([
    { kind: 'source', path: 'A.sol', contract: 'Second' },
    { kind: 'artifact', path: 'out/B.json' },
    { kind: 'bytecode', bytecode: '0x00', abi: [] },
  ])
  expect(spec.setup[0]).toMatchObject({ at: 'setup[0]', from: 3, times: 1 })
  expect(spec.calls).toMatchObject([
    { from: 'each', times: 9, value: 7n, args: ['$sender'] },
    { from: 0, gas: 21_000n, value: 8n },
  ])
})

const FAULTS: readonly [fault: string, json: Json, message: string][] = [
  ['no object', 7, 's: the spec is an object, not 7.'],
  [
    'a stranger',
    { contracts, calls: [call], call: [] },
    's: the spec has the field "call"; its fields are contracts, setup, calls, blocks.',
  ],
  ['no contracts', { calls: [call] }, 's: contracts is an object, not absent.'],
  ['empty contracts', { contracts: {}, calls: [] }, 's: contracts names no contract.'],
  [
    'a name',
    { contracts: { 'A B': { source: 'a' } }, calls: [call] },
    's: contracts has the name "A B"; a name is letters, digits and underscores.',
  ],
  ['no calls', { contracts }, 's: calls is a list, not absent.'],
  ['empty calls', { contracts, calls: [] }, 's: calls is empty.'],
  [
    'no code',
    { contracts: { A: {} }, calls: [call] },
    's: contracts.A has one of source, artifact and bytecode (with abi), not {}.',
  ],
  [
    'two codes',
    { contracts: { A: { source: 'a', artifact: 'b' } }, calls: [call] },
    's: contracts.A has one of source, artifact and bytecode (with abi), not {"source":"a","artifact":"b"}.',
  ],
  [
    'bytecode without abi',
    { contracts: { A: { bytecode: '0x00' } }, calls: [call] },
    's: contracts.A.abi is a list, not absent.',
  ],
  [
    'an abi too many',
    { contracts: { A: { source: 'a', abi: [] } }, calls: [call] },
    's: contracts.A.abi goes with bytecode alone, not [].',
  ],
  [
    'another contract',
    { contracts, calls: [{ contract: 'Counter2', function: 'f' }] },
    's: calls[0].contract is one of Counter, not "Counter2".',
  ],
  [
    'times',
    { contracts, calls: [{ ...call, times: 1.5 }] },
    's: calls[0].times is a whole number from 1 to 50000, not 1.5.',
  ],
  [
    'from',
    { contracts, calls: [{ ...call, from: 'all' }] },
    's: calls[0].from is a whole number from 0 to 49999 or "each", not "all".',
  ],
  [
    'value',
    { contracts, setup: [{ ...call, value: -1 }], calls: [call] },
    's: setup[0].value is a whole number of wei, as a text where it is above 2^53, not -1.',
  ],
  [
    'gas',
    { contracts, calls: [{ ...call, gas: 20_999 }] },
    's: calls[0].gas is a whole number from 21000 to 1099511627776, not 20999.',
  ],
  [
    'a full block',
    { contracts, calls: [{ ...call, times: 50_000 }, call] },
    's: calls make 50001 transactions, and a block takes 50000.',
  ],
  [
    'blocks',
    { contracts, calls: [call], blocks: 0 },
    's: blocks is a whole number from 1 to 100, not 0.',
  ],
]

test.each(FAULTS)('error: %s', (_, json, message) => {
  expect(() => parseSpec(json, 's')).toThrow(
    expect.objectContaining({ name: 'UsageError', message }),
  )
})

test('error: a file that is not there or is no JSON', () => {
  const missing = join(folder, 'missing.json')
  expect(() => readSpec(missing)).toThrow(/^The spec .+missing\.json cannot be read \(ENOENT/)
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{"contracts": ')
  expect(() => readSpec(broken)).toThrow(/^The spec .+broken\.json is no JSON: .+\.$/)
})
