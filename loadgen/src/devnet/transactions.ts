import secp256k1 from 'secp256k1'
import { keccak256 } from '../core/keccak.js'
import type { Hex } from '../core/types.js'

/** A signed transaction, taken apart. Addresses in lower case; amounts in wei. */
export type DecodedTransaction = {
  /** Who signed it. */
  from: Hex
  /** Undefined for a contract creation. */
  to: Hex | undefined
  data: Hex
  value: bigint
  /** Gas limit. */
  gas: bigint
  /** The most that a unit of gas costs: the gas price, or of type 2 the maximal fee. */
  gasPrice: bigint
  nonce: number
}

/** Where fields stand in each type of envelope. Behind the price come the gas limit, callee, value and call data. */
const FIELDS: Readonly<Record<number, { nonce: number; price: number; signature: number }>> = {
  0: { nonce: 0, price: 1, signature: 6 },
  1: { nonce: 1, price: 2, signature: 8 },
  2: { nonce: 1, price: 3, signature: 9 },
}

/**
 * Decodes a raw transaction of type 0 (with and without replay protection), 1 or 2, and recovers who signed it. Nearly all of
 * its time, 50 µs, is the native recovery.
 *
 * Undefined for another type, for bytes that are no transaction and for a signature that nobody can have made.
 * @see EIP-155, EIP-2718, EIP-2930, EIP-1559; RLP: yellow paper, appendix B
 */
export function decodeRawTransaction(raw: string): DecodedTransaction | undefined {
  const bytes = Buffer.from(raw.slice(2), 'hex')
  if (!raw.startsWith('0x') || bytes.length * 2 !== raw.length - 2) return undefined
  const first = bytes[0] ?? 0
  const type = first < 0x80 ? first : 0
  const at = FIELDS[type]
  const list = readItem(bytes, first < 0x80 ? 1 : 0)
  if (at === undefined || list === undefined || !list.isList) return undefined
  const fields = readFields(bytes, list)
  if (list.end !== bytes.length || fields.length !== at.signature + 3) return undefined

  const field = (index: number) => fields[index] as Item
  const to = field(at.price + 2)
  const data = field(at.price + 4)
  if (to.end !== to.start && to.end - to.start !== 20) return undefined
  const from = recoverSender(bytes, {
    type,
    signed: bytes.subarray(list.start, field(at.signature).header),
    signature: fields.slice(at.signature),
  })
  if (from === undefined) return undefined
  return {
    from,
    to: to.end === to.start ? undefined : toHex(bytes, to),
    data: toHex(bytes, data),
    value: toBigInt(bytes, field(at.price + 3)),
    gas: toBigInt(bytes, field(at.price + 1)),
    gasPrice: toBigInt(bytes, field(at.price)),
    nonce: Number(toBigInt(bytes, field(at.nonce))),
  }
}

type Unsigned = {
  type: number
  /** Encoded fields that the signature covers, without the list's header. */
  signed: Uint8Array
  /** v (the parity, of type 1 and 2), r and s. */
  signature: readonly Item[]
}

function recoverSender(bytes: Buffer, { type, signed, signature }: Unsigned): Hex | undefined {
  const [v, r, s] = signature as [Item, Item, Item]
  const compact = Buffer.alloc(64)
  if (r.end - r.start > 32 || s.end - s.start > 32) return undefined
  bytes.copy(compact, 32 - (r.end - r.start), r.start, r.end)
  bytes.copy(compact, 64 - (s.end - s.start), s.start, s.end)

  let parity = toBigInt(bytes, v)
  let behind: Uint8Array = NOTHING
  if (type === 0 && parity >= 35n) {
    behind = Buffer.concat([encodeInteger((parity - 35n) / 2n), TWO_ZEROS])
    parity = (parity - 35n) % 2n
  } else if (type === 0) parity -= 27n
  if (parity !== 0n && parity !== 1n) return undefined
  const hash = keccak256(
    type === 0 ? NOTHING : Uint8Array.of(type),
    listHeader(signed.length + behind.length),
    signed,
    behind,
  )
  const key = recover(compact, Number(parity), hash)
  return key && `0x${Buffer.from(keccak256(key.subarray(1))).toString('hex', 12)}`
}

const NOTHING = new Uint8Array(0)
const TWO_ZEROS = Uint8Array.of(0x80, 0x80)

/** The library throws for a signature that is none. */
function recover(signature: Uint8Array, parity: number, hash: Uint8Array): Uint8Array | undefined {
  try {
    return secp256k1.ecdsaRecover(signature, parity, hash, false)
  } catch {
    return undefined
  }
}

/** An item of RLP: offsets of its header, of its content, and behind it. */
type Item = { header: number; start: number; end: number; isList: boolean }

function readFields(bytes: Buffer, list: Item): Item[] {
  const fields: Item[] = []
  for (let at = list.start; at < list.end; ) {
    const item = readItem(bytes, at)
    if (item === undefined || item.end > list.end) return []
    fields.push(item)
    at = item.end
  }
  return fields
}

/** Undefined when it runs over the end. */
function readItem(bytes: Buffer, header: number): Item | undefined {
  const prefix = bytes[header]
  if (prefix === undefined) return undefined
  if (prefix < 0x80) return { header, start: header, end: header + 1, isList: false }
  const isList = prefix >= 0xc0
  const short = prefix - (isList ? 0xc0 : 0x80)
  const lengthBytes = short > 55 ? short - 55 : 0
  const start = header + 1 + lengthBytes
  if (lengthBytes > 6 || start > bytes.length) return undefined
  const end = start + (lengthBytes === 0 ? short : bytes.readUIntBE(header + 1, lengthBytes))
  return end <= bytes.length ? { header, start, end, isList } : undefined
}

function toHex(bytes: Buffer, { start, end }: Item): Hex {
  return `0x${bytes.toString('hex', start, end)}`
}

function toBigInt(bytes: Buffer, item: Item): bigint {
  const length = item.end - item.start
  if (length <= 6) return length === 0 ? 0n : BigInt(bytes.readUIntBE(item.start, length))
  return BigInt(toHex(bytes, item))
}

function encodeInteger(value: bigint): Uint8Array {
  if (value === 0n) return Uint8Array.of(0x80)
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return value < 0x80n ? bytes : Buffer.concat([Uint8Array.of(0x80 + bytes.length), bytes])
}

function listHeader(length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(0xc0 + length)
  const digits = length.toString(16)
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Uint8Array.of(0xf7 + bytes.length), bytes])
}
