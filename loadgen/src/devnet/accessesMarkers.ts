import type { Hex } from '../core/types.js'
import { ACCESS_KINDS, type Access } from '../parallel/access.js'

/**
 * What begins a slot that an emulated precompile reads only to say what it does: 2 bytes, then the kind (1 byte: its index in
 * ACCESS_KINDS), the owner (20 bytes) and the first 9 bytes of keccak256(key), zero for the container as a whole.
 */
const MARK = '0xacce'

const SPACES: Readonly<Record<string, 'container' | 'cumulative'>> = {
  '0x0000000000000000000000000000000000000084': 'container',
  '0x0000000000000000000000000000000000000085': 'cumulative',
}

/**
 * Whether an account is none of a contract's or a person's: Ethereum's precompiles, Arcology's (emulated) and the zero address,
 * which Anvil pays fees to. What is accessed there is the machine's own affair.
 */
export function isSystem(account: string): boolean {
  return account.startsWith('0x000000000000000000000000000000000000')
}

/**
 * The accesses to containers and cumulatives that a precompile's touched slots tell of.
 * @param precompile its address.
 * @param hasAccount whether the trace knows an account: a slot that looks like a marker by chance names one that nobody knows.
 */
export function readMarkers(
  precompile: string,
  slots: Iterable<string>,
  hasAccount: (account: Hex) => boolean,
): Access[] {
  const space = SPACES[precompile]
  if (space === undefined) return []
  const accesses: Access[] = []
  for (const slot of slots) {
    if (!slot.startsWith(MARK)) continue
    const kind = ACCESS_KINDS[Number.parseInt(slot.slice(6, 8), 16)]
    const owner: Hex = `0x${slot.slice(8, 48)}`
    if (kind === undefined || !hasAccount(owner)) continue
    const key = slot.slice(48)
    accesses.push({ kind, space, owner, key: key === WHOLE ? '' : `0x${key}` })
  }
  return accesses
}

const WHOLE = '0'.repeat(18)
