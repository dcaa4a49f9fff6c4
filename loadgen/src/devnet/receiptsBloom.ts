import { hexToBytes, keccak256 } from 'viem'
import type { Hex } from '../core/types.js'

/** Bytes of a bloom. */
const BLOOM_SIZE = 256

/**
 * The bloom of a receipt's logs, 256 bytes: for the address and each topic, the three bits that the first three pairs of bytes of
 * its Keccak-256 name, modulo 2048, counted from the end.
 * @see the yellow paper, section 4.3.1, M3:2048
 */
export function receiptsBloom(logs: readonly { address: Hex; topics: readonly Hex[] }[]): Hex {
  const bloom = Buffer.alloc(BLOOM_SIZE)
  for (const item of new Set(logs.flatMap(({ address, topics }) => [address, ...topics]))) {
    const hash = Buffer.from(keccak256(hexToBytes(item), 'bytes'))
    for (const at of [0, 2, 4]) {
      const bit = hash.readUInt16BE(at) % (8 * BLOOM_SIZE)
      const byte = BLOOM_SIZE - 1 - (bit >> 3)
      bloom.writeUInt8(bloom.readUInt8(byte) | (1 << (bit & 7)), byte)
    }
  }
  return `0x${bloom.toString('hex')}`
}
