import { describe, expect, test } from 'vitest'
import { toTxTable } from '../core/txTable.js'
import type { SignedTx } from '../core/types.js'
import { OUTCOME } from '../submit/ledger.js'
import { createLedger, type Note, samplesOf, toRanges, toTimes, toWorkingLedger } from './ledger.js'

const COUNT = 6
const table = toTxTable(
  Array.from(
    { length: COUNT },
    (_, i): SignedTx => ({
      ...{ intent: 10 + i, batch: 0, trader: i, nonce: 0, raw: '0x00' },
      hash: `0x${String(i).padStart(64, '0')}`,
    }),
  ),
)

function ledgerOf(...notes: Note[]) {
  const ledger = createLedger(COUNT)
  for (const note of notes) ledger.add(note)
  return ledger
}
const sending = (from: number, to: number, atMs: number, plannedMs?: number): Note => ({
  kind: 'sending',
  ...{ ranges: [[from, to]], atMs, plannedMs },
})
const answered = (from: number, to: number, plannedMs: number, at: [number, number]): Note => ({
  kind: 'answered',
  ...{ ranges: [[from, to]], plannedMs, requests: [at], of: new Array(to - from).fill(0) },
})

describe('samplesOf', () => {
  test('default: each as far as it came', () => {
    const ledger = ledgerOf(sending(0, 4, 101, 100), {
      kind: 'answered',
      ranges: [[0, 3]],
      plannedMs: 100,
      requests: [
        [102, 110],
        [103, 120],
      ],
      of: [0, 1, 1],
      exceptions: [[2, 'refused', 'no money']],
    })
    const samples = samplesOf(ledger, table)
    expect(samples.map(({ hash: _, ...sample }) => sample)).toEqual([
      { intent: 10, plannedMs: 100, sentMs: 102, acceptedMs: 110 },
      { intent: 11, plannedMs: 100, sentMs: 103, acceptedMs: 120 },
      { intent: 12, plannedMs: 100, sentMs: 103, error: 'no money' },
      // Sent, and then killed; of 4 and 5 nothing was said.
      { intent: 13, plannedMs: 100, sentMs: 101 },
    ])
  })

  test('behavior: what is sent again counts from the first intended and the first send time', () => {
    const ledger = ledgerOf(
      ...[sending(0, 1, 101, 100), sending(0, 1, 900, 900), answered(0, 1, 900, [901, 910])],
    )
    // A process that goes on begins with the times of the one before.
    expect(toWorkingLedger(ledgerOf(sending(0, 1, 101, 100))).sentMs[0]).toBe(101)
    expect(samplesOf(ledger, table)[0]).toMatchObject({ plannedMs: 100, acceptedMs: 910 })
  })

  test('behavior: whose send time was dropped counts from the one that it took instead', () => {
    const ledger = ledgerOf(sending(0, 2, 101, 100), answered(0, 1, 130, [131, 140]))
    expect(samplesOf(ledger, table)[0]).toMatchObject({ plannedMs: 130, sentMs: 131 })
    // Sent again because a block lost it: all its times stand.
    ledger.add(sending(0, 1, 900, 900))
    ledger.add(answered(0, 1, 900, [901, 910]))
    expect(samplesOf(ledger, table)[0]).toMatchObject({ plannedMs: 130, sentMs: 131 })
  })

  test('behavior: what is signed anew is open again, counts from its first times, and is not lost', () => {
    const ledger = ledgerOf(sending(0, 2, 101, 100), {
      ...(answered(0, 2, 100, [102, 110]) as Extract<Note, { kind: 'answered' }>),
      exceptions: [[1, 'replaced', 'nonce too low']],
    })
    const anew = { position: 1, nonce: 9, replaced: '0x01', hash: '0x02', raw: '0x03' } as const
    ledger.add({ kind: 'healed', atMs: 200, transactions: [anew] })
    const working = toWorkingLedger(ledger)
    expect([working.outcomes[0], working.outcomes[1]]).toEqual([OUTCOME.taken, OUTCOME.pending])
    expect(working.doubts[1]).toBe(0)
    ledger.add(sending(1, 2, 201, 200))
    ledger.add(answered(1, 2, 200, [202, 210]))
    expect(samplesOf(ledger, table)[1]).toEqual({
      ...{ intent: 11, hash: expect.any(String) },
      ...{ plannedMs: 100, sentMs: 102, acceptedMs: 210 },
    })
  })

  test('behavior: a settle() that was announced twice is one', () => {
    const settling = { kind: 'settling', hash: '0x0a', atMs: 1 } as const
    expect(ledgerOf(settling, { ...settling, atMs: 2 }).settlements()).toEqual(['0x0a'])
  })

  test('behavior: what was never sent is told apart from what was refused', () => {
    const ledger = ledgerOf(sending(0, 3, 101, 100), {
      ...(answered(0, 3, 100, [102, 110]) as Extract<Note, { kind: 'answered' }>),
      exceptions: [
        [0, 'dropped'],
        [1, 'unsent'],
        [2, 'unsent', 'it never reached the node: ECONNREFUSED'],
      ],
    })
    const [dropped, ended, unreached] = samplesOf(ledger, table)
    expect(dropped).toMatchObject({ unsent: 'dropped' })
    expect(ended).toMatchObject({ unsent: 'ended' })
    expect(unreached).toMatchObject({ error: 'it never reached the node: ECONNREFUSED' })
    for (const sample of [dropped, ended]) expect(sample).not.toHaveProperty('error')
    expect(unreached).not.toHaveProperty('unsent')
  })

  test('behavior: where the intended time is that of sending, the first announcement stands for it', () => {
    const working = toWorkingLedger(ledgerOf(sending(0, 1, 101)))
    expect([working.plannedMs[0], working.sentMs[0], working.doubts[0]]).toEqual([101, 101, 1])
    const ledger = ledgerOf(sending(0, 1, 101), answered(0, 1, 105, [105, 110]))
    expect(samplesOf(ledger, table)[0]).toMatchObject({ plannedMs: 105, sentMs: 105 })
  })

  test('behavior: what was given up is without an answer, and open again', () => {
    const ledger = ledgerOf(sending(0, 2, 101, 100), {
      ...(answered(0, 2, 100, [102, 110]) as Extract<Note, { kind: 'answered' }>),
      exceptions: [[1, 'unanswered']],
    })
    expect(samplesOf(ledger, table)[1]).toMatchObject({ intent: 11, plannedMs: 100, sentMs: 102 })
    expect(samplesOf(ledger, table)[1]).not.toHaveProperty('acceptedMs')
    const { outcomes, doubts } = toWorkingLedger(ledger)
    expect([outcomes[0], outcomes[1]]).toEqual([OUTCOME.taken, OUTCOME.pending])
    expect([doubts[0], doubts[1]]).toEqual([0, 1])
  })
})

describe('toWorkingLedger', () => {
  test('default: what was answered is settled, what was announced is in doubt, the rest is not', () => {
    const ledger = ledgerOf(sending(0, 4, 101, 100), answered(0, 2, 100, [102, 110]))
    const { outcomes, doubts, counts } = toWorkingLedger(ledger)
    const { taken, pending } = OUTCOME
    expect([...outcomes]).toEqual([taken, taken, pending, pending, pending, pending])
    expect([...doubts]).toEqual([0, 0, 1, 1, 0, 0])
    expect(counts[taken]).toBe(2)
  })
  test('args: positions: those alone are open, and in doubt though they were taken', () => {
    const ledger = ledgerOf(sending(0, 4, 101, 100), answered(0, 2, 100, [102, 110]))
    const { outcomes, doubts } = toWorkingLedger(ledger, [1])
    const open = [...outcomes.keys()].filter((i) => outcomes[i] === OUTCOME.pending)
    expect(open).toEqual([1])
    expect(doubts[1]).toBe(1)
  })
})

test('the first of several notes of a gate or a block stands', () => {
  const ledger = ledgerOf(
    { kind: 'gate', batch: 1, atMs: 5 },
    { kind: 'gate', batch: 1, atMs: 9 },
    { kind: 'block', number: 7, seenMs: 5 },
    { kind: 'block', number: 7, seenMs: 9 },
    { kind: 'settling', hash: '0xaa', atMs: 6 },
    { kind: 'submitted', atMs: 10 },
  )
  expect([ledger.gateOf(1), ledger.gateOf(2)]).toEqual([5, undefined])
  expect([ledger.seenMs(7), ledger.seenMs(8)]).toEqual([5, undefined])
  expect(ledger.settlements()).toEqual(['0xaa'])
  expect([ledger.doneMs('submitted'), ledger.doneMs('collected')]).toEqual([10, undefined])
})

test('error: a position that is none', () => {
  expect(() => ledgerOf(sending(4, 7, 1))).toThrow('There are no positions 4 to 7 among 6.')
})

test('toRanges: neighbours stand together, whatever their order', () => {
  expect(toRanges([5, 1, 2, 3, 9, 8])).toEqual([
    [1, 4],
    [5, 6],
    [8, 10],
  ])
  expect(toRanges([])).toEqual([])
})

test('toTimes: one time for all, or each to the microsecond', () => {
  expect(toTimes([7.5, 7.5])).toBe(7.5)
  expect(toTimes([1000.25, 1000.5])).toEqual({ startMs: 1000.25, laterUs: [0, 250] })
  const ledger = ledgerOf({
    kind: 'sending',
    ...{ ranges: [[1, 3]], atMs: 1, plannedMs: toTimes([1000.25, 1000.5]) },
  })
  expect([...ledger.transactions.plannedMs.slice(1, 3)]).toEqual([1000.25, 1000.5])
})
