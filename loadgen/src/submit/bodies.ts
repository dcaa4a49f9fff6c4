import { closeSync, openSync, readSync } from 'node:fs'
import type { RawTexts } from '../core/txTable.js'
import type { SubmitMethod } from './send.js'

/** Copies raw transactions to where they are needed. */
export type RawReader = {
  lengths: Uint32Array
  /** Copies the text of a transaction to `at` and returns its length. */
  copy(position: number, target: Buffer, at: number): number
  close(): void
}

/** @throws when the file cannot be opened. */
export function createRawReader(raws: RawTexts): RawReader {
  const reader = 'path' in raws ? fromFile(raws) : fromMemory(raws)
  const { anew } = raws
  if (anew === undefined) return reader
  return {
    ...reader,
    copy(position, target, at) {
      const raw = anew.get(position)
      return raw === undefined ? reader.copy(position, target, at) : target.write(raw, at, 'latin1')
    },
  }
}

/** Writes the bodies of requests, straight from the bytes of the transactions. */
export type BodyWriter = {
  /** The body that carries the transactions at these positions, in this order; good until the next call. */
  write(positions: readonly number[]): Buffer
  /** Leaves the memory of the last body to whoever may still read it. */
  release(): void
}

const ARCOLOGY_HEAD = '{"jsonrpc":"2.0","id":0,"method":"arn_sendRawTransactions","params":['

/** In a standard batch the ids are the places in the request, so that an answer needs no list to be understood. */
export function createBodyWriter(reader: RawReader, method: SubmitMethod): BodyWriter {
  const heads: Buffer[] = []
  const head = (i: number): Buffer => {
    heads[i] ??= Buffer.from(
      method === 'arcology'
        ? `${i === 0 ? ARCOLOGY_HEAD : ','}"`
        : `${i === 0 ? '[' : ','}{"jsonrpc":"2.0","id":${i},"method":"eth_sendRawTransaction","params":["`,
    )
    return heads[i]
  }
  const tail = Buffer.from(method === 'arcology' ? '"' : '"]}')
  const end = Buffer.from(method === 'arcology' ? ']}' : ']')

  let memory = Buffer.alloc(0)

  return {
    write(positions) {
      let size = end.length
      for (let i = 0; i < positions.length; i++)
        size += head(i).length + (reader.lengths[positions[i] as number] as number) + tail.length
      if (memory.length < size) memory = Buffer.allocUnsafe(size)
      let at = 0
      for (let i = 0; i < positions.length; i++) {
        at += head(i).copy(memory, at)
        at += reader.copy(positions[i] as number, memory, at)
        at += tail.copy(memory, at)
      }
      end.copy(memory, at)
      return memory.subarray(0, size)
    },
    release() {
      memory = Buffer.alloc(0)
    },
  }
}

function fromMemory(raws: RawTexts & { text: Uint8Array }): RawReader {
  const { buffer, byteOffset, byteLength } = raws.text
  const text = Buffer.from(buffer, byteOffset, byteLength)
  return {
    lengths: raws.lengths,
    copy(position, target, at) {
      const start = raws.starts[position] as number
      return text.copy(target, at, start, start + (raws.lengths[position] as number))
    },
    close() {},
  }
}

/** Bytes read at a time, and how many such blocks are kept: lanes read near each other, each a little ahead or behind. */
const BLOCK = 2 ** 20
const KEPT_BLOCKS = 16

function fromFile(raws: RawTexts & { path: string }): RawReader {
  const file = openSync(raws.path, 'r')
  const blocks = new Map<number, Buffer>()

  function block(index: number): Buffer {
    const kept = blocks.get(index)
    if (kept !== undefined) return kept
    const oldest = blocks.size < KEPT_BLOCKS ? undefined : blocks.keys().next().value
    const memory = (oldest !== undefined && blocks.get(oldest)) || Buffer.allocUnsafe(BLOCK)
    if (oldest !== undefined) blocks.delete(oldest)
    readSync(file, memory, 0, BLOCK, index * BLOCK)
    blocks.set(index, memory)
    return memory
  }

  return {
    lengths: raws.lengths,
    copy(position, target, at) {
      const length = raws.lengths[position] as number
      let from = raws.starts[position] as number
      let done = 0
      while (done < length) {
        const offset = from % BLOCK
        const part = Math.min(length - done, BLOCK - offset)
        block(Math.floor(from / BLOCK)).copy(target, at + done, offset, offset + part)
        done += part
        from += part
      }
      return length
    },
    close: () => closeSync(file),
  }
}
