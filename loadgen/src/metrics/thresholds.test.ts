import { describe, expect, test } from 'vitest'
import { UsageError } from '../core/errors.js'
import type { ModeMetrics } from './modeMetrics.js'
import { checkThresholds, parseThreshold } from './thresholds.js'

const metrics = {
  poolTouches: 10,
  conflicts: null,
  latencyMs: { settlement: { p50: 353, p99: 490 } },
  netting: { ratioVolume: 0.96 },
  gas: { perOrder: null },
} as unknown as ModeMetrics

const check = (...texts: string[]) =>
  checkThresholds({ netting: metrics, direct: metrics }, texts.map(parseThreshold))

describe('parseThreshold', () => {
  test.each([
    ['settlement.p99 < 2000', undefined, 'latencyMs.settlement.p99', '<', 2000],
    ['netting.touches<=10', 'netting', 'poolTouches', '<=', 10],
    ['netting.ratioVolume > 0.9', undefined, 'netting.ratioVolume', '>', 0.9],
    ['direct.netting.efficiency == 0', 'direct', 'netting.efficiency', '==', 0],
    ['slippage.mean >= -1.5', undefined, 'slippageBps.mean', '>=', -1.5],
    ['ratio != 1', undefined, 'netting.ratioVolume', '!=', 1],
  ])('%s', (text, mode, figure, operator, value) => {
    expect(parseThreshold(text)).toEqual({ text, mode, figure, operator, value })
  })

  test.each(['', 'p99', 'p99 <', '< 3', 'p99 = 3', 'p99 < 3ms', 'a..b < 3', 'p99 < 1 < 2'])(
    'refuses "%s" in one sentence',
    (text) => {
      expect(() => parseThreshold(text)).toThrow(UsageError)
      expect(() => parseThreshold(text)).toThrow(`"${text}" is no threshold`)
    },
  )
})

describe('checkThresholds', () => {
  test('holds every mode against a bound that names none', () => {
    expect(check('settlement.p99 < 490')).toEqual([
      { threshold: 'settlement.p99 < 490', mode: 'netting', actual: 490, ok: false },
      { threshold: 'settlement.p99 < 490', mode: 'direct', actual: 490, ok: false },
    ])
    expect(check('settlement.p99 <= 490').every(({ ok }) => ok)).toBe(true)
  })

  test('holds one mode against a bound that names it', () => {
    expect(check('direct.touches == 10')).toEqual([
      { threshold: 'direct.touches == 10', mode: 'direct', actual: 10, ok: true },
    ])
  })

  test('misses a bound on a figure that the run does not have', () => {
    expect(check('aborted == 0', 'gas < 1').map(({ actual, ok }) => [actual, ok])).toEqual(
      Array(4).fill([null, false]),
    )
  })

  test('refuses a mode that did not run', () => {
    expect(() => check('keeper.touches < 1')).toThrow(
      'The threshold "keeper.touches < 1" is about the mode keeper, which does not run; it may name netting, direct.',
    )
  })

  test('a reason that occurs in no count is a count of 0', () => {
    const orders = { rejectedBy: { LimitPrice: 3 }, failedBy: {} }
    const actualOf = (text: string) =>
      checkThresholds({ netting: { orders } as unknown as ModeMetrics }, [parseThreshold(text)])[0]
        ?.actual
    expect(actualOf('orders.rejectedBy.LimitPrice == 0')).toBe(3)
    expect(actualOf('orders.rejectedBy.NoLiquidity == 0')).toBe(0)
    expect(actualOf('orders.failedBy.aborted == 0')).toBe(0)
    expect(() => actualOf('orders.rejectedBy.Limitprice == 0')).toThrow(/is no figure/)
  })

  test('refuses a figure that no mode has', () => {
    expect(() => check('touchs < 1')).toThrow(/names "touchs", which is no figure of a mode/)
    expect(() => check('latencyMs.settlement < 1')).toThrow(/is no figure/)
    expect(() => check('poolTouches.toString < 1')).toThrow(/is no figure/)
  })
})
