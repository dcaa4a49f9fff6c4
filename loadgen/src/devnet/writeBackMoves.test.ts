import { concatHex, pad, toHex } from 'viem'
import { expect, test } from 'vitest'
import type { Hex } from '../core/types.js'
import { type Frame, findMoves, type Log, WRITE_BACK } from './writeBackMoves.js'

const word = (value: number): Hex => toHex(value, { size: 32 })
const MARK: Hex = `0x${'ff'.repeat(32)}`
const [PID, OTHER, SIGNATURE] = [word(0xaa), word(0xbb), word(0x51)]
const BLOCK = word(0xb10c)

/** `bytes` as an event's only argument that is not indexed. */
function bytes(...words: Hex[]): Hex {
  const content = concatHex(words)
  const size = (content.length - 2) / 2
  return concatHex([
    word(32),
    word(size),
    pad(content, { dir: 'right', size: Math.ceil(size / 32) * 32 }),
  ])
}

function event({ index, ...fields }: Partial<Log> & { index: number }): Log {
  return {
    address: '0x00000000000000000000000000000000000000c0',
    topics: [WRITE_BACK, PID, SIGNATURE],
    data: bytes(word(1), MARK, word(2)),
    transactionHash: word(0x99),
    transactionIndex: '0x9',
    logIndex: toHex(index),
    ...fields,
  }
}

/** Transaction `position` got a pid. */
function got(pid: Hex, position: number, fields: Partial<Frame> = {}): Frame {
  return {
    action: { callType: 'call', input: '0xf1068454' },
    result: { output: pid },
    blockHash: BLOCK,
    transactionHash: word(position),
    transactionPosition: position,
    ...fields,
  }
}

/** What one event with this content becomes. */
function unpacked(...words: Hex[]) {
  const { arrived } = findMoves([event({ index: 0, data: bytes(...words) })], [got(PID, 3)])
  const [moved] = arrived.get(word(3)) ?? []
  return { topics: moved?.topics.slice(1).map(Number), data: moved?.data }
}

test('default: an event leaves for the transaction that its pid names, as what it stands for', () => {
  const { left, arrived, lost } = findMoves([event({ index: 7 })], [got(OTHER, 1), got(PID, 18)])
  expect([[...left], lost]).toEqual([['0x7'], []])
  expect([...arrived]).toEqual([
    [
      word(18),
      [
        {
          address: '0x00000000000000000000000000000000000000c0',
          topics: [SIGNATURE, word(1)],
          data: word(2),
          transactionHash: word(18),
          transactionIndex: '0x12',
          logIndex: '0x7',
        },
      ],
    ],
  ])
})

test('behavior: several events of one transaction keep their order', () => {
  const events = [4, 2, 9].map((n, index) => event({ index, data: bytes(MARK, word(n)) }))
  const { arrived } = findMoves(events, [got(PID, 3)])
  expect(arrived.get(word(3))?.map(({ data }) => Number(data))).toEqual([4, 2, 9])
})

test('behavior: topics before the last word of ones, three in all; data after it', () => {
  expect(unpacked(MARK, word(5))).toEqual({ topics: [], data: word(5) })
  expect(unpacked(word(1), word(2), MARK, word(5), word(6))).toEqual({
    topics: [1, 2],
    data: concatHex([word(5), word(6)]),
  })
  expect(unpacked(word(1), word(2), word(3), MARK, word(5))).toEqual({
    topics: [1, 2],
    data: word(5),
  })
  expect(unpacked(word(1), MARK, word(5), MARK, word(6)).data).toBe(word(6))
  expect(unpacked(word(1), MARK, word(5), '0xabcd').data).toBe(
    concatHex([word(5), pad('0xabcd', { dir: 'right' })]),
  )
})

test('behavior: without a word of ones, or none after it, all is data', () => {
  expect(unpacked(word(1), word(2))).toEqual({ topics: [], data: concatHex([word(1), word(2)]) })
  expect(unpacked()).toEqual({ topics: [], data: '0x' })
  expect(unpacked(word(1), MARK)).toEqual({ topics: [1], data: concatHex([word(1), MARK]) })
})

test('behavior: what reverted gave its pid back: the last transaction that got it has it', () => {
  const { arrived } = findMoves([event({ index: 0 })], [got(PID, 1), got(PID, 4)])
  expect([...arrived.keys()]).toEqual([word(4)])
})

test('behavior: other calls of the runtime give no pid', () => {
  const others = [
    got(PID, 1, { action: { callType: 'call', input: '0xbb07e85d' } }),
    got(PID, 2, { action: { callType: 'staticcall', input: '0xf1068454' } }),
    got(PID, 3, { action: {} }),
    got(PID, 4, { result: null }),
    got(PID, 5, { result: {} }),
  ]
  expect(findMoves([event({ index: 0 })], others).lost).toEqual([PID])
})

test('error: events that name no transaction of the block, or are none, stay', () => {
  const short = event({ index: 1, topics: [WRITE_BACK, PID] })
  const bare = event({ index: 2, topics: [WRITE_BACK] })
  const { left, arrived, lost } = findMoves(
    [event({ index: 0, topics: [WRITE_BACK, OTHER, SIGNATURE] }), short, bare],
    [got(PID, 3)],
  )
  expect([left.size, arrived.size, lost]).toEqual([0, 0, [OTHER, PID, '0x']])
})
