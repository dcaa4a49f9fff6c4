import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { compileSource } from './compile.js'
import { loadContracts } from './contracts.js'
import type { ContractSpec } from './spec.js'

const folder = mkdtempSync(join(tmpdir(), 'contracts-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function write(path: string, text: string): string {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
  return file
}

function load(origin: ContractSpec['origin']) {
  return loadContracts([{ name: 'C', origin, constructorArgs: [] }], folder).get('C')
}

const source = (path: string, contract?: string) => load({ kind: 'source', path, contract })
const artifact = (path: string) => load({ kind: 'artifact', path })

test('behavior: imports from beside, remappings.txt, node_modules and lib', () => {
  write('project/remappings.txt', '@far/=elsewhere/sources/\n')
  write('project/elsewhere/sources/Far.sol', 'contract Far {}')
  write('project/node_modules/@pack/age/Npm.sol', 'import "./Inner.sol"; contract Npm is Inner {}')
  write('project/node_modules/@pack/age/Inner.sol', 'contract Inner {}')
  write('project/lib/solar/src/utils/Lib.sol', 'contract Lib {}')
  write('project/lib/whole/contracts/Whole.sol', 'contract Whole {}')
  write('project/src/Beside.sol', 'contract Beside {}')
  const file = write(
    'project/src/Main.sol',
    `import "./Beside.sol"; import "@far/Far.sol"; import "@pack/age/Npm.sol"; import "solar/utils/Lib.sol";
     import "whole/Whole.sol"; contract Main is Beside, Far, Npm, Lib, Whole { uint256 public count; }`,
  )
  const compiled = compileSource(file)
  expect([...compiled.keys()]).toEqual(['Main'])
  expect(compiled.get('Main')?.layout?.storage).toMatchObject([{ label: 'count', slot: '0' }])
})

test('behavior: code is for London, without PUSH0', () => {
  write('Empty.sol', 'contract Empty {}')
  // How a constructor refuses ether: PUSH1 0, DUP1, REVERT; from Shanghai on PUSH0 (5f) takes the place of PUSH1 0.
  expect(source('Empty.sol')?.bytecode).toMatch(/^0x6080604052348015600f57600080fd/)
})

test('behavior: one of several contracts, by name; interfaces do not count', () => {
  write('Two.sol', 'interface I { function f() external; } contract A { uint256 a; } contract B {}')
  expect(source('Two.sol', 'A')?.layout?.storage).toHaveLength(1)
  expect(() => source('Two.sol')).toThrow(
    'Two.sol holds several contracts; say with "contract" which: A, B.',
  )
  expect(() => source('Two.sol', 'I')).toThrow(
    'Two.sol holds no contract "I" that can be deployed, but A, B.',
  )
  write('One.sol', 'interface I { function f() external; } contract Only {}')
  expect(source('One.sol')?.bytecode).toMatch(/^0x60/)
  write('None.sol', 'interface I { function f() external; }')
  expect(() => source('None.sol')).toThrow('None.sol holds no contract that can be deployed.')
})

test('error: what does not compile, with its place', () => {
  const file = write('Wrong.sol', 'contract Wrong {\n  uint256 x = unknown;\n}')
  expect(() => source('Wrong.sol')).toThrow(
    `${file} does not compile: DeclarationError: Undeclared identifier (${file}, line 2, column 15).`,
  )
  write('Lost.sol', 'import "nowhere/N.sol"; contract Lost {}')
  expect(() => source('Lost.sol')).toThrow(
    /Source "nowhere\/N\.sol" not found: not found beside the file, in remappings\.txt, node_modules or lib\//,
  )
  expect(() => source('Missing.sol')).toThrow(/^There is no file .+Missing\.sol to compile\.$/)
})

test('error: a library to be linked', () => {
  write(
    'Linked.sol',
    'library L { function f() external pure returns (uint) { return 1; } } contract C { function g() external pure returns (uint) { return L.f(); } }',
  )
  expect(() => source('Linked.sol', 'C')).toThrow(
    /^C of .+ needs a library to be linked, which analyze does not do; make its functions internal\.$/,
  )
})

test('behavior: artifacts of forge and hardhat', () => {
  const abi = [{ type: 'function', name: 'f', inputs: [], outputs: [], stateMutability: 'view' }]
  const storageLayout = { storage: [], types: null }
  write('forge.json', JSON.stringify({ abi, bytecode: { object: '0x6001' }, storageLayout }))
  write('hardhat.json', JSON.stringify({ abi, bytecode: '0x6001' }))
  expect(artifact('forge.json')).toEqual({ abi, bytecode: '0x6001', layout: storageLayout })
  expect(artifact('hardhat.json')).toEqual({ abi, bytecode: '0x6001' })
})

test('error: artifacts that cannot be deployed', () => {
  write('abstract.json', JSON.stringify({ abi: [], bytecode: { object: '0x' } }))
  expect(() => artifact('abstract.json')).toThrow(/is of an interface or abstract contract/)
  write('other.json', '{"name": "other"}')
  expect(() => artifact('other.json')).toThrow(/is no artifact of forge or hardhat/)
  write('open.json', JSON.stringify({ abi: [], bytecode: '0x60__$abc$__' }))
  expect(() => artifact('open.json')).toThrow(/needs a library to be linked/)
  expect(() => artifact('missing.json')).toThrow(/^The artifact .+ cannot be read \(ENOENT/)
  expect(() => load({ kind: 'bytecode', bytecode: '0x6', abi: [] })).toThrow(
    'The bytecode of the contract C is not an even number of hexadecimal digits.',
  )
})
