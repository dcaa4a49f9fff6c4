import { expect, test } from 'vitest'
import type { Access } from '../parallel/access.js'
import { createScheduler } from '../parallel/scheduler.js'
import type { Deferral } from './runtime.js'
import { type AccessSource, analyse } from './strictAnalysis.js'
import type { WaitingCall } from './strictPool.js'

const HOUSE = `0x${'aa'.repeat(20)}` as const
const RECORD = `${HOUSE}:0x11111111`
const deferral: Deferral = {
  ...{ callee: RECORD, target: HOUSE, selector: '0x11111111', prepaidGas: 500_000n },
}

/** A call of each callee; upper case: fixed. */
function callsOf(callees: readonly string[], fields: Partial<WaitingCall> = {}): WaitingCall[] {
  return callees.map((callee, id) => ({
    ...{ id, callee, from: `0x${id}`, nonce: 0, to: HOUSE, data: '0x11111111' },
    ...{ value: 0n, gas: 1_000_000n, gasPrice: 1n, isFixed: false },
    entry: { hash: `0x${id}`, raw: '0x', envelope: undefined },
    ...fields,
  }))
}

/** All calls write the same slot. */
function setUp() {
  const asked: number[][] = []
  const access: Access = { kind: 'plainWrite', space: 'slot', owner: HOUSE, key: '0x00' }
  const source: AccessSource = {
    async read(calls) {
      const ids = [...calls].map(({ id }) => id)
      asked.push(ids)
      return { accesses: new Map(ids.map((id) => [id, [access]])), sampled: ['kind'] }
    },
    forget() {},
  }
  return { source, asked, scheduler: createScheduler(), block: { number: 1, timestamp: 1 } }
}

test('default: in a generation all but the first of those that collide lose', async () => {
  const parts = setUp()
  const calls = callsOf(['a', 'b', 'a'])
  const analysis = await analyse({ ...parts, calls, deferrals: [] })
  expect([...analysis.losers]).toEqual([1, 2])
  expect(analysis.conflicts.map(({ winner, loser }) => [winner, loser])).toEqual([
    [0, 1],
    [0, 2],
  ])
  expect(analysis.sampled).toEqual(['kind'])
})

test('behavior: what runs alone in its generation is not looked at', async () => {
  const parts = setUp()
  parts.scheduler.learn('a', 'a')
  const alone = await analyse({ ...parts, calls: callsOf(['a', 'a', 'a']), deferrals: [] })
  expect([alone.generations.length, alone.losers.size, parts.asked]).toEqual([1, 0, []])

  parts.scheduler.addDeferrable(RECORD)
  const calls = callsOf([RECORD, RECORD, RECORD])
  const deferring = await analyse({ ...parts, calls, deferrals: [deferral] })
  expect(deferring.generations.map(({ isDeferred }) => isDeferred)).toEqual([false, true])
  expect(parts.asked).toEqual([[0, 1]])
  expect([...deferring.losers]).toEqual([1])
})

test('behavior: who cannot prepay does not run, and makes nobody lose', async () => {
  const parts = setUp()
  parts.scheduler.addDeferrable(RECORD)
  const calls = callsOf([RECORD, RECORD, RECORD])
  // 21,000, one zero byte at 4 and three others at 68.
  const needed = 500_000n + 21_000n + 4n + 3n * 68n
  calls[0] = { ...(calls[0] as WaitingCall), data: '0x11001111', gas: needed - 1n }
  calls[1] = { ...(calls[1] as WaitingCall), data: '0x11001111', gas: needed }
  const analysis = await analyse({ ...parts, calls, deferrals: [deferral] })
  expect([...analysis.unpaid]).toEqual([0])
  expect(analysis.losers.size).toBe(0)
})

test('behavior: a fixed call is neither deferred nor flagged', async () => {
  const parts = setUp()
  parts.scheduler.addDeferrable(RECORD)
  parts.scheduler.addDeferrable('other')
  const fixed = callsOf([RECORD, RECORD, 'other'], { isFixed: true })
  const { generations } = await analyse({ ...parts, calls: fixed, deferrals: [deferral] })
  expect(generations).toEqual([{ sequences: [[0], [2], [1]], isDeferred: false, flagged: [] }])
})
