/**
 * Writes loadgen/src/chain/abi.generated.ts from what forge compiled into out/.
 *
 * The file is committed, so that the load generator runs without a Solidity compiler; CI builds it again and fails when
 * it differs. To add a contract, name it in the table below.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { argv, chdir, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

/** Contracts of ours that the load generator deploys or calls. Each stands in a file of its own name. */
const CONTRACTS = [
  'CollateralVault',
  'MarketRegistry',
  'PerpAdmission',
  'PerpClearingHouse',
  'PerpLens',
  'PerpNetting',
  'PerpNettingEngine',
  'PerpQueueFactory',
  'PoolClearingHouse',
  'PoolSeeder',
  'PoolSwapHouse',
  'PositionTracker',
  'RiskRegistry',
  'SpotNetting',
  'SpotNettingEngine',
  'SpotQueueFactory',
  'SpotRouter',
  'SwapRouter',
  'TestPriceFeed',
  'TestToken',
  'TestUSDC',
  'VirtualToken',
]

/** Contracts whose runtime code the embedded node puts at a precompile's address, and the constant that has the address. */
const EMULATORS = {
  ContainerEmulator: 'CONTAINER_EMULATOR',
  CumulativeEmulator: 'CUMULATIVE_EMULATOR',
  RuntimeEmulator: 'RUNTIME_EMULATOR',
  MultiprocessEmulator: 'MULTIPROCESS_EMULATOR',
}

/** What the embedded node puts in place of a contract whose transactions it aborts, and the constant that says where the code is. */
const ABORT_GATE = { name: 'AbortGate', mask: 'ABORT_GATE_MASK' }

/** The runtime knows London's instructions, so code for it must have been compiled for them. */
const PRODUCTION_EVM = ['london']
/** The emulation runs in Anvil only. */
const EMULATION_EVM = ['cancun', 'london']

const TARGET = 'loadgen/src/chain/abi.generated.ts'
const UNISWAP = 'node_modules/@uniswap/v3-core/artifacts/contracts'
const ADDRESSES = 'contracts/emulation/IEmulation.sol'

/**
 * The forge artifact of one contract. Forge writes `X.json`, and `X.<profile>.json` when it compiled X under several
 * compiler profiles; which of them has which name depends on who imports X, so the artifact is chosen by its EVM version.
 *
 * @param {{ out: string, name: string, evm: readonly string[] }} options folder of the artifacts; contract; EVM versions
 *   to accept, the preferred one first
 * @returns {{ abi: object[], bytecode: object, deployedBytecode: object }}
 * @throws {Error} one sentence that names the contract and what is missing
 */
export function readArtifact({ out, name, evm }) {
  const folder = join(out, `${name}.sol`)
  const candidates = (existsSync(folder) ? readdirSync(folder) : [])
    .filter((file) => new RegExp(`^${name}(\\.[^.]+)?\\.json$`).test(file))
    .map((file) => JSON.parse(readFileSync(join(folder, file), 'utf8')))
  const versions = candidates.map((artifact) => artifact.metadata?.settings?.evmVersion)
  const choice = evm.find((version) => versions.includes(version))
  if (choice !== undefined) return candidates[versions.indexOf(choice)]
  if (candidates.length === 0) {
    throw new Error(
      `${name}: no artifact in ${folder}; run \`make build\`, or take ${name} out of tools/generate-abi.mjs.`,
    )
  }
  throw new Error(
    `${name}: compiled for ${versions.join(', ')}, but ${evm.join(' or ')} is needed; see compilation_restrictions in foundry.toml.`,
  )
}

/**
 * Code that can be used as it is.
 *
 * @param {{ name: string, code: { object: string, linkReferences?: object, immutableReferences?: object } }} options
 *   the contract, and the bytecode or deployedBytecode of its artifact
 * @returns {string} 0x-prefixed
 * @throws {Error} when there is none (abstract contract) or libraries or immutables are still to be filled in
 */
export function completeCode({ name, code }) {
  if (code.object === '0x') throw new Error(`${name}: has no code; is it abstract or an interface?`)
  const libraries = Object.values(code.linkReferences ?? {}).flatMap(Object.keys)
  if (libraries.length > 0) {
    throw new Error(`${name}: needs the external libraries ${libraries.join(', ')} linked.`)
  }
  if (Object.keys(code.immutableReferences ?? {}).length > 0) {
    throw new Error(
      `${name}: its runtime code has immutables, which only a constructor can fill in.`,
    )
  }
  return code.object
}

/**
 * An ABI as TypeScript, an entry a line, keys sorted, without solc's `internalType`.
 *
 * @param {object[]} abi
 * @returns {string}
 */
export function renderAbi(abi) {
  return `[\n${abi.map((entry) => `      ${literal(entry)},\n`).join('')}    ]`
}

function literal(value) {
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const keys = Object.keys(value)
    .filter((key) => key !== 'internalType')
    .sort()
  return `{ ${keys.map((key) => `${key}: ${literal(value[key])}`).join(', ')} }`
}

/**
 * The value of an `address constant` of a Solidity source.
 *
 * @param {{ source: string, name: string }} options
 * @returns {string} 0x and 40 digits
 * @throws {Error} when there is none of that name, written out in full
 */
export function addressConstant({ source, name }) {
  const match = new RegExp(`address\\s+constant\\s+${name}\\s*=\\s*(0x[0-9a-fA-F]{40})\\s*;`).exec(
    source,
  )
  if (match === null) {
    throw new Error(`${ADDRESSES}: has no \`address constant ${name} = 0x…;\` of 20 bytes.`)
  }
  return match[1]
}

function readUniswap(path) {
  return JSON.parse(readFileSync(join(UNISWAP, path), 'utf8'))
}

function generate() {
  const contracts = CONTRACTS.map((name) => {
    const { abi, bytecode } = readArtifact({ out: 'out', name, evm: PRODUCTION_EVM })
    return { name, abi, bytecode: completeCode({ name, code: bytecode }) }
  })
  const pool = readUniswap('UniswapV3Pool.sol/UniswapV3Pool.json')
  const source = readFileSync(ADDRESSES, 'utf8')
  const runtimeCode = (name) => {
    const { deployedBytecode } = readArtifact({ out: 'out', name, evm: EMULATION_EVM })
    return completeCode({ name, code: deployedBytecode })
  }
  const emulators = Object.entries(EMULATORS).map(([name, constant]) => ({
    name,
    address: addressConstant({ source, name: constant }),
    code: runtimeCode(name),
  }))
  return render({
    contracts: [...contracts, { name: 'UniswapV3Pool', abi: pool.abi }],
    emulators,
    systemAddress: addressConstant({ source, name: 'SYSTEM' }),
    abortGate: {
      code: runtimeCode(ABORT_GATE.name),
      mask: addressConstant({ source, name: ABORT_GATE.mask }),
    },
  })
}

/**
 * The text of the generated file.
 *
 * @param {{
 *   contracts: { name: string, abi: object[], bytecode?: string }[],
 *   emulators: { name: string, address: string, code: string }[],
 *   systemAddress: string,
 *   abortGate: { code: string, mask: string },
 * }} options codes and addresses 0x-prefixed
 * @returns {string}
 */
export function render({ contracts, emulators, systemAddress, abortGate }) {
  const entries = contracts.map(({ name, abi, bytecode }) => {
    const code = bytecode === undefined ? '' : `    bytecode: '${bytecode}' as Hex,\n`
    return `  ${name}: {\n    abi: ${renderAbi(abi)},\n${code}  },\n`
  })
  const codes = emulators.map(
    ({ name, address, code }) =>
      `  {\n    name: '${name}',\n    address: '${address}',\n    code: '${code}',\n  },\n`,
  )
  return `// Written by tools/generate-abi.mjs (\`make abi\`) from the compiled contracts, and the pool's ABI from
// @uniswap/v3-core. Do not edit.
import type { Hex } from '../core/types.js'

/** ABI and creation code by contract; the pool has no code here: it comes from @uniswap/v3-core at run time. */
export const artifacts = {
${entries.join('')}} as const

/** Runtime code of the emulated precompiles, and where it belongs. */
export const EMULATION: readonly { name: string; address: Hex; code: Hex }[] = [
${codes.join('')}]

/** Sender of the embedded node's system transactions. */
export const SYSTEM_ADDRESS: Hex = '${systemAddress}'

/**
 * Runtime code that makes transactions to a contract fail while the runtime emulator's isAborting() is true, and else runs the
 * contract's code, which it expects at the contract's address XOR the mask.
 */
export const ABORT_GATE: { readonly code: Hex; readonly mask: Hex } = {
  code: '${abortGate.code}',
  mask: '${abortGate.mask}',
}
`
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    chdir(join(dirname(fileURLToPath(import.meta.url)), '..'))
    const text = generate()
    writeFileSync(TARGET, text)
    stdout.write(`${TARGET}: ${Math.ceil(text.length / 1024)} KiB.\n`)
  } catch (error) {
    stderr.write(`${error.message}\n`)
    exit(1)
  }
}
