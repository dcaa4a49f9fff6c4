import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Abi } from 'viem'
import { UsageError } from '../core/errors.js'
import type { ContractCode, StorageLayout } from './code.js'
import { compileSource, requireLinked } from './compile.js'
import type { ContractSpec } from './spec.js'

/**
 * The code of every contract of a spec, by its name there. A source is compiled once.
 * @param folder what paths are relative to.
 * @throws UsageError for code that is not there or cannot be deployed.
 */
export function loadContracts(
  contracts: readonly ContractSpec[],
  folder: string,
): Map<string, ContractCode> {
  const compiled = new Map<string, Map<string, ContractCode>>()
  const compile = (path: string) => {
    const known = compiled.get(path) ?? compileSource(path)
    compiled.set(path, known)
    return known
  }
  return new Map(contracts.map((spec) => [spec.name, loadContract(spec, folder, compile)]))
}

function loadContract(
  { name, origin }: ContractSpec,
  folder: string,
  compile: (path: string) => Map<string, ContractCode>,
): ContractCode {
  switch (origin.kind) {
    case 'source':
      return pick(compile(resolve(folder, origin.path)), origin)
    case 'artifact':
      return readArtifact(resolve(folder, origin.path))
    case 'bytecode':
      return {
        abi: origin.abi as unknown as Abi,
        bytecode: requireLinked(origin.bytecode, `the contract ${name}`),
      }
  }
}

function pick(
  compiled: Map<string, ContractCode>,
  { path, contract }: { path: string; contract: string | undefined },
): ContractCode {
  const names = [...compiled.keys()]
  const name = contract ?? (names.length === 1 ? names[0] : undefined)
  const code = name === undefined ? undefined : compiled.get(name)
  if (code !== undefined) return code
  if (names.length === 0) throw new UsageError(`${path} holds no contract that can be deployed.`)
  throw new UsageError(
    contract === undefined
      ? `${path} holds several contracts; say with "contract" which: ${names.join(', ')}.`
      : `${path} holds no contract "${contract}" that can be deployed, but ${names.join(', ')}.`,
  )
}

/**
 * Reads what forge (`out/…`) or hardhat (`artifacts/…`) made of a contract. State variables are told by name where the artifact
 * has `storageLayout` (forge: `extra_output = ["storageLayout"]`).
 */
export function readArtifact(path: string): ContractCode {
  let artifact: Artifact
  try {
    artifact = JSON.parse(readFileSync(path, 'utf8')) as Artifact
  } catch (cause) {
    throw new UsageError(`The artifact ${path} cannot be read (${(cause as Error).message}).`, {
      cause,
    })
  }
  const { abi, bytecode, storageLayout } = artifact
  const code = typeof bytecode === 'object' ? bytecode?.object : bytecode
  if (!Array.isArray(abi) || typeof code !== 'string')
    throw new UsageError(`${path} is no artifact of forge or hardhat: it lacks abi or bytecode.`)
  if (code === '0x')
    throw new UsageError(`${path} is of an interface or abstract contract: it has no bytecode.`)
  const linked = requireLinked(code, path)
  return storageLayout === undefined
    ? { abi, bytecode: linked }
    : { abi, bytecode: linked, layout: storageLayout }
}

type Artifact = {
  abi?: Abi
  bytecode?: string | { object?: string } | null
  storageLayout?: StorageLayout
}
