import type { Hex } from '../core/types.js'

/** What the block maker needs to know of a signed transaction. Nothing in it is verified. */
export type Envelope = {
  /** Callee in lower case; undefined for a contract creation. */
  to: Hex | undefined
  /** First four bytes of the call data in lower case; undefined when there are fewer. */
  selector: Hex | undefined
  /** Undefined when Anvil chose it. */
  nonce: number | undefined
}

/** Where `nonce` and `to` stand among the fields of each envelope type; the call data stand two after `to`. */
const FIELDS: Readonly<Record<string, { nonce: number; to: number }>> = {
  legacy: { nonce: 0, to: 3 },
  '01': { nonce: 1, to: 4 },
  '02': { nonce: 1, to: 5 },
}

/**
 * Reads nonce, callee and selector out of a raw transaction (legacy, EIP-2930 or EIP-1559), on the hexadecimal text itself:
 * this runs once for every transaction that the node takes, so it decodes no other field, copies no bytes and recovers no
 * signer. Undefined for anything else; whether it is valid is Anvil's to say.
 * @see https://eips.ethereum.org/EIPS/eip-2718 (envelopes) and the yellow paper, appendix B (RLP)
 */
export function peekRawTransaction(raw: string): Envelope | undefined {
  const type = raw.slice(2, 4)
  const typed = type < '80'
  const fields = FIELDS[typed ? type : 'legacy']
  if (!raw.startsWith('0x') || fields === undefined) return undefined
  const list = readItem(raw, typed ? 4 : 2)
  if (list === undefined || !list.isList || list.end !== raw.length) return undefined

  let nonce = 0
  let to: Hex | undefined
  let at = list.start
  for (let index = 0; index <= fields.to + 2; index++) {
    const item = readItem(raw, at)
    if (item === undefined || item.end > list.end) return undefined
    const length = item.end - item.start
    if (index === fields.nonce)
      nonce = length === 0 ? 0 : Number.parseInt(raw.slice(item.start, item.end), 16)
    else if (index === fields.to) {
      if (length !== 0 && length !== 40) return undefined
      if (length === 40) to = toHex(raw, item.start, item.end)
    } else if (index === fields.to + 2) {
      return {
        to,
        nonce,
        selector: length < 8 ? undefined : toHex(raw, item.start, item.start + 8),
      }
    }
    at = item.end
  }
  return undefined
}

/** Where `v` stands in a legacy transaction, and its least value that names a chain (EIP-155). */
const LEGACY_V = 6
const LEAST_CHAIN_V = 35

/**
 * The chain that a legacy transaction is signed for; undefined when it is signed for any, or is not a legacy one.
 * @see https://eips.ethereum.org/EIPS/eip-155
 */
export function legacyChainId(raw: string): number | undefined {
  const list = readItem(raw, 2)
  if (list?.isList !== true) return undefined
  let at = list.start
  for (let index = 0; index < LEGACY_V; index++) at = readItem(raw, at)?.end ?? raw.length
  const item = readItem(raw, at)
  if (item === undefined || item.isList || item.start === item.end) return undefined
  const v = Number.parseInt(raw.slice(item.start, item.end), 16)
  return v >= LEAST_CHAIN_V ? Math.floor((v - LEAST_CHAIN_V) / 2) : undefined
}

function toHex(raw: string, start: number, end: number): Hex {
  return `0x${raw.slice(start, end).toLowerCase()}`
}

/** Positions are offsets into the text, two to a byte. */
type Item = { start: number; end: number; isList: boolean }

/** The RLP item that begins at an offset; undefined when it runs over the end or is not hexadecimal. */
function readItem(raw: string, at: number): Item | undefined {
  const prefix = Number.parseInt(raw.slice(at, at + 2), 16)
  if (prefix < 0x80) return { start: at, end: at + 2, isList: false }
  const isList = prefix >= 0xc0
  const short = prefix - (isList ? 0xc0 : 0x80)
  const lengthBytes = short > 55 ? short - 55 : 0
  const start = at + 2 + 2 * lengthBytes
  const bytes = lengthBytes === 0 ? short : Number.parseInt(raw.slice(at + 2, start), 16)
  const end = start + 2 * bytes
  // A comparison with NaN is false, so what is not hexadecimal ends here too.
  return end <= raw.length ? { start, end, isList } : undefined
}
