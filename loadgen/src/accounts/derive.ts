import secp256k1 from 'secp256k1'
import { LoadgenError, UsageError } from '../core/errors.js'
import { keccak256 } from '../core/keccak.js'
import type { Shard } from '../core/shard.js'
import type { Hex } from '../core/types.js'

/** An account whose key is known. */
export type DerivedAccount = {
  index: number
  /** Lower case. */
  address: Hex
  /** 32 bytes. */
  privateKey: Uint8Array
}

/** Order of the group of secp256k1 (SEC 2, section 2.4.1). */
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

/**
 * Accounts of `seed`: `count` of them from `offset` on, each `stride`-th. The same seed always gives the same accounts, so they are for
 * benchmarks: whoever knows the seed owns them.
 */
export function deriveAccounts(options: deriveAccounts.Options): DerivedAccount[] {
  const { seed, count, offset = 0, stride = 1 } = options
  return Array.from({ length: count }, (_, i) => {
    const index = offset + i * stride
    const privateKey = deriveKey(seed, index)
    return { index, address: addressOf(privateKey), privateKey }
  })
}

export declare namespace deriveAccounts {
  type Options = {
    seed: string
    count: number
    /** Index of the first account. Default 0. */
    offset?: number | undefined
    /** From the index of one account to that of the next. Default 1. */
    stride?: number | undefined
  }
}

/** Which of a seed's accounts a generator has: shard i of n each n-th, from the i-th on; a generator that is alone all. */
export function accountsOf(
  seed: string,
  shard: Shard | undefined,
): Pick<deriveAccounts.Options, 'seed' | 'offset' | 'stride'> {
  return { seed, offset: shard?.index ?? 0, stride: shard?.count ?? 1 }
}

/** Private key `index` of `seed`: keccak256(seed in UTF-8 ‖ index as 8 bytes, big endian) mod (n − 1) + 1, in 1 … n − 1. */
export function deriveKey(seed: string, index: number): Uint8Array {
  if (!Number.isSafeInteger(index) || index < 0)
    throw new LoadgenError(`An account cannot have the index ${index}.`)
  const suffix = Buffer.alloc(8)
  suffix.writeBigUInt64BE(BigInt(index))
  const hash = keccak256(Buffer.concat([Buffer.from(seed), suffix]))
  const scalar = (BigInt(`0x${Buffer.from(hash).toString('hex')}`) % (N - 1n)) + 1n
  return Buffer.from(scalar.toString(16).padStart(64, '0'), 'hex')
}

/** The account of a private key that a user brought. @throws UsageError, which never repeats the key. */
export function accountFromKey(privateKey: string): DerivedAccount {
  const digits = privateKey.startsWith('0x') ? privateKey.slice(2) : privateKey
  const bytes = /^[0-9a-fA-F]{64}$/.test(digits) ? Buffer.from(digits, 'hex') : undefined
  if (bytes === undefined || !secp256k1.privateKeyVerify(bytes))
    throw new UsageError(
      'The private key is not valid: it must be 64 hexadecimal digits, not zero, below the order of secp256k1.',
    )
  return { index: 0, address: addressOf(bytes), privateKey: bytes }
}

function addressOf(privateKey: Uint8Array): Hex {
  const publicKey = secp256k1.publicKeyCreate(privateKey, false)
  return `0x${Buffer.from(keccak256(publicKey.subarray(1))).toString('hex', 12)}`
}
