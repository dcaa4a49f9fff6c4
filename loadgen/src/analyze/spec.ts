import { readFileSync } from 'node:fs'
import { UsageError } from '../core/errors.js'
import { createReader, type Json, type Reader } from './reader.js'

/** What `loadgen analyze` is asked: which contracts, and which calls of theirs meet in one block. */
export type Spec = {
  contracts: readonly ContractSpec[]
  /** One block each transaction, before the measured blocks. */
  setup: readonly CallSpec[]
  /** All in one block. */
  calls: readonly CallSpec[]
  /** How many such blocks. */
  blocks: number
}

export type ContractSpec = {
  name: string
  /** Where its code is; paths as the file has them. */
  origin:
    | { kind: 'source'; path: string; contract: string | undefined }
    | { kind: 'artifact'; path: string }
    | { kind: 'bytecode'; bytecode: string; abi: readonly Json[] }
  constructorArgs: readonly Json[]
}

export type CallSpec = {
  /** Where it stands in the file: `calls[0]`. */
  at: string
  contract: string
  /** Name, or signature like `transfer(address,uint256)`. */
  function: string
  args: readonly Json[]
  /** Index of the sending account, or a sender of its own for each transaction. */
  from: number | 'each'
  times: number
  /** wei. */
  value: bigint
  /** Gas limit. */
  gas: bigint
}

/** Most transactions of an Arcology block. */
const BLOCK_SIZE = 50_000
const MOST_ACCOUNTS = 50_000
const MOST_BLOCKS = 100
const DEFAULT_GAS = 5_000_000

/**
 * Reads a spec and checks its form; whether its contracts and functions exist shows when they are loaded.
 * @throws UsageError with the place of the first fault.
 */
export function readSpec(path: string): Spec {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`The spec ${path} cannot be read (${(cause as Error).message}).`, {
      cause,
    })
  }
  let json: Json
  try {
    json = JSON.parse(text) as Json
  } catch (cause) {
    throw new UsageError(`The spec ${path} is no JSON: ${(cause as Error).message}.`, { cause })
  }
  return parseSpec(json, path)
}

/** @param name what messages call the file. */
export function parseSpec(json: Json, name: string): Spec {
  const spec = createReader(json, name, '')
  spec.only(['contracts', 'setup', 'calls', 'blocks'])
  const contracts = spec.entries('contracts').map(([contract, reader]) => {
    if (!/^[A-Za-z_]\w*$/.test(contract))
      throw new UsageError(
        `${name}: contracts has the name "${contract}"; a name is letters, digits and underscores.`,
      )
    return parseContract(contract, reader)
  })
  const names = contracts.map((contract) => contract.name)
  const setup = spec.list('setup', { isOptional: true }).map((call) => parseCall(call, names))
  const calls = spec.list('calls').map((call) => parseCall(call, names))
  if (contracts.length === 0) throw new UsageError(`${name}: contracts names no contract.`)
  if (calls.length === 0) throw new UsageError(`${name}: calls is empty.`)
  const transactions = calls.reduce((sum, { times }) => sum + times, 0)
  if (transactions > BLOCK_SIZE)
    throw new UsageError(
      `${name}: calls make ${transactions} transactions, and a block takes ${BLOCK_SIZE}.`,
    )
  const blocks = spec.integer('blocks', { min: 1, max: MOST_BLOCKS, fallback: 2 })
  return { contracts, setup, calls, blocks }
}

function parseContract(name: string, reader: Reader): ContractSpec {
  reader.only(['source', 'contract', 'artifact', 'bytecode', 'abi', 'constructorArgs'])
  const constructorArgs = reader.values('constructorArgs', { isOptional: true })
  const kinds = (['source', 'artifact', 'bytecode'] as const).filter((kind) => reader.has(kind))
  if (kinds.length !== 1)
    throw reader.fault('', 'has one of source, artifact and bytecode (with abi)')
  if (kinds[0] !== 'source' && reader.has('contract'))
    throw reader.fault('contract', 'goes with source alone')
  if (kinds[0] !== 'bytecode' && reader.has('abi'))
    throw reader.fault('abi', 'goes with bytecode alone')
  switch (kinds[0]) {
    case 'artifact':
      return { name, constructorArgs, origin: { kind: 'artifact', path: reader.text('artifact') } }
    case 'bytecode': {
      const origin = { bytecode: reader.text('bytecode'), abi: reader.values('abi') }
      return { name, constructorArgs, origin: { kind: 'bytecode', ...origin } }
    }
    default: {
      const contract = reader.has('contract') ? reader.text('contract') : undefined
      const path = reader.text('source')
      return { name, constructorArgs, origin: { kind: 'source', path, contract } }
    }
  }
}

function parseCall(reader: Reader, contracts: readonly string[]): CallSpec {
  reader.only(['contract', 'function', 'args', 'from', 'times', 'value', 'gas'])
  const contract = reader.text('contract')
  if (!contracts.includes(contract))
    throw reader.fault('contract', `is one of ${contracts.join(', ')}`)
  return {
    at: reader.at,
    contract,
    function: reader.text('function'),
    args: reader.values('args', { isOptional: true }),
    from:
      reader.is('from', 'each') || !reader.has('from')
        ? 'each'
        : reader.integer('from', { min: 0, max: MOST_ACCOUNTS - 1 }, 'or "each"'),
    times: reader.integer('times', { min: 1, max: BLOCK_SIZE, fallback: 1 }),
    value: reader.amount('value'),
    gas: BigInt(reader.integer('gas', { min: 21_000, max: 2 ** 40, fallback: DEFAULT_GAS })),
  }
}
