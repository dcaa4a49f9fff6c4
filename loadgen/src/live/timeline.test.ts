import { expect, test } from 'vitest'
import { createTimeline } from './timeline.js'

function create(options: Partial<createTimeline.Options> = {}) {
  return createTimeline({ startMs: 1_000, kinds: ['sent'], firstStepMs: 100, ...options })
}

test('default: counts and latencies by the step in which they came', () => {
  const timeline = create()
  timeline.add('sent', 3, 1_000, 1_000)
  timeline.add('sent', 2, 1_250, 1_250)
  timeline.addLatencies([10, 20, 30], 1_250)
  expect(timeline.read()).toMatchObject({
    stepMs: 100,
    counts: { sent: [3, 0, 2] },
    p50Ms: [null, null, 20],
    p99Ms: [null, null, 30],
  })
})

test('default: nothing has no steps and no percentiles', () => {
  expect(create().read()).toEqual({
    ...{ stepMs: 100, counts: { sent: [] }, p50Ms: [], p99Ms: [], percentiles: null },
  })
})

test('behavior: growth between two looks is spread evenly over the time between them', () => {
  const timeline = create()
  timeline.add('sent', 10, 1_050, 1_250)
  expect(timeline.read().counts.sent).toEqual([2.5, 5, 2.5])
})

test('behavior: the longer it lasts the longer the steps; nothing is lost', () => {
  const timeline = create({ maxSteps: 4 })
  for (let i = 0; i < 16; i++) {
    const atMs = 1_000 + i * 100
    timeline.add('sent', i, atMs, atMs)
    if (i % 2 === 1) timeline.addLatencies([i], atMs)
  }
  const { stepMs, counts, p99Ms, percentiles } = timeline.read()
  expect({ stepMs, ...counts }).toEqual({
    stepMs: 400,
    sent: [0 + 1 + 2 + 3, 4 + 5 + 6 + 7, 8 + 9 + 10 + 11, 12 + 13 + 14 + 15],
  })
  expect(p99Ms).toEqual([3, 7, 11, 15])
  expect(percentiles?.at(0)).toEqual({ percentile: 0, ms: 1 })
  expect(percentiles?.at(-1)).toEqual({ percentile: 99.99, ms: 15 })
})

test('behavior: it has as many steps as have begun, also after they became longer', () => {
  const timeline = create({ maxSteps: 4 })
  for (let i = 0; i < 5; i++) timeline.add('sent', 1, 1_000 + i * 100, 1_000 + i * 100)
  expect(timeline.read()).toMatchObject({ stepMs: 200, counts: { sent: [2, 2, 1] } })
})

test('behavior: what comes after a look is in the next one', () => {
  const timeline = create()
  expect(timeline.read().counts.sent).toEqual([])
  timeline.add('sent', 1, 1_000, 1_000)
  expect(timeline.read().counts.sent).toEqual([1])
  timeline.addLatencies([5], 1_000)
  expect(timeline.read().p50Ms).toEqual([5])
})

test('behavior: growth that began in a step that was merged since stays whole', () => {
  const timeline = create({ maxSteps: 2 })
  timeline.add('sent', 8, 1_000, 1_800)
  const { stepMs, counts } = timeline.read()
  expect(stepMs).toBe(800)
  expect(counts.sent?.reduce((sum, value) => sum + value, 0)).toBeCloseTo(8, 9)
})

test('behavior: a long silence takes no more steps than any other time', () => {
  const timeline = create({ maxSteps: 4 })
  timeline.add('sent', 1, 1_000, 1_000)
  timeline.add('sent', 1, 1_000 + 3_600_000, 1_000 + 3_600_000)
  const { counts } = timeline.read()
  expect(counts.sent?.length).toBeLessThanOrEqual(4)
  expect(counts.sent?.[0]).toBe(1)
  expect(counts.sent?.at(-1)).toBe(1)
})
