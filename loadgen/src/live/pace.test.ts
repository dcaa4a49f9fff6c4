import { expect, test } from 'vitest'
import { createPace } from './pace.js'

function fakeClock() {
  const clock = { ms: 0, now: () => clock.ms }
  return clock
}

test('default: growth over the time since the start', () => {
  const clock = fakeClock()
  const pace = createPace({ clock })
  expect([pace.perSecond(), pace.remainingMs(100)]).toEqual([undefined, undefined])
  clock.ms = 2_000
  pace.reach(50)
  expect(pace.perSecond()).toBe(25)
  expect(pace.remainingMs(100)).toBe(2_000)
  expect(pace.remainingMs(50)).toBe(0)
})

test('behavior: only the window counts', () => {
  const clock = fakeClock()
  const pace = createPace({ clock, windowMs: 1_000 })
  // 1,000 a second for 10 seconds, then 10 a second for 2.
  for (let ms = 100; ms <= 10_000; ms += 100) {
    clock.ms = ms
    pace.reach(ms)
  }
  for (let ms = 10_100; ms <= 12_000; ms += 100) {
    clock.ms = ms
    pace.reach(10_000 + (ms - 10_000) / 100)
  }
  expect(pace.perSecond()).toBeCloseTo(10, 9)
  expect(pace.remainingMs(10_030)).toBeCloseTo(1_000, 6)
})

test('behavior: what stands still slows down to nothing', () => {
  const clock = fakeClock()
  const pace = createPace({ clock, windowMs: 1_000 })
  clock.ms = 500
  pace.reach(500)
  clock.ms = 1_000
  expect(pace.perSecond()).toBe(500)
  clock.ms = 60_000
  expect(pace.perSecond()).toBe(0)
  expect(pace.remainingMs(1_000)).toBeUndefined()
})

test('args: start is what an earlier run had done', () => {
  const clock = fakeClock()
  const pace = createPace({ clock, start: 900 })
  clock.ms = 1_000
  pace.reach(910)
  expect(pace.perSecond()).toBe(10)
  expect(pace.remainingMs(1_000)).toBe(9_000)
})
