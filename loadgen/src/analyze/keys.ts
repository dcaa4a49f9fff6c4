import { type AbiParameter, encodeAbiParameters, isAddress } from 'viem'
import { keccak256 } from '../core/keccak.js'
import type { Hex } from '../core/types.js'
import type { Argument } from './encode.js'
import type { KeyCandidate } from './layout.js'

/** Small numbers are keys often: ids, market indices. */
const SMALL_NUMBERS = 32

/**
 * What may be a key of a mapping or container that a transaction touched: addresses that it knows, its arguments, small numbers.
 * Each once.
 * @param nameOf how an address is shown.
 */
export function keyCandidates(options: keyCandidates.Options): KeyCandidate[] {
  const { addresses, args, nameOf } = options
  const found = new Map<string, KeyCandidate>()
  const add = (candidate: KeyCandidate) => {
    const id = `${candidate.isDynamic}${Buffer.from(candidate.bytes).toString('hex')}`
    if (!found.has(id)) found.set(id, candidate)
  }
  for (const address of addresses)
    add({ label: nameOf(address), bytes: word('address', address), isDynamic: false })
  for (const { parameter, value } of args.flatMap(leaves))
    add(toCandidate(parameter, value, nameOf))
  for (let i = 0; i < SMALL_NUMBERS; i++)
    add({ label: String(i), bytes: word('uint256', BigInt(i)), isDynamic: false })
  return [...found.values()]
}

export declare namespace keyCandidates {
  type Options = {
    addresses: readonly Hex[]
    args: readonly Argument[]
    nameOf: (address: Hex) => string
  }
}

/** The key of a container's element, by the first bytes of its hash. */
export function locateKey(hash: Hex, candidates: readonly KeyCandidate[]): string | undefined {
  return candidates.find(({ bytes, isDynamic }) =>
    // Keys are words or, of an address, its 20 bytes alone.
    [bytes, ...(isDynamic ? [] : [bytes.subarray(12)])].some((key) =>
      `0x${Buffer.from(keccak256(key)).toString('hex')}`.startsWith(hash.toLowerCase()),
    ),
  )?.label
}

/** An argument without structs and arrays around it. */
function leaves({ parameter, value }: Argument): Argument[] {
  const array = /^(.*)\[\d*\]$/.exec(parameter.type)
  if (array !== null)
    return (value as unknown[]).flatMap((entry) =>
      leaves({ parameter: { ...parameter, type: array[1] ?? '' }, value: entry }),
    )
  if (parameter.type === 'tuple' && 'components' in parameter)
    return parameter.components.flatMap((component, i) =>
      leaves({ parameter: component, value: (value as unknown[])[i] }),
    )
  return [{ parameter, value }]
}

function toCandidate(
  { type }: AbiParameter,
  value: unknown,
  nameOf: (address: Hex) => string,
): KeyCandidate {
  if (type === 'string')
    return { label: JSON.stringify(value), bytes: Buffer.from(String(value)), isDynamic: true }
  if (type === 'bytes')
    return {
      label: String(value),
      bytes: Buffer.from(String(value).slice(2), 'hex'),
      isDynamic: true,
    }
  const isKnown = type === 'address' && isAddress(String(value))
  return {
    label: isKnown ? nameOf(value as Hex) : String(value),
    bytes: word(type, value),
    isDynamic: false,
  }
}

function word(type: string, value: unknown): Uint8Array {
  return Buffer.from(encodeAbiParameters([{ type }], [value]).slice(2), 'hex')
}
