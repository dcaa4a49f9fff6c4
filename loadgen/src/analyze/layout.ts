import { keccak256 } from '../core/keccak.js'
import type { Hex } from '../core/types.js'
import type { StorageLayout, StorageType, StorageVariable } from './code.js'

/** A value that may be the key of a mapping: how it is shown, and what is hashed. */
export type KeyCandidate = {
  label: string
  /** Bytes of a dynamic key (string, bytes); 32 bytes of any other. */
  bytes: Uint8Array
  isDynamic: boolean
}

/** Slots of a dynamic value that are its own. They begin at a hash, so that no other value's are mistaken for them. */
const LONGEST_ARRAY = 1n << 40n
const LONGEST_BYTES = 1n << 16n

/** Elements of an array that are looked into where they hold mappings or arrays themselves. */
const LOOKED_INTO = 64n

/** Mappings in mappings are followed so far: with n candidates, n^3 hashes. */
const DEEPEST = 3

/**
 * The state variable that a storage slot belongs to, as one would write it in Solidity: `count`, `balances[0x…]`,
 * `orders[3].size`, `list.length`; several that share the slot with `, ` between.
 * @param candidates what the keys of mappings may be. A hash tells nothing of its key: one that is not among them is not found.
 * @returns undefined for a slot of no variable.
 */
export function locateSlot(
  layout: StorageLayout,
  slot: Hex,
  candidates: readonly KeyCandidate[],
): string | undefined {
  const search: Search = { types: layout.types ?? {}, slot: BigInt(slot), candidates }
  const found = inVariables(search, layout.storage, { base: 0n, prefix: '', depth: 0 })
  return found.length === 0 ? undefined : found.join(', ')
}

type Search = {
  types: Readonly<Record<string, StorageType>>
  slot: bigint
  candidates: readonly KeyCandidate[]
}

/** A place in storage and what leads to it. */
type Place = { base: bigint; path: string; depth: number }

function inVariables(
  search: Search,
  variables: readonly StorageVariable[],
  { base, prefix, depth }: { base: bigint; prefix: string; depth: number },
): string[] {
  return variables.flatMap(({ label, slot, type }) =>
    inType(search, type, { base: base + BigInt(slot), path: `${prefix}${label}`, depth }),
  )
}

function inType(search: Search, name: string, place: Place): string[] {
  const type = search.types[name]
  if (type === undefined) return []
  const { base, path, depth } = place
  switch (type.encoding) {
    case 'mapping':
      return inMapping(search, type, place)
    case 'bytes':
      return search.slot === base || isWithin(search.slot - hashOf(base), LONGEST_BYTES)
        ? [path]
        : []
    case 'dynamic_array':
      if (search.slot === base) return [`${path}.length`]
      return inElements(search, type, { base: hashOf(base), path, depth }, LONGEST_ARRAY)
    case 'inplace':
      if (type.members !== undefined)
        return inVariables(search, type.members, { base, prefix: `${path}.`, depth })
      if (type.base !== undefined) return inElements(search, type, place, slotsOf(type))
      return search.slot === base ? [path] : []
  }
}

function inMapping(search: Search, type: StorageType, { base, path, depth }: Place): string[] {
  const { key = '', value = '' } = type
  const isDynamic = search.types[key]?.encoding === 'bytes'
  if (depth === DEEPEST) return []
  for (const candidate of search.candidates) {
    if (candidate.isDynamic !== isDynamic) continue
    const found = inType(search, value, {
      base: hash(Buffer.concat([candidate.bytes, word(base)])),
      path: `${path}[${candidate.label}]`,
      depth: depth + 1,
    })
    if (found.length > 0) return found
  }
  return []
}

/** Elements in `slots` slots from `base`. Those of less than half a slot share one: the range of their indices is told. */
function inElements(search: Search, type: StorageType, place: Place, slots: bigint): string[] {
  const { base, path, depth } = place
  const name = type.base ?? ''
  const element = search.types[name]
  if (element === undefined) return []
  const distance = search.slot - base
  const isHere = isWithin(distance, slots)
  const size = BigInt(element.numberOfBytes)
  if (isHere && size <= 16n && isElementary(element)) {
    const perSlot = 32n / size
    const first = distance * perSlot
    // A fixed array ends where its type says; a dynamic one's length is not in its type.
    const length = BigInt(/\[(\d+)\]$/.exec(type.label)?.[1] ?? first + perSlot)
    return [`${path}[${first}..${min(first + perSlot, length) - 1n}]`]
  }
  const stride = slotsOf(element)
  const indices = leadsElsewhere(search.types, element)
    ? Array.from({ length: Number(min(slots / stride, LOOKED_INTO)) }, (_, i) => BigInt(i))
    : isHere
      ? [distance / stride]
      : []
  return indices.flatMap((index) =>
    inType(search, name, { base: base + index * stride, path: `${path}[${index}]`, depth }),
  )
}

function isElementary(type: StorageType): boolean {
  return type.encoding === 'inplace' && type.members === undefined && type.base === undefined
}

/** Whether a value has parts that are not in its own slots: a mapping or a dynamic array, itself or inside. */
function leadsElsewhere(types: Search['types'], type: StorageType): boolean {
  if (type.encoding !== 'inplace') return true
  return [...(type.members ?? []).map((member) => member.type), type.base ?? ''].some((name) => {
    const inner = types[name]
    return inner !== undefined && leadsElsewhere(types, inner)
  })
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function isWithin(distance: bigint, slots: bigint): boolean {
  return distance >= 0n && distance < slots
}

function slotsOf(type: StorageType): bigint {
  return (BigInt(type.numberOfBytes) + 31n) / 32n
}

function hashOf(slot: bigint): bigint {
  return hash(word(slot))
}

function hash(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(keccak256(bytes)).toString('hex')}`)
}

function word(value: bigint): Uint8Array {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex')
}
