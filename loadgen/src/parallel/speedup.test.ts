import { expect, test } from 'vitest'
import { createRng, type Rng } from '../core/rng.js'
import {
  criticalPath,
  type GenerationWork,
  modelledSpeedup,
  THREADS,
  type TransactionWork,
} from './speedup.js'

const plain = (serial: number): TransactionWork => ({ serial, jobs: [] })

/** Each list of gas is a sequence. */
const generation = (...sequences: readonly (readonly number[])[]): GenerationWork => ({
  sequences: sequences.map((sequence) => sequence.map(plain)),
})

function gasAt(generations: readonly GenerationWork[], ...threads: number[]): number[] {
  return modelledSpeedup({ generations, threads }).makespans.map(({ gas }) => gas)
}

test('default: equal transactions share the threads, generations run one after the other', () => {
  const parallel = generation(...Array(32).fill([10]))
  expect(modelledSpeedup({ generations: [parallel, generation([80])] })).toEqual({
    totalGas: 400,
    criticalPathGas: 90,
    makespans: [
      { threads: 1, gas: 400, speedup: 1 },
      { threads: 2, gas: 240, speedup: 400 / 240 },
      { threads: 4, gas: 160, speedup: 2.5 },
      { threads: 8, gas: 120, speedup: 400 / 120 },
      { threads: 16, gas: 100, speedup: 4 },
      { threads: 32, gas: 90, speedup: 400 / 90 },
    ],
  })
})

test('behavior: a sequence stays on one thread, whatever runs beside it', () => {
  expect(gasAt([generation([5, 5, 5], [4], [4], [4])], 1, 2, 32)).toEqual([27, 15, 15])
  expect(criticalPath([generation([5, 5, 5], [4]), generation([7])])).toBe(22)
})

test('behavior: work is taken in order, not longest first', () => {
  expect(gasAt([generation([3], [3], [6])], 2)).toEqual([9])
  expect(gasAt([generation([6], [3], [3])], 2)).toEqual([6])
})

test('behavior: jobs run on the same threads after the serial part', () => {
  const settle = { sequences: [[{ serial: 10, jobs: [8, 8, 8, 4] }]] }
  expect(gasAt([settle], 1, 2, 3, 4)).toEqual([38, 26, 22, 18])
  expect(criticalPath([settle])).toBe(18)
  expect(modelledSpeedup({ generations: [settle] }).totalGas).toBe(38)
})

test('behavior: jobs give way to nothing that came later, and fill threads that are idle', () => {
  const beside = { sequences: [[{ serial: 2, jobs: [4, 4] }], [plain(3)], [plain(3)]] }
  // Thread 1: serial 0-2, job 2-6, call 6-9. Thread 2: call 0-3, job 3-7.
  expect(gasAt([beside], 2)).toEqual([9])
  expect(gasAt([beside], 3)).toEqual([7])
  expect(gasAt([beside], 4)).toEqual([6])
})

test('behavior: what an earlier sequence has ready goes before what a later one has', () => {
  const first = { sequences: [[{ serial: 3, jobs: [6] }], [{ serial: 1, jobs: [5, 5] }]] }
  // Thread 1: first, serial 0-3, job 3-9. Thread 2: second, serial 0-1, jobs 1-6 and 6-11.
  expect(gasAt([first], 2)).toEqual([11])
})

test('behavior: the next transaction of a sequence waits for all jobs of the one before', () => {
  const sequence = {
    sequences: [[{ serial: 1, jobs: [5, 2] }, plain(3), { serial: 0, jobs: [2, 2] }]],
  }
  expect(gasAt([sequence], 1, 2)).toEqual([15, 11])
  expect(criticalPath([sequence])).toBe(11)
})

test('behavior: no work', () => {
  const empty = { totalGas: 0, criticalPathGas: 0, makespans: [{ threads: 4, gas: 0, speedup: 1 }] }
  expect(modelledSpeedup({ generations: [], threads: [4] })).toEqual(empty)
  expect(modelledSpeedup({ generations: [generation(), generation([])], threads: [4] })).toEqual(
    empty,
  )
})

test('error: threads and gas that are none', () => {
  expect(() => gasAt([], 0)).toThrow('The number of threads is an integer from 1, not 0.')
  expect(() => gasAt([], 1.5)).toThrow('not 1.5.')
  expect(() => gasAt([generation([-1])], 1)).toThrow(
    'Gas is an integer from 0 to 2^53 - 1, not -1.',
  )
  expect(() => gasAt([generation([2 ** 52], [2 ** 52])], 1)).toThrow('not 9007199254740992.')
})

function randomGeneration(rng: Rng): GenerationWork {
  const transaction = (): TransactionWork => ({
    serial: rng.int(20),
    jobs: rng.int(3) === 0 ? Array.from({ length: rng.int(5) }, () => rng.int(20)) : [],
  })
  const list = <T>(most: number, make: () => T) => Array.from({ length: rng.int(most) }, make)
  return { sequences: list(12, () => list(4, transaction)) }
}

test("property: every generation keeps Graham's bounds", () => {
  const rng = createRng('speedup', 'graham')
  for (let round = 0; round < 1_000; round++) {
    const { totalGas, criticalPathGas, makespans } = modelledSpeedup({
      generations: [randomGeneration(rng)],
    })
    expect(makespans.map(({ threads }) => threads)).toEqual([...THREADS])
    for (const { threads, gas } of makespans) {
      expect(gas).toBeGreaterThanOrEqual(Math.max(totalGas / threads, criticalPathGas))
      expect(gas).toBeLessThanOrEqual(
        totalGas / threads + (1 - 1 / threads) * criticalPathGas + 1e-9,
      )
    }
  }
})

test('property: with a thread for every piece of work the critical path is what it takes', () => {
  const rng = createRng('speedup', 'unbounded')
  for (let round = 0; round < 200; round++) {
    const generations = [randomGeneration(rng), randomGeneration(rng)]
    expect(gasAt(generations, 1, 100)).toEqual([
      modelledSpeedup({ generations }).totalGas,
      criticalPath(generations),
    ])
  }
})
