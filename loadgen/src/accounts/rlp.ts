/**
 * The part of RLP (Ethereum Yellow Paper, appendix B) that transactions need: byte strings, integers, and one list around them.
 */

/** Writes items one after the other and wraps them in a list. Reused from one transaction to the next. */
export type RlpWriter = {
  /** Forgets what was written. */
  reset(): void
  /** Number of bytes written. */
  length(): number
  /** Forgets what was written after `length` bytes. */
  truncate(length: number): void
  /** An integer >= 0: big endian, without leading zeros; 0 is the empty string. */
  integer(value: bigint | number): void
  bytes(value: Uint8Array): void
  /** An integer given as bytes: leading zeros are left out. */
  integerBytes(value: Uint8Array): void
  emptyList(): void
  /** A copy of what was written as one list, after `prefix` (the transaction type; none for a legacy transaction). */
  list(prefix?: number): Buffer
}

export function createRlpWriter(): RlpWriter {
  let buffer = Buffer.allocUnsafe(4096)
  let length = 0

  function reserve(more: number): void {
    if (length + more <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(2 * buffer.length, length + more))
    buffer.copy(larger, 0, 0, length)
    buffer = larger
  }

  function bytes(value: Uint8Array): void {
    reserve(value.length + 9)
    const first = value[0]
    if (value.length !== 1 || first === undefined || first >= 0x80)
      length = header(buffer, length, 0x80, value.length)
    buffer.set(value, length)
    length += value.length
  }

  return {
    reset: () => {
      length = 0
    },
    length: () => length,
    truncate: (to) => {
      length = to
    },
    bytes,
    integer(value) {
      if (value === 0 || value === 0n) return bytes(EMPTY)
      const digits = value.toString(16)
      bytes(Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex'))
    },
    integerBytes(value) {
      let start = 0
      while (start < value.length && value[start] === 0) start++
      bytes(value.subarray(start))
    },
    emptyList() {
      reserve(1)
      buffer[length++] = 0xc0
    },
    list(prefix) {
      const list = Buffer.allocUnsafe(length + 10)
      let end = 0
      if (prefix !== undefined) list[end++] = prefix
      end = header(list, end, 0xc0, length)
      buffer.copy(list, end, 0, length)
      return list.subarray(0, end + length)
    },
  }
}

const EMPTY = new Uint8Array(0)

/** Writes the header of `length` bytes at `at` and returns where the content starts. `base`: 0x80 a string, 0xc0 a list. */
function header(target: Buffer, at: number, base: number, length: number): number {
  if (length < 56) {
    target[at] = base + length
    return at + 1
  }
  const lengthBytes = length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4
  target[at] = base + 55 + lengthBytes
  target.writeUIntBE(length, at + 1, lengthBytes)
  return at + 1 + lengthBytes
}
