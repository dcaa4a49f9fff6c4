import { describe, expect, test } from 'vitest'
import { modeRecord, WAD } from '../../test/fixtures/modeRecord.js'
import type { Mode, ModeRecord } from '../core/types.js'
import { type MevMetrics, mevMetrics } from './mev.js'
import { traceTransactions } from './trace.js'

function withAttackers(
  mode: Extract<Mode, 'netting' | 'direct'>,
  attackers: readonly number[],
): ModeRecord {
  const record = modeRecord(mode)
  return { ...record, plan: { ...record.plan, attackers } }
}

const mevOf = (record: ModeRecord): MevMetrics | null =>
  mevMetrics(record, traceTransactions(record))

test('default: null without an attacker', () => {
  expect(mevOf(modeRecord('netting'))).toBeNull()
  expect(mevOf(withAttackers('netting', []))).toBeNull()
})

describe('attackerProfit', () => {
  test('default: realised, and unrealised at the pool’s price after the run', () => {
    // A holds 2 for −4,110 at 2,116 and has realised 61; in direct 2 for −4,200 at 2,209, and 50.
    expect(mevOf(withAttackers('netting', [0]))).toMatchObject({
      attackers: 1,
      attackerProfit: 61 - 4_110 + 2 * 2_116,
    })
    expect(mevOf(withAttackers('direct', [0]))?.attackerProfit).toBe(50 - 4_200 + 2 * 2_209)
  })
  test('behavior: all accounts of the attacker together', () => {
    // B is short 1 for 2,025, C long 1 for −2,116.
    expect(mevOf(withAttackers('netting', [1, 2]))).toMatchObject({
      attackers: 2,
      attackerProfit: 2_025 - 2_116 + (2_116 - 2_116),
    })
  })
  test('behavior: less what it had before the run', () => {
    const record = withAttackers('netting', [0])
    const held = [{ base: WAD, quote: -1_000n * WAD, realizedPnl: 7n * WAD }]
    record.before = {
      ...record.before,
      positions: [held, ...record.before.positions.slice(1)],
    }
    expect(mevOf(record)?.attackerProfit).toBe(183 - (7 - 1_000 + 2_025))
  })
})

describe('victims', () => {
  test('default: what their fills cost beyond the mid price of their batch', () => {
    // A buys 3 for 6,165 at a mid of 2,025 and sells 1 at the mid of 2,116.
    const metrics = mevOf(withAttackers('netting', [1, 2]))
    expect(metrics?.victims).toMatchObject({ orders: 2, settled: 2, extraCost: 6_165 - 3 * 2_025 })
    expect(metrics?.victims.extraCostBps).toBeCloseTo((90 / (3 * 2_025 + 2_116)) * 10_000, 9)
  })
  test('behavior: a better price than the mid counts against it, an order that ends without a fill not at all', () => {
    // Direct: B sells 1 for 2,200 at 2,025, C buys 1 for 2,150 at 2,209, and B's second short reverts.
    const metrics = mevOf(withAttackers('direct', [0]))
    expect(metrics?.victims).toMatchObject({
      orders: 3,
      settled: 2,
      extraCost: 2_025 - 2_200 + (2_150 - 2_209),
    })
  })
  test('args: nobody else', () => {
    expect(mevOf(withAttackers('netting', [0, 1, 2]))?.victims).toEqual({
      orders: 0,
      settled: 0,
      extraCost: 0,
      extraCostBps: null,
    })
  })
})
