import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { parseThreshold } from '../metrics/thresholds.js'
import {
  addThresholdOption,
  exitCodeOf,
  renderThresholds,
  requireFigures,
  type ThresholdOptions,
} from './thresholds.js'

const bounds = (...texts: string[]) => texts.map(parseThreshold)

test('--threshold: as often as wanted, none by default', () => {
  const parse = (...args: string[]) =>
    addThresholdOption(new Command())
      .exitOverride()
      .parse(args, { from: 'user' })
      .opts<ThresholdOptions>().threshold
  expect(parse()).toEqual([])
  const given = ['settlement.p99 < 2000', 'netting.touches<=10']
  expect(parse('--threshold', 'settlement.p99 < 2000', '--threshold=netting.touches<=10')).toEqual(
    bounds(...given),
  )
  expect(() => parse('--threshold', 'fast')).toThrow(
    expect.objectContaining({ name: 'UsageError', exitCode: 2 }),
  )
})

describe('requireFigures', () => {
  test('lets through what a run in these modes may have, even if only some runs have it', () => {
    const known = bounds(
      ...['settlement.p99 < 1', 'ratio > 0', 'touches < 1', 'aborted == 0', 'gas < 1'],
      ...['slippage.mean < 1', 'orders.lost == 0', 'transfers.failed == 0', 'priceImpactBps < 1'],
      ...[
        'throughput.settledPerSecond > 1',
        'parallel.modelledSpeedup.8 > 2',
        'direct.touches > 1',
      ],
    )
    expect(requireFigures(known, ['netting', 'keeper', 'direct'])).toBeUndefined()
  })
  test('refuses a figure that no mode has, and a mode that does not run', () => {
    expect(() => requireFigures(bounds('touchs < 1'), ['netting'])).toThrow(
      /^The threshold "touchs < 1" names "touchs", which is no figure/,
    )
    expect(() => requireFigures(bounds('direct.touches < 1'), ['netting'])).toThrow(
      'The threshold "direct.touches < 1" is about the mode direct, which does not run; it may name netting.',
    )
  })
})

test('renderThresholds: a line for each bound and mode', () => {
  expect(renderThresholds([])).toBe('')
  expect(
    renderThresholds([
      { threshold: 'settlement.p99 < 400', mode: 'netting', actual: 353.5, ok: true },
      { threshold: 'aborted == 0', mode: 'direct', actual: null, ok: false },
    ]),
  ).toBe('ok   netting: settlement.p99 < 400: 353.5\nFAIL direct: aborted == 0: not measured\n')
})

test('exitCodeOf: 0 when all holds, 3 for a missed bound, 1 for a failed verification whatever the bounds', () => {
  const [held, missed] = [{ ok: true }, { ok: false }]
  expect(exitCodeOf({ isVerified: true, thresholds: [] })).toBe(0)
  expect(exitCodeOf({ isVerified: true, thresholds: [held, held] })).toBe(0)
  expect(exitCodeOf({ isVerified: true, thresholds: [held, missed] })).toBe(3)
  expect(exitCodeOf({ isVerified: false, thresholds: [held] })).toBe(1)
  expect(exitCodeOf({ isVerified: false, thresholds: [missed] })).toBe(1)
})
