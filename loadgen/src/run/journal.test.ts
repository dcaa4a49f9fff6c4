import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { OUTCOME } from '../submit/ledger.js'
import { doneMsOf, openJournal } from './journal.js'
import type { Note } from './ledger.js'

let path = ''
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'journal-')), 'journal.jsonl')
})
afterEach(() => rmSync(join(path, '..'), { recursive: true }))

const NOTES: readonly Note[] = [
  { kind: 'executing', executor: 'ramp', warmupMs: 500, atMs: 1 },
  { kind: 'gate', batch: 0, atMs: 1.5 },
  { kind: 'sending', ranges: [[0, 3]], atMs: 2, plannedMs: { startMs: 1, laterUs: [0, 1, 2] } },
  {
    kind: 'answered',
    ranges: [
      [0, 1],
      [2, 3],
    ],
    plannedMs: 1,
    requests: [[2, 3]],
    of: [0, 0],
    exceptions: [[2, 'refused', 'no “money”']],
  },
  { kind: 'settling', hash: '0xab', atMs: 4 },
  { kind: 'block', number: 5, seenMs: 5 },
  {
    ...{ kind: 'executed', atMs: 6 },
    ramp: {
      steps: [{ perSecond: 10, acceptedPerSecond: 9, p99Ms: 3, errorShare: 0.1 }],
      breaking: { perSecond: 10, reason: '9 of 10' },
    },
  },
  {
    ...{ kind: 'healed', atMs: 5.5 },
    transactions: [{ position: 1, nonce: 9, replaced: '0x01', hash: '0x02', raw: '0x0304' }],
  },
  { kind: 'submitted', atMs: 6 },
  { kind: 'collected', atMs: 7 },
]

/** Writes the notes and closes the journal. */
function write(notes: readonly Note[]): void {
  const journal = openJournal(path, { count: 3 })
  for (const note of notes) journal.add(note)
  journal.close()
}

/** What a process that comes later knows. */
function read(options: Partial<openJournal.Options> = {}) {
  const journal = openJournal(path, { count: 3, ...options })
  journal.close()
  return journal.ledger
}

test('default: a later process knows what was noted, every kind of note', () => {
  write(NOTES)
  const ledger = read()
  const { pending, taken, refused } = OUTCOME
  expect([...ledger.transactions.outcomes]).toEqual([taken, pending, refused])
  expect(ledger.sentences.get(2)).toBe('no “money”')
  expect(ledger.transactions.plannedMs[1]).toBe(1.001)
  expect([ledger.gateOf(0), ledger.seenMs(5), ledger.settlements()]).toEqual([1.5, 5, ['0xab']])
  expect(ledger.healed()).toEqual([
    { position: 1, nonce: 9, replaced: '0x01', hash: '0x02', raw: '0x0304' },
  ])
  expect(ledger.execution()).toEqual({
    ...{ executor: 'ramp', warmupMs: 500, isDone: true },
    ramp: {
      steps: [{ perSecond: 10, acceptedPerSecond: 9, p99Ms: 3, errorShare: 0.1 }],
      breaking: { perSecond: 10, reason: '9 of 10' },
    },
  })
  expect([doneMsOf(path, 'submitted'), doneMsOf(path, 'collected')]).toEqual([6, 7])
})

test('behavior: a note is on disk when add returns', () => {
  const journal = openJournal(path, { count: 3 })
  for (const [i, note] of NOTES.entries()) {
    journal.add(note)
    expect(readFileSync(path, 'utf8').split('\n').length).toBe(i + 2)
  }
  journal.close()
})

test('behavior: a line that was cut off is left out, and the next note stands on its own', () => {
  write(NOTES.slice(0, 2))
  const whole = readFileSync(path)
  for (let cut = 1; cut < whole.length; cut++) {
    writeFileSync(path, whole.subarray(0, cut))
    const isTorn = whole[cut - 1] !== 10
    const torn: number[] = []
    const journal = openJournal(path, { count: 3, onTornLine: (bytes) => torn.push(bytes) })
    expect(torn.length).toBe(isTorn ? 1 : 0)
    journal.add({ kind: 'submitted', atMs: 6 })
    journal.close()
    expect(read().doneMs('submitted')).toBe(6)
  }
})

test('behavior: no journal is an empty one', () => {
  expect(doneMsOf(path, 'submitted')).toBe(undefined)
  expect(read().transactions.outcomes).toEqual(new Uint8Array(3))
})

test.each([
  ['{"kind":"gate"', 'line 2: this is no valid JSON of a journal.'],
  ['[]', 'line 2: it must be an object.'],
  ['{"kind":"surprise"}', /line 2: kind must be one of gate, sending,/],
  ['{"kind":"gate","batch":0}', 'line 2: atMs must be a number.'],
  ['{"kind":"sending","ranges":[[0]],"atMs":1}', 'line 2: ranges[0][1] must be a whole number.'],
  [
    '{"kind":"answered","ranges":[],"plannedMs":1,"requests":[],"of":[],"exceptions":[[0,"lost"]]}',
    'line 2: exceptions[0][1] must be one of refused, replaced, unanswered, unsent, dropped.',
  ],
])('error: a line in the middle that is malformed: %s', (line, message) => {
  write(NOTES.slice(0, 1))
  appendFileSync(path, `${line}\n`)
  const error = (): unknown => {
    try {
      return read()
    } catch (caught) {
      return caught
    }
  }
  expect(error()).toMatchObject({
    name: 'UsageError',
    message: typeof message === 'string' ? `"${path}", ${message}` : expect.stringMatching(message),
  })
})
