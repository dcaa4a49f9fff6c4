import { expect, test } from 'vitest'
import { emptySchedule } from './strictSchedule.js'
import { createScheduleStore } from './strictStore.js'

const LENGTH = JSON.stringify(emptySchedule(1)).length

const known = (store: ReturnType<typeof createScheduleStore>, blocks: readonly number[]) =>
  blocks.filter((block) => store.get(block) !== undefined)

test('default: gives back what was added', () => {
  const store = createScheduleStore()
  const schedule = { ...emptySchedule(7), aborted: [3], analysisMs: 1.5 }
  store.add(schedule)
  expect(store.get(7)).toEqual(schedule)
  expect(store.get(8)).toBe(undefined)
})

test('args: maxBlocks: the oldest go', () => {
  const store = createScheduleStore({ maxBlocks: 2 })
  for (const block of [1, 2, 3, 4]) store.add(emptySchedule(block))
  expect(known(store, [1, 2, 3, 4])).toEqual([3, 4])
})

test('args: maxCharacters: the oldest go, the latest stays however long it is', () => {
  const store = createScheduleStore({ maxCharacters: 3 * LENGTH })
  for (const block of [1, 2, 3, 4]) store.add(emptySchedule(block))
  expect(known(store, [1, 2, 3, 4])).toEqual([2, 3, 4])
  store.add({ ...emptySchedule(5), sampled: ['x'.repeat(5 * LENGTH)] })
  expect(known(store, [1, 2, 3, 4, 5])).toEqual([5])
})

test('behavior: turned back, later blocks are gone, and so are those that an added one replaces', () => {
  const store = createScheduleStore({ maxCharacters: 3 * LENGTH })
  for (const block of [1, 2, 3]) store.add(emptySchedule(block))
  store.turnBack(2)
  expect(known(store, [1, 2, 3])).toEqual([1, 2])
  store.add({ ...emptySchedule(2), sampled: [''] })
  store.turnBack(2)
  expect(store.get(2)?.sampled).toEqual([''])
  store.add(emptySchedule(1))
  expect(known(store, [1, 2])).toEqual([1])
  // What went is no longer counted.
  for (const block of [2, 3]) store.add(emptySchedule(block))
  expect(known(store, [1, 2, 3])).toEqual([1, 2, 3])
})
