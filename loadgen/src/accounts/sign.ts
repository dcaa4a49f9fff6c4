import secp256k1 from 'secp256k1'
import { LoadgenError } from '../core/errors.js'
import { keccak256 } from '../core/keccak.js'
import type { Hex } from '../core/types.js'
import { createRlpWriter } from './rlp.js'

/** A transaction before it is signed. Amounts in wei. */
export type UnsignedTx = {
  nonce: number
  /** Absent to create a contract. */
  to?: Hex | undefined
  data: Hex
  /** Gas limit. */
  gas: bigint
  value: bigint
} & (
  | { /** Makes a legacy transaction (type 0 with replay protection, EIP-155). */ gasPrice: bigint }
  | {
      /** Makes a transaction of type 2 (EIP-1559). */ maxFeePerGas: bigint
      maxPriorityFeePerGas: bigint
    }
)

/** A signed transaction: what is sent, and the hash that it will have on the chain. */
export type RawTx = { hash: Hex; raw: Hex }

/**
 * Signs one transaction. Deterministic (RFC 6979) and byte for byte what viem makes of the same fields, about ten times as fast.
 * @throws LoadgenError for a field that cannot be encoded.
 */
export function signTransaction(tx: UnsignedTx, options: signTransaction.Options): RawTx {
  const { chainId, privateKey } = options
  return 'gasPrice' in tx
    ? signLegacy(tx, tx.gasPrice, chainId, privateKey)
    : signDynamic(tx, tx, chainId, privateKey)
}

export declare namespace signTransaction {
  type Options = {
    chainId: number
    /** 32 bytes. */
    privateKey: Uint8Array
  }
}

/** The hash of a raw transaction. */
export function hashRaw(raw: Hex): Hex {
  return hex(keccak256(Buffer.from(raw.slice(2), 'hex')))
}

const writer = createRlpWriter()

/** EIP-155: the hash covers the chain id and two zeros in the place of the signature; v = 35 + 2 × chain id + parity. */
function signLegacy(
  tx: UnsignedTx,
  gasPrice: bigint,
  chainId: number,
  privateKey: Uint8Array,
): RawTx {
  writer.reset()
  writer.integer(checked(tx.nonce))
  writer.integer(checked(gasPrice))
  writeCall(tx)
  const unsigned = writer.length()
  writer.integer(chainId)
  writer.integer(0)
  writer.integer(0)
  const parity = sign(writer.list(), privateKey)
  writer.truncate(unsigned)
  writer.integer(35 + 2 * chainId + parity)
  return finish()
}

/** EIP-1559 with an empty access list. */
function signDynamic(
  tx: UnsignedTx,
  fees: DynamicFees,
  chainId: number,
  privateKey: Uint8Array,
): RawTx {
  writer.reset()
  writer.integer(chainId)
  writer.integer(checked(tx.nonce))
  writer.integer(checked(fees.maxPriorityFeePerGas))
  writer.integer(checked(fees.maxFeePerGas))
  writeCall(tx)
  writer.emptyList()
  writer.integer(sign(writer.list(DYNAMIC_FEE), privateKey))
  return finish(DYNAMIC_FEE)
}

type DynamicFees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint }

/** The byte before a type 2 transaction (EIP-2718). */
const DYNAMIC_FEE = 2

function writeCall(tx: UnsignedTx): void {
  writer.integer(checked(tx.gas))
  writeHex(tx.to ?? '0x', tx.to === undefined ? 0 : 20)
  writer.integer(checked(tx.value))
  writeHex(tx.data, (tx.data.length - 2) / 2)
}

/** The last signature, r and s; the next is written over it. */
const signature = new Uint8Array(64)
const [r, s] = [signature.subarray(0, 32), signature.subarray(32)]
const options = {}

/** Leaves the signature in its place. @returns the parity of the point's y. */
function sign(payload: Uint8Array, privateKey: Uint8Array): number {
  return secp256k1.ecdsaSign(keccak256(payload), privateKey, options, signature).recid
}

function finish(prefix?: number): RawTx {
  writer.integerBytes(r)
  writer.integerBytes(s)
  const raw = writer.list(prefix)
  return { hash: hex(keccak256(raw)), raw: hex(raw) }
}

function checked<T extends bigint | number>(value: T): T {
  if (value < 0 || (typeof value === 'number' && !Number.isSafeInteger(value)))
    throw new LoadgenError(`A transaction cannot hold the number ${value}.`)
  return value
}

function writeHex(value: Hex, length: number): void {
  if (value.length !== 2 + 2 * length || !writer.hex(value))
    throw new LoadgenError(`"${value.slice(0, 80)}" is not ${length} hexadecimal bytes.`)
}

function hex(bytes: Uint8Array): Hex {
  return `0x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex')}`
}
