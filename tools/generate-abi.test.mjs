import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { addressConstant, completeCode, readArtifact, render, renderAbi } from './generate-abi.mjs'

let out

beforeEach(() => {
  out = mkdtempSync(join(tmpdir(), 'artifacts-'))
})

afterEach(() => {
  rmSync(out, { recursive: true })
})

/** An artifact whose code says which file it came from. */
function store(file, evmVersion) {
  mkdirSync(join(out, 'Vault.sol'), { recursive: true })
  const artifact = { bytecode: { object: file }, metadata: { settings: { evmVersion } } }
  writeFileSync(join(out, 'Vault.sol', file), JSON.stringify(artifact))
}

test('readArtifact: by EVM version, whatever forge named the file', () => {
  store('Vault.json', 'cancun')
  store('Vault.london.json', 'london')
  store('VaultLib.json', 'london')
  const london = readArtifact({ out, name: 'Vault', evm: ['london'] })
  expect(london.bytecode.object).toBe('Vault.london.json')
  const either = readArtifact({ out, name: 'Vault', evm: ['cancun', 'london'] })
  expect(either.bytecode.object).toBe('Vault.json')
  store('Vault.json', 'london')
  store('Vault.default.json', 'cancun')
  rmSync(join(out, 'Vault.sol', 'Vault.london.json'))
  const renamed = readArtifact({ out, name: 'Vault', evm: ['london'] })
  expect(renamed.bytecode.object).toBe('Vault.json')
})

test('error: no artifact, or none for this EVM', () => {
  const read = () => readArtifact({ out, name: 'Vault', evm: ['london'] })
  expect(read).toThrow(/^Vault: no artifact in .*Vault\.sol; run `make build`/)
  store('Vault.json', 'cancun')
  expect(read).toThrow(/^Vault: compiled for cancun, but london is needed/)
})

test('completeCode: the code, when nothing is missing in it', () => {
  const code = { object: '0x6001', linkReferences: {}, immutableReferences: {} }
  expect(completeCode({ name: 'Vault', code })).toBe('0x6001')
})

test('error: code that is abstract, not linked, or has immutables', () => {
  const complete = (code) => () => completeCode({ name: 'Vault', code })
  expect(complete({ object: '0x' })).toThrow('Vault: has no code; is it abstract or an interface?')
  const linkReferences = { 'contracts/libraries/Math.sol': { Math: [{ start: 1, length: 20 }] } }
  expect(complete({ object: '0x60__$', linkReferences })).toThrow(
    'Vault: needs the external libraries Math linked.',
  )
  const immutableReferences = { 7: [{ start: 1, length: 32 }] }
  expect(complete({ object: '0x60', immutableReferences })).toThrow(
    'Vault: its runtime code has immutables, which only a constructor can fill in.',
  )
})

test('renderAbi: an entry a line, keys sorted, no internalType', () => {
  const abi = [
    {
      type: 'function',
      name: 'positionOf',
      inputs: [{ name: 'trader', type: 'address', internalType: 'address' }],
      outputs: [
        {
          name: '',
          type: 'tuple',
          internalType: 'struct Position',
          components: [{ name: 'base', type: 'int256', internalType: 'int256' }],
        },
      ],
      stateMutability: 'view',
    },
    { type: 'error', name: 'Vault_Empty', inputs: [] },
  ]
  expect(renderAbi(abi)).toMatchInlineSnapshot(`
    "[
          { inputs: [{ name: "trader", type: "address" }], name: "positionOf", outputs: [{ components: [{ name: "base", type: "int256" }], name: "", type: "tuple" }], stateMutability: "view", type: "function" },
          { inputs: [], name: "Vault_Empty", type: "error" },
        ]"
  `)
})

test('addressConstant: found by its whole name', () => {
  const source = `
    address constant SYSTEM_OLD = 0x0000000000000000000000000000000000000001;
    address constant SYSTEM = 0x0000000000000000000000000000000000000002;`
  expect(addressConstant({ source, name: 'SYSTEM' })).toBe(`0x${'2'.padStart(40, '0')}`)
  expect(() => addressConstant({ source, name: 'OLD' })).toThrow(
    /has no `address constant OLD = 0x/,
  )
})

test('render: the whole file', () => {
  const text = render({
    contracts: [
      {
        name: 'Vault',
        abi: [{ type: 'error', name: 'Vault_Empty', inputs: [] }],
        bytecode: '0x01',
      },
      { name: 'Pool', abi: [] },
    ],
    emulators: [{ name: 'RuntimeEmulator', address: '0xa0', code: '0x02' }],
    systemAddress: '0x03',
    abortGate: { code: '0x04', mask: '0x05' },
  })
  expect(text).toMatchInlineSnapshot(`
    "// Written by tools/generate-abi.mjs (\`make abi\`) from the compiled contracts, and the pool's ABI from
    // @uniswap/v3-core. Do not edit.
    import type { Hex } from '../core/types.js'

    /** ABI and creation code by contract; the pool has no code here: it comes from @uniswap/v3-core at run time. */
    export const artifacts = {
      Vault: {
        abi: [
          { inputs: [], name: "Vault_Empty", type: "error" },
        ],
        bytecode: '0x01' as Hex,
      },
      Pool: {
        abi: [
        ],
      },
    } as const

    /** Runtime code of the emulated precompiles, and where it belongs. */
    export const EMULATION: readonly { name: string; address: Hex; code: Hex }[] = [
      {
        name: 'RuntimeEmulator',
        address: '0xa0',
        code: '0x02',
      },
    ]

    /** Sender of the embedded node's system transactions. */
    export const SYSTEM_ADDRESS: Hex = '0x03'

    /**
     * Runtime code that makes transactions to a contract fail while the runtime emulator's isAborting() is true, and else runs the
     * contract's code, which it expects at the contract's address XOR the mask.
     */
    export const ABORT_GATE: { readonly code: Hex; readonly mask: Hex } = {
      code: '0x04',
      mask: '0x05',
    }
    "
  `)
})
