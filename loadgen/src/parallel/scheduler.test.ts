import { expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import type { CalleeKey, Generation, ScheduledCall } from './access.js'
import { createScheduler } from './scheduler.js'

/** A block of calls to these callees, one letter each, in order of id; `-` is a transfer. */
function block(callees: string): ScheduledCall[] {
  return [...callees].map((callee, id) => ({ id, callee: callee === '-' ? undefined : callee }))
}

/** `0 1,2 | 3! 4 | D 5`: generations apart by `|`, sequences by spaces; `D` deferred, `!` flagged. */
function text(generations: readonly Generation[]): string {
  return generations
    .map(({ sequences, isDeferred, flagged }) => {
      const name = (id: number) => `${id}${flagged.includes(id) ? '!' : ''}`
      const shown = sequences.map((sequence) => sequence.map(name).join()).join(' ')
      return isDeferred ? `D ${shown}` : shown
    })
    .join(' | ')
}

function scheduler(known: { deferrable?: string; pairs?: string } = {}) {
  const created = createScheduler()
  for (const callee of known.deferrable ?? '') created.addDeferrable(callee)
  for (const [winner = '', loser = ''] of known.pairs?.split(' ') ?? [])
    created.learn(winner, loser)
  return (callees: string) => text(created.schedule(block(callees)))
}

/* GENERATIONS AND CONFLICTS */

test('default: calls without a known callee run in one generation', () => {
  expect(scheduler()('abc-a')).toBe('0 1 2 3 4')
  expect(scheduler()('')).toBe('')
})

test('behavior: an increment that conflicted with itself runs one by one in the next block', () => {
  const created = createScheduler()
  expect(text(created.schedule(block('iiiii')))).toBe('0 1 2 3 4')
  expect(created.learn('i', 'i')).toBe(true)
  expect(text(created.schedule(block('iiiii')))).toBe('0,1,2,3,4')
})

test('behavior: a learnt pair is put into separate generations', () => {
  expect(scheduler({ pairs: 'wr' })('wwrr')).toBe('0 1 | 2 3')
  expect(scheduler({ pairs: 'wr' })('rwrw')).toBe('0 2 | 1 3')
})

test('behavior: four writers and a reader, that lost to each other before', () => {
  // The reader came first: only reader and writer is learnt; the reader alone begins the sequence.
  expect(scheduler({ pairs: 'rw' })('rwwww')).toBe('0,1,2,3,4')
  expect(scheduler({ pairs: 'rw' })('wwwwr')).toBe('0 1 2 3 | 4')
  expect(scheduler({ pairs: 'wr ww' })('wwwwr')).toBe('4,0,1,2,3')
})

test('behavior: callees that conflict only with themselves advance side by side', () => {
  expect(scheduler({ pairs: 'aa bb' })('aabbb')).toBe('0 2 | 1 3 | 4')
  expect(scheduler({ pairs: 'aa bb' })('aaabbb-')).toBe('0 3 | 1 4 | 2 5 | 6')
})

test('behavior: callees with fewer conflicts come first, whatever their ids', () => {
  expect(scheduler({ pairs: 'ab ac' })('aacbb')).toBe('2 3 4 | 0 1')
})

test('behavior: the sequence runs beside the unknown calls, after the known ones', () => {
  expect(scheduler({ pairs: 'ii' })('uii-iu')).toBe('1,2,4 0 3 5')
  expect(scheduler({ pairs: 'wr' })('urrw-')).toBe('1 2 | 3 0 4')
})

test('behavior: the sequence takes all that is left, callees without conflict too', () => {
  expect(scheduler({ pairs: 'ab ac bc' })('abcabc')).toBe('0 3 | 1 4 | 2 5')
  expect(scheduler({ pairs: 'ab ac bc' })('abbcc')).toBe('0,1,2,3,4')
})

test('behavior: a conflict with a callee that is not in the block separates nothing', () => {
  expect(scheduler({ pairs: 'wr' })('wwwu')).toBe('0 1 2 | 3')
})

test('args: ids decide, not the order in the list', () => {
  const created = createScheduler()
  created.addDeferrable('d')
  expect(text(created.schedule(block('ddd').reverse()))).toBe('0 1 | D 2')
})

/* DEFERRAL */

test('behavior: the last call of a deferrable callee runs in the next generation', () => {
  expect(scheduler({ deferrable: 'd' })('ddd')).toBe('0 1 | D 2')
  expect(scheduler({ deferrable: 'd' })('dudd-')).toBe('0 2 | D 3 | 1 4')
})

test('behavior: an unknown call behind the last deferrable one runs after the deferred one', () => {
  expect(scheduler({ deferrable: 'd' })('sdd')).toBe('1 | D 2 | 0')
})

test('behavior: a lone call of it, the only known one, is neither deferred nor flagged', () => {
  expect(scheduler({ deferrable: 'd' })('d')).toBe('0')
  expect(scheduler({ deferrable: 'd' })('ud-')).toBe('1 0 2')
})

test('behavior: a single call beside other known ones is flagged where it is', () => {
  expect(scheduler({ deferrable: 'd', pairs: 'wr' })('wwd')).toBe('0 1 2!')
  expect(scheduler({ deferrable: 'd', pairs: 'wr' })('wwdr')).toBe('0 1 2! | 3')
})

test('behavior: two deferrable callees are deferred together', () => {
  expect(scheduler({ deferrable: 'de' })('ddeeed')).toBe('0 1 2 3 | D 4 5')
})

test('behavior: a single call of a deferrable callee ends deferral for those known later', () => {
  expect(scheduler({ deferrable: 'de' })('dee')).toBe('0! 1 2')
  expect(scheduler({ deferrable: 'ed' })('dee')).toBe('0! 1 | D 2')
  expect(scheduler({ deferrable: 'def' })('ddeff')).toBe('0 2! 3 4 | D 1')
})

test('behavior: a deferrable callee without calls ends nothing', () => {
  expect(scheduler({ deferrable: 'de' })('ee')).toBe('0 | D 1')
})

test('behavior: what counts is when a callee became known, by a conflict or as deferrable', () => {
  const created = createScheduler()
  created.learn('e', 'x')
  created.addDeferrable('d')
  created.addDeferrable('e')
  // e stands first though it has more conflicts and registered later.
  expect(text(created.schedule(block('edd')))).toBe('0! 1 2')
})

test('behavior: a conflict of the deferrable callee with itself ends its deferral', () => {
  expect(scheduler({ deferrable: 'd', pairs: 'dd' })('dddd')).toBe('0,1,2,3')
  expect(scheduler({ deferrable: 'd', pairs: 'dd' })('uddd')).toBe('1,2,3 0')
})

test('behavior: a lone call ahead of the deferrable ones that it conflicts with', () => {
  expect(scheduler({ deferrable: 'd', pairs: 'xd' })('xddd')).toBe('0,1,2,3')
  expect(scheduler({ deferrable: 'd', pairs: 'xd' })('dddx')).toBe('0 1 | D 2 | 3')
  expect(scheduler({ deferrable: 'd', pairs: 'xd' })('xxdd')).toBe('0 1 | 2 | D 3')
})

/* MEMORY */

test('behavior: a pair is learnt once, in either order, and kept until reset', () => {
  const created = createScheduler()
  expect(created.learn('a', 'b')).toBe(true)
  expect(created.learn('b', 'a')).toBe(false)
  expect(created.learn('a', 'a')).toBe(true)
  expect(created.learn('a', 'a')).toBe(false)
  created.schedule(block('ab'))
  expect(created.pairs()).toEqual([
    ['a', 'b'],
    ['a', 'a'],
  ])
  created.addDeferrable('d')
  created.reset()
  expect(created.pairs()).toEqual([])
  expect(text(created.schedule(block('aabdd')))).toBe('0 1 2 3 4')
  expect(created.learn('b', 'a')).toBe(true)
})

/* AGAINST THE RULE, TAKEN WORD BY WORD */

/** Splits call by call, as the rule is written, with nothing made faster. Deferral is left out. */
function splitWordByWord(
  calls: readonly { id: number; callee: CalleeKey }[],
  pairs: readonly (readonly [CalleeKey, CalleeKey])[],
): { singles: number[][]; sequence: number[] } {
  const conflicts = (callee: CalleeKey) =>
    new Set(pairs.flatMap(([a, b]) => (a === callee ? [b] : b === callee ? [a] : [])))
  let left = [...calls].sort(
    (a, b) => conflicts(a.callee).size - conflicts(b.callee).size || a.id - b.id,
  )
  const singles: number[][] = []
  while (left.length > 0) {
    const taken: typeof left = []
    for (const call of left) {
      const isBarred = taken.some(
        ({ callee }) => conflicts(callee).has(call.callee) || conflicts(call.callee).has(callee),
      )
      if (!isBarred) taken.push(call)
    }
    if (taken.length === 1) {
      const [only] = taken
      return { singles, sequence: [only!, ...left.filter((c) => c !== only)].map(({ id }) => id) }
    }
    singles.push(taken.map(({ id }) => id).sort((a, b) => a - b))
    left = left.filter((call) => !taken.includes(call))
  }
  return { singles, sequence: [] }
}

test('property: random blocks and pairs split as the rule says, call by call', () => {
  const rng = createRng('scheduler', 'split')
  for (let round = 0; round < 500; round++) {
    const callees = [...'abcdef'].slice(0, 1 + rng.int(6))
    const created = createScheduler()
    // A pair with one that never comes makes every callee known.
    for (const callee of callees) created.learn(callee, 'z')
    for (let i = rng.int(8); i > 0; i--) created.learn(rng.pick(callees), rng.pick(callees))
    const calls = Array.from({ length: rng.int(14) }, (_, id) => ({
      id,
      callee: rng.pick(callees),
    }))
    const { singles, sequence } = splitWordByWord(calls, created.pairs())
    const expected = singles.map((ids) => ids.map((id) => [id]))
    if (sequence.length > 0) expected.push([sequence])
    expect(created.schedule(calls).map(({ sequences }) => sequences)).toEqual(expected)
  }
})

test('property: each call is in one generation, the last deferrable one in a deferred one', () => {
  const rng = createRng('scheduler', 'deferral')
  for (let round = 0; round < 500; round++) {
    const created = createScheduler()
    created.addDeferrable('d')
    for (let i = rng.int(4); i > 0; i--) created.learn(rng.pick([...'abc']), rng.pick([...'abc']))
    const calls = block(Array.from({ length: rng.int(12) }, () => rng.pick([...'abcd-'])).join(''))
    const generations = created.schedule(calls)
    expect(generations.flatMap(({ sequences }) => sequences.flat()).sort((a, b) => a - b)).toEqual(
      calls.map(({ id }) => id),
    )
    const ofD = calls.filter(({ callee }) => callee === 'd').map(({ id }) => id)
    const deferred = generations.filter(({ isDeferred }) => isDeferred)
    expect(deferred.flatMap(({ sequences }) => sequences.flat())).toEqual(
      ofD.length >= 2 ? ofD.slice(-1) : [],
    )
  }
})
