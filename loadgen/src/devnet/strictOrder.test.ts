import { expect, test } from 'vitest'
import { createRng } from '../core/rng.js'
import type { Generation } from '../parallel/access.js'
import { type OrderedCall, type Step, wantedOrder } from './strictOrder.js'

/** Calls by sender: `abb` are three, the last two of one sender. Upper case: fixed. */
const callsOf = (senders: string): OrderedCall[] =>
  [...senders].map((letter, id) => ({
    id,
    from: letter.toLowerCase(),
    isFixed: letter !== letter.toLowerCase(),
  }))

const generation = (
  sequences: readonly (readonly number[])[],
  fields: Partial<Generation> = {},
): Generation => ({ sequences, isDeferred: false, flagged: [], ...fields })

/** `kept | steps`, a sequence in brackets. */
function show({ kept, steps }: { kept: readonly number[]; steps: readonly Step[] }): string {
  const shown = steps.map((step) => {
    if ('system' in step) return step.system
    return step.isSequence ? `[${step.ids.join(' ')}]` : step.ids.join(' ')
  })
  return [kept.join(' '), ...shown].join(' | ')
}

test('default: one generation without losers stays as it is', () => {
  const calls = callsOf('abcd')
  const generations = [generation([[0], [1], [2], [3]])]
  expect(show(wantedOrder({ calls, generations, aborted: new Set() }))).toBe('0 1 2 3')
})

test('default: a generation behind the other, a deferred one between', () => {
  const calls = callsOf('abcdef')
  const generations = [
    generation([[0], [2]]),
    generation([[4]], { isDeferred: true }),
    generation([[1, 3], [5]]),
  ]
  expect(show(wantedOrder({ calls, generations, aborted: new Set() }))).toBe(
    '0 2 | beginDeferred | 4 | endDeferred | [1 3] | 5',
  )
})

test('behavior: a deferred generation at the end is closed', () => {
  const calls = callsOf('abc')
  const generations = [generation([[0], [1]]), generation([[2]], { isDeferred: true })]
  expect(show(wantedOrder({ calls, generations, aborted: new Set() }))).toBe(
    '0 1 | beginDeferred | 2 | endDeferred',
  )
})

test('behavior: those aborted and those flagged stand at the end of their generation', () => {
  const calls = callsOf('abcdefg')
  const generations = [
    generation([[0], [1], [2], [3]], { flagged: [1] }),
    generation([[4], [5], [6]]),
  ]
  expect(show(wantedOrder({ calls, generations, aborted: new Set([0, 2, 5]) }))).toBe(
    '3 | raiseFlag | 1 | lowerFlag | beginAborting | 0 2 | endAborting' +
      ' | endDeferred | 4 6 | beginAborting | 5 | endAborting',
  )
})

test('behavior: a flagged call that is aborted is only aborted', () => {
  const calls = callsOf('ab')
  const generations = [generation([[0], [1]], { flagged: [1] })]
  expect(show(wantedOrder({ calls, generations, aborted: new Set([1]) }))).toBe(
    '0 | beginAborting | 1 | endAborting',
  )
})

test('nonces: an earlier one of a later generation moves up', () => {
  const calls = callsOf('abca')
  const generations = [generation([[1], [3]]), generation([[0], [2]])]
  expect(show(wantedOrder({ calls, generations, aborted: new Set() }))).toBe(
    '0 1 3 | endDeferred | 2',
  )
})

test('nonces: in one generation, what follows an aborted one waits for it', () => {
  const calls = callsOf('abaab')
  const generations = [generation([[0], [1], [2], [3], [4]])]
  expect(show(wantedOrder({ calls, generations, aborted: new Set([0, 3]) }))).toBe(
    '1 4 | beginAborting | 0 | endAborting | 2 | beginAborting | 3 | endAborting',
  )
})

test('nonces: an earlier one than a deferred one runs before the deferred generation', () => {
  const calls = callsOf('abca')
  const generations = [
    generation([[1], [2]]),
    generation([[3]], { isDeferred: true }),
    generation([[0]]),
  ]
  expect(show(wantedOrder({ calls, generations, aborted: new Set() }))).toBe(
    '0 1 2 | beginDeferred | 3 | endDeferred',
  )
})

test('nonces: a deferred one is not moved; what follows it runs behind it', () => {
  const calls = callsOf('aba')
  const generations = [generation([[1], [2]]), generation([[0]], { isDeferred: true })]
  expect(show(wantedOrder({ calls, generations, aborted: new Set() }))).toBe(
    '1 | beginDeferred | 0 | endDeferred | 2',
  )
})

test('behavior: fixed calls begin the block wherever they belong, and are never aborted', () => {
  const calls = callsOf('Acb')
  const generations = [generation([[1]]), generation([[0], [2]])]
  expect(show(wantedOrder({ calls, generations, aborted: new Set([0]) }))).toBe(
    '0 1 | endDeferred | 2',
  )
})

test('behavior: a block whose first call is flagged keeps nothing', () => {
  const calls = callsOf('a')
  expect(
    show(
      wantedOrder({
        calls,
        generations: [generation([[0]], { flagged: [0] })],
        aborted: new Set(),
      }),
    ),
  ).toBe(' | raiseFlag | 0 | lowerFlag')
})

test('property: each call once, nonces in order, and nothing aborted outside of its bracket', () => {
  const rng = createRng('strictOrder', 'test')
  for (let round = 0; round < 500; round++) {
    const size = 1 + rng.int(12)
    const letters = Array.from({ length: size }, () => rng.pick(['a', 'b', 'c', 'd', 'e']))
    const calls = callsOf(letters.join(''))
    const generations: Generation[] = []
    for (let left = rng.shuffle(calls.map(({ id }) => id)); left.length > 0; ) {
      const ids = left.slice(0, 1 + rng.int(left.length)).sort((a, b) => a - b)
      left = left.slice(ids.length)
      const last = generations.at(-1)
      const isDeferred = last !== undefined && !last.isDeferred && rng.int(2) === 0
      const sequences = rng.int(3) === 0 ? [ids] : ids.map((id) => [id])
      generations.push(
        generation(sequences, { isDeferred, flagged: isDeferred ? [] : ids.slice(0, rng.int(2)) }),
      )
    }
    const aborted = new Set(calls.map(({ id }) => id).filter(() => rng.int(3) === 0))
    const { kept, steps } = wantedOrder({ calls, generations, aborted })
    const run = [...kept, ...steps.flatMap((step) => ('ids' in step ? step.ids : []))]
    expect(run.toSorted((a, b) => a - b)).toEqual(calls.map(({ id }) => id))
    for (const sender of new Set(letters)) {
      const ids = run.filter((id) => letters[id] === sender)
      const inSequences = ids.some((id) =>
        generations.some(({ sequences }) => sequences.some((s) => s.length > 1 && s.includes(id))),
      )
      // Between two system calls Anvil itself puts the nonces of a sender in order.
      if (!inSequences) expect(ids).toEqual(ids.toSorted((a, b) => a - b))
    }
    let isAborting = false
    for (const step of steps)
      if ('ids' in step) for (const id of step.ids) expect(aborted.has(id)).toBe(isAborting)
      else if (step.system === 'beginAborting') isAborting = true
      else if (step.system === 'endAborting') isAborting = false
    expect(kept.some((id) => aborted.has(id))).toBe(false)
    expect(isAborting).toBe(false)
  }
})
