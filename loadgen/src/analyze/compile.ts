import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, resolve } from 'node:path'
import type { Abi } from 'viem'
import { UsageError } from '../core/errors.js'
import type { ContractCode, StorageLayout } from './code.js'
import { resolveImport } from './resolve.js'

/** The part of npm's solc that is used. */
type Solc = {
  compile(
    input: string,
    callbacks: { import: (path: string) => { contents: string } | { error: string } },
  ): string
}

type Output = {
  errors?: { severity: string; formattedMessage: string; message: string; type: string }[]
  contracts?: Record<
    string,
    Record<
      string,
      { abi: Abi; evm: { bytecode: { object: string } }; storageLayout: StorageLayout }
    >
  >
}

const require = createRequire(import.meta.url)

/**
 * Compiles a Solidity file with npm's solc for the EVM of the runtime (London), optimizer on.
 * @param path the file. Its imports are looked for beside it, in remappings.txt, node_modules and lib/ (see `resolveImport`).
 * @returns the contracts of that file that can be deployed, by name.
 * @throws UsageError for a file that is not there, does not compile or needs linking.
 */
export function compileSource(path: string): Map<string, ContractCode> {
  const file = resolve(path)
  if (!existsSync(file)) throw new UsageError(`There is no file ${file} to compile.`)
  // Loaded here, because 9 MB of WebAssembly would slow down every other command.
  const solc = require('solc') as Solc
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: readFileSync(file, 'utf8') } },
    settings: {
      evmVersion: 'london',
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'storageLayout'] } },
    },
  }
  const read = (name: string) => {
    const found = existsSync(name) ? name : resolveImport(name, dirname(file))
    return found === undefined
      ? { error: 'not found beside the file, in remappings.txt, node_modules or lib/' }
      : { contents: readFileSync(found, 'utf8') }
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read })) as Output
  const fault = output.errors?.find(({ severity }) => severity === 'error')
  if (fault !== undefined) throw new UsageError(`${path} does not compile: ${sentenceOf(fault)}`)

  const contracts = new Map<string, ContractCode>()
  // Interfaces and abstract contracts have no code.
  for (const [name, { abi, evm, storageLayout }] of Object.entries(output.contracts?.[file] ?? {}))
    if (evm.bytecode.object !== '')
      contracts.set(name, {
        abi,
        bytecode: requireLinked(`0x${evm.bytecode.object}`, `${name} of ${path}`),
        layout: storageLayout,
      })
  return contracts
}

/**
 * The bytecode itself.
 * @throws UsageError for code with the address of a library left open.
 */
export function requireLinked(bytecode: string, what: string): `0x${string}` {
  if (/^0x([0-9a-fA-F]{2})+$/.test(bytecode)) return bytecode as `0x${string}`
  if (bytecode.includes('__$'))
    throw new UsageError(
      `${what} needs a library to be linked, which analyze does not do; make its functions internal.`,
    )
  throw new UsageError(`The bytecode of ${what} is not an even number of hexadecimal digits.`)
}

/** solc's message and its place, on one line. */
function sentenceOf(fault: { type: string; message: string; formattedMessage: string }): string {
  const place = /--> (.+):(\d+):(\d+):/.exec(fault.formattedMessage)
  const text = fault.message.replace(/\s+/g, ' ').replace(/\.?$/, '')
  return place === null
    ? `${fault.type}: ${text}.`
    : `${fault.type}: ${text} (${place[1]}, line ${place[2]}, column ${place[3]}).`
}
