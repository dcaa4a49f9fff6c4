import { expect, test } from 'vitest'
import type { Clock } from '../core/clock.js'
import { answerMode, createMiner } from './miner.js'

/** A clock that moves only when told to. */
function manualClock() {
  let time = 1_000
  const sleepers = new Set<{ until: number; wake: () => void }>()
  const clock: Clock = {
    now: () => time,
    sleep: (ms, { signal } = {}) =>
      new Promise((resolve, reject) => {
        if (ms <= 0) return resolve()
        const sleeper = { until: time + ms, wake: resolve }
        sleepers.add(sleeper)
        signal?.addEventListener('abort', () => {
          sleepers.delete(sleeper)
          reject(signal.reason)
        })
      }),
  }
  const settle = () => new Promise((resolve) => setImmediate(resolve))
  return {
    clock,
    /** Moves on millisecond by millisecond, and lets everything run that can. */
    async advance(ms: number) {
      await settle()
      for (const end = time + ms; time < end; ) {
        time += 1
        for (const sleeper of sleepers)
          if (sleeper.until <= time) {
            sleepers.delete(sleeper)
            sleeper.wake()
          }
        await settle()
      }
    },
    sleepers: () => sleepers.size,
  }
}

function setUp() {
  const manual = manualClock()
  const made: number[] = []
  const failures: unknown[] = []
  let work: () => Promise<void> = async () => {}
  const miner = createMiner({
    clock: manual.clock,
    makeBlock: async () => {
      made.push(manual.clock.now() - 1_000)
      await work()
    },
    onFailure: (error) => failures.push(error),
  })
  return {
    ...manual,
    miner,
    made,
    failures,
    onBlock: (next: () => Promise<void>) => {
      work = next
    },
  }
}

test('default: blocks at fixed times, until it is stopped', async () => {
  const { miner, made, advance, sleepers } = setUp()
  await advance(50)
  expect(made).toEqual([])
  miner.setMode({ kind: 'interval', ms: 10 })
  await advance(35)
  expect(made).toEqual([60, 70, 80])
  await miner.stop()
  await advance(50)
  expect(made.length).toBe(3)
  expect(sleepers()).toBe(0)
})

test('behavior: a block does not shift the next one; a slow one is made up for once', async () => {
  const { miner, made, advance, onBlock, clock } = setUp()
  let slow = true
  onBlock(async () => {
    await clock.sleep(slow ? 35 : 3)
    slow = false
  })
  miner.setMode({ kind: 'interval', ms: 10 })
  await advance(70)
  expect(made).toEqual([10, 45, 55, 65])
})

test('behavior: automatic: one block for all that came until it began', async () => {
  const { miner, made, advance, onBlock, clock } = setUp()
  onBlock(() => clock.sleep(10))
  miner.setMode({ kind: 'auto' })
  await advance(20)
  expect(made).toEqual([0])
  const answered: string[] = []
  const arrive = (name: string) => void miner.arrived().then(() => answered.push(name))
  arrive('a')
  await advance(5)
  for (const name of ['b', 'c', 'd']) arrive(name)
  await advance(4)
  expect(answered).toEqual([])
  await advance(1)
  expect(answered).toEqual(['a'])
  await advance(10)
  expect(answered).toEqual(['a', 'b', 'c', 'd'])
  expect(made).toEqual([0, 20, 30])
})

test('behavior: who waits for an automatic block is let go when the mode changes', async () => {
  const { miner, onBlock, clock, advance } = setUp()
  onBlock(() => clock.sleep(10))
  miner.setMode({ kind: 'auto' })
  await advance(1)
  const waiting = miner.arrived()
  miner.setMode({ kind: 'manual' })
  await waiting
})

test('behavior: manual: none', async () => {
  const { miner, made, advance } = setUp()
  miner.setMode({ kind: 'interval', ms: 10 })
  miner.setMode({ kind: 'manual' })
  await miner.arrived()
  await advance(50)
  expect(made).toEqual([])
})

test('error: a block that fails is the last', async () => {
  for (const mode of [{ kind: 'interval', ms: 10 }, { kind: 'auto' }] as const) {
    const { miner, made, failures, advance, onBlock } = setUp()
    onBlock(async () => {
      throw new Error('no')
    })
    miner.setMode(mode)
    await advance(50)
    expect(made.length).toBe(1)
    expect(failures).toEqual([new Error('no')])
    await miner.stop()
  }
})

test("args: Anvil's calls set and read the mode", async () => {
  const { miner } = setUp()
  const ask = () => [answerMode(miner, 'getAuto', undefined), answerMode(miner, 'getInterval', 0)]
  const states = [ask()]
  for (const [call, param] of [
    ['setInterval', 3],
    ['setAuto', false],
    ['setAuto', true],
    ['setInterval', '0x2'],
    ['setInterval', 0],
  ] as const) {
    expect(answerMode(miner, call, param)).toEqual({ result: null })
    states.push(ask())
  }
  expect(
    states.map((answers) =>
      answers.map((answer) => ('result' in answer ? answer.result : 'error')),
    ),
  ).toEqual([
    [false, null],
    [false, 3],
    [false, 3],
    [true, null],
    [false, 2],
    [false, null],
  ])
  for (const [call, param] of [
    ['setAuto', 1],
    ['setInterval', -1],
    ['setInterval', 1.5],
    ['setInterval', 'x'],
    ['setInterval', undefined],
  ] as const)
    expect(answerMode(miner, call, param)).toMatchObject({ error: { code: -32602 } })
  await miner.stop()
})
