import type { Abi } from 'viem'
import type { Hex } from '../core/types.js'

/** Where solc put the state variables of a contract (`storageLayout` of its output). */
export type StorageLayout = {
  storage: readonly StorageVariable[]
  /** null for a contract without state. */
  types: Readonly<Record<string, StorageType>> | null
}

export type StorageVariable = {
  label: string
  /** Decimal. */
  slot: string
  /** Key of `types`. */
  type: string
}

export type StorageType = {
  encoding: 'inplace' | 'mapping' | 'dynamic_array' | 'bytes'
  label: string
  /** Decimal. */
  numberOfBytes: string
  /** Types of a mapping. */
  key?: string | undefined
  value?: string | undefined
  /** Type of an array's elements. */
  base?: string | undefined
  /** Fields of a struct; slots count from where it begins. */
  members?: readonly StorageVariable[] | undefined
}

/** A contract that can be deployed. */
export type ContractCode = {
  abi: Abi
  /** Creation code. */
  bytecode: Hex
  /** Absent where nobody knows the source. */
  layout?: StorageLayout | undefined
}
