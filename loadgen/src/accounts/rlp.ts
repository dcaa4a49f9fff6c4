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
  /**
   * Bytes given as hexadecimal digits after 0x.
   * @returns false, and nothing is written, for what is no whole number of bytes.
   */
  hex(value: string): boolean
  /** An integer given as bytes: leading zeros are left out. */
  integerBytes(value: Uint8Array): void
  emptyList(): void
  /** What was written as one list, after `prefix` (the transaction type; none for a legacy transaction). Good until the next call. */
  list(prefix?: number): Buffer
}

/** Room before the items for the list's header and a prefix. */
const ROOM = 10
/** Most that stands before the bytes of one item. */
const HEADER = 9

/** Takes no memory of its own for an item, nor for a list: half of the time of signing that is not cryptography went there. */
export function createRlpWriter(): RlpWriter {
  let buffer = Buffer.allocUnsafeSlow(4096)
  let end = ROOM

  function reserve(more: number): void {
    if (end + more <= buffer.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, end + more))
    buffer.copy(larger, 0, 0, end)
    buffer = larger
  }

  /** The header of `length` bytes, the first of which is given. */
  function startItem(length: number, first: number | undefined): void {
    if (length !== 1 || first === undefined || first >= 0x80) {
      const size = headerSize(length)
      writeHeader(buffer, end, 0x80, length)
      end += size
    }
  }

  /** Below 2^48, which holds whatever a transaction counts. */
  function small(value: number): void {
    let length = 0
    for (let rest = value; rest >= 1; rest = Math.floor(rest / 256)) length++
    reserve(length + HEADER)
    startItem(length, length === 1 ? value : undefined)
    if (length === 0) return
    buffer.writeUIntBE(value, end, length)
    end += length
  }

  function hex(value: string): boolean {
    const length = (value.length - 2) / 2
    if (!Number.isInteger(length) || length < 0) return false
    reserve(length + HEADER)
    const before = end
    startItem(length, length === 1 ? Number.parseInt(value.slice(2), 16) : undefined)
    // Stops at the first digit that is none.
    if (buffer.write(value.slice(2), end, 'hex') !== length) {
      end = before
      return false
    }
    end += length
    return true
  }

  return {
    reset: () => {
      end = ROOM
    },
    length: () => end - ROOM,
    truncate: (length) => {
      end = ROOM + length
    },
    hex,
    integer(value) {
      if (value <= MAX_SMALL) return small(Number(value))
      const digits = value.toString(16)
      hex(digits.length % 2 === 0 ? `0x${digits}` : `0x0${digits}`)
    },
    integerBytes(value) {
      let start = 0
      while (start < value.length && value[start] === 0) start++
      const length = value.length - start
      reserve(length + HEADER)
      startItem(length, value[start])
      for (let i = start; i < value.length; i++) buffer[end++] = value[i] as number
    },
    emptyList() {
      reserve(1)
      buffer[end++] = 0xc0
    },
    list(prefix) {
      const length = end - ROOM
      let start = ROOM - headerSize(length)
      writeHeader(buffer, start, 0xc0, length)
      if (prefix !== undefined) buffer[--start] = prefix
      return buffer.subarray(start, end)
    },
  }
}

const MAX_SMALL = 2 ** 48 - 1

function headerSize(length: number): number {
  return length < 56 ? 1 : 1 + byteLength(length)
}

function byteLength(length: number): number {
  return length < 0x100 ? 1 : length < 0x10000 ? 2 : length < 0x1000000 ? 3 : 4
}

/** `base`: 0x80 a string, 0xc0 a list. */
function writeHeader(target: Buffer, at: number, base: number, length: number): void {
  if (length < 56) {
    target[at] = base + length
    return
  }
  const size = byteLength(length)
  target[at] = base + 55 + size
  target.writeUIntBE(length, at + 1, size)
}
