import { describe, expect, test } from 'vitest'
import { fullReport, longestSeries } from '../../test/fixtures/fullReport.js'
import { runReport } from '../../test/fixtures/runReport.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import type { ModeSeries } from '../metrics/series.js'
import type { RunReport } from '../report/runReport.js'
import { toMarkup } from './escape.js'
import type { Section } from './parts.js'
import { conflictsSection } from './sections/conflicts.js'
import { gasSection } from './sections/gas.js'
import { latencySection } from './sections/latency.js'
import { mevSection } from './sections/mev.js'
import { nettingSection } from './sections/netting.js'
import { outcomesSection } from './sections/outcomes.js'
import { pricesSection } from './sections/prices.js'
import { rampSection } from './sections/ramp.js'
import { riskSection } from './sections/risk.js'
import { slippageSection } from './sections/slippage.js'
import { throughputSection } from './sections/throughput.js'

/** The hand-made run of one mode with something changed. */
function reportWith(change: Partial<ModeMetrics>): RunReport {
  const report = runReport(['netting'])
  const { netting } = report.modes
  if (netting === undefined) throw new Error('The fixture has netting.')
  return { ...report, modes: { netting: { ...netting, ...change } } }
}

function withSeries(change: Partial<ModeSeries>): RunReport {
  return reportWith({ series: { ...longestSeries(), ...change } })
}

/** Rows of the data table of a chart, as texts. */
function dataOf(section: Section | undefined, title: string): string[][] {
  const markup = section === undefined ? '' : toMarkup(section.body)
  const table = markup.split(`aria-label="Data of ${title}"`)[1]?.split('</table>')[0] ?? ''
  return [...table.matchAll(/<tr>(.*)<\/tr>/g)].map(([, row = '']) =>
    [...row.matchAll(/<t[hd][^>]*>(.*?)<\/t[hd]>/g)].map(([, cell = '']) => cell),
  )
}

/** Numbers at the axes of a chart, as drawn first. */
function ticksOf(section: Section | undefined, title: string): string[] {
  const markup = section === undefined ? '' : toMarkup(section.body)
  const picture = markup.split(`<h3>${title}</h3>`)[1]?.split('</svg>')[0] ?? ''
  return [...picture.matchAll(/>([\d.]+(?:K| %)?)<\/text>/g)].map(([, tick = '']) => tick)
}

/** The full report with the course of one mode changed. */
function withCourse(mode: 'netting' | 'keeper' | 'direct', change: Partial<ModeSeries>): RunReport {
  const report = fullReport()
  const metrics = report.modes[mode]
  if (metrics?.series == null) throw new Error(`The fixture has ${mode}.`)
  metrics.series = { ...metrics.series, ...change }
  return report
}

const [block] = longestSeries().blocks

function blocksOf(changes: readonly Partial<NonNullable<typeof block>>[]): ModeSeries['blocks'] {
  if (block === undefined) throw new Error('The fixture has blocks.')
  return changes.map((change) => ({ ...block, blocks: 1, ...change }))
}

describe('netting', () => {
  const section = nettingSection(
    withSeries({
      blocks: blocksOf([
        { block: 7, volume: 100, netted: 50, nettable: 80, poolTouches: 2 },
        { block: 8, volume: 0, netted: 0, nettable: 0, poolTouches: 0 },
        { block: 9, volume: 10, netted: 10, nettable: 10, poolTouches: 3 },
      ]),
    }),
  )

  test('ratios and optima are shares of the volume, blocks without any are left out', () => {
    expect(dataOf(section, 'Netting ratio per block, netting').slice(1)).toEqual([
      ['0', '80 %', '50 %'],
      ['2', '100 %', '100 %'],
    ])
  })

  test('pool touches add up', () => {
    expect(dataOf(section, 'Pool touches so far').slice(1)).toEqual([
      ['0', '2'],
      ['1', '2'],
      ['2', '5'],
    ])
  })

  test('the modes share an axis, also where one nets nothing in its first blocks', () => {
    const [first, ...others] = longestSeries().blocks
    if (first === undefined) throw new Error('The fixture has blocks.')
    const late = nettingSection(
      withCourse('keeper', {
        blocks: [{ ...first, block: first.block - 500, volume: 0 }, first, ...others],
      }),
    )
    const ticks = ticksOf(late, 'Netting ratio per block, keeper')
    expect(ticks).toEqual(expect.arrayContaining(['0', '500', '1K', '100 %']))
    expect(ticksOf(late, 'Netting ratio per block, netting')).toEqual(ticks)
  })

  test('direct has no ratio of its own, but its pool touches', () => {
    const { direct } = fullReport().modes
    if (direct === undefined) throw new Error('The fixture has direct.')
    const only = nettingSection({ ...runReport(['direct']), modes: { direct } })
    expect(dataOf(only, 'Netting ratio per block, direct')).toEqual([])
    expect(dataOf(only, 'Pool touches so far').length).toBeGreaterThan(1)
  })
})

test('prices: a price has the lowest and the highest of its block where they differ', () => {
  const points = [
    { block: 1_000, price: 2_000, low: 1_999, high: 2_001 },
    { block: 1_001, price: 2_001, low: 2_001, high: 2_001 },
  ]
  const section = pricesSection(withSeries({ prices: [{ market: 0, points }] }))
  expect(dataOf(section, 'Pool price').slice(1)).toEqual([
    ['0', '1,999.0 to 2,001.0', '2,000.0'],
    ['1', '2,001.0 to 2,001.0', '2,001.0'],
  ])
  const flat = pricesSection(withSeries({ prices: [{ market: 0, points: points.slice(1) }] }))
  expect(dataOf(flat, 'Pool price')[0]).toEqual(['blocks since the first of the run', 'netting'])
})

test('prices: the price before the run stands at its first block, not before it', () => {
  const points = [
    { block: 997, price: 2_000, low: 2_000, high: 2_000 },
    { block: 1_000, price: 2_001, low: 2_001, high: 2_001 },
  ]
  const section = pricesSection(withSeries({ prices: [{ market: 0, points }] }))
  expect(dataOf(section, 'Pool price').slice(1)).toEqual([
    ['0', '2,000.0'],
    ['0', '2,001.0'],
  ])
})

test('prices: says how many markets have no chart', () => {
  const [path] = longestSeries().prices
  const prices = [0, 1, 2, 3, 4, 5].map((market) => ({ market, points: path?.points ?? [] }))
  const section = pricesSection(withSeries({ prices }))
  expect(toMarkup(section?.body)).toContain('Price paths of 2 more markets are in report.json.')
})

describe('slippage', () => {
  const bins = [
    { from: 0, to: 1, orders: 6, volume: 1 },
    { from: 1, to: 2, orders: 3, volume: 1 },
    { from: 2, to: null, orders: 1, volume: 1 },
  ]
  const section = slippageSection(withSeries({ slippageBps: bins }))

  test('adds orders up as far as bins have an end', () => {
    expect(dataOf(section, 'Orders by their slippage, added up').slice(1)).toEqual([
      ['0', '0 %'],
      ['1', '60 %'],
      ['2', '90 %'],
    ])
  })

  test('draws the open end as a column, and says so', () => {
    expect(dataOf(section, 'Slippage of orders, netting').slice(1)).toEqual([
      ['0', '60 %'],
      ['1', '30 %'],
      ['2', '10 %'],
    ])
    expect(toMarkup(section?.body)).toContain('The last column holds all orders from 2 bps on.')
  })

  test('the modes share both axes', () => {
    const section = slippageSection(
      withCourse('direct', {
        slippageBps: [
          { from: -5, to: 20, orders: 50, volume: 1 },
          { from: 20, to: null, orders: 50, volume: 1 },
        ],
      }),
    )
    const ticks = ticksOf(section, 'Slippage of orders, direct')
    expect(ticks).toEqual(expect.arrayContaining(['20', '50 %']))
    expect(ticksOf(section, 'Slippage of orders, netting')).toEqual(ticks)
  })

  test('bins that would be too narrow to see are merged', () => {
    const report = fullReport()
    const { netting, direct } = report.modes
    if (netting?.series == null || direct?.series == null) throw new Error('The fixture has both.')
    netting.series.slippageBps = Array.from({ length: 60 }, (_, i) => ({
      ...{ from: i / 59, to: i === 59 ? null : (i + 1) / 59, orders: 1, volume: 1 },
    }))
    direct.series.slippageBps = [
      { from: 0, to: 10, orders: 1, volume: 1 },
      { from: 10, to: null, orders: 0, volume: 0 },
    ]
    report.modes = { netting, direct }
    // An axis to 10 bps, bins of 1/59 bps: ten of them make one column of 60.
    expect(dataOf(slippageSection(report), 'Slippage of orders, netting')).toHaveLength(1 + 6)
  })
})

test('latency: percentiles keep their places on an axis of nines, gaps are left out', () => {
  const section = latencySection(
    withSeries({
      latencyMs: {
        inclusion: [
          { percentile: 0, ms: 1 },
          { percentile: 90, ms: 20 },
          { percentile: 99.99, ms: 300 },
        ],
        settlement: null,
      },
      time: {
        ...{ stepMs: 500, submitted: [1, 1], included: [1, 1], settled: [1, 0] },
        ...{ p50Ms: [10, null], p99Ms: [30, null] },
      },
    }),
  )
  expect(dataOf(section, 'Until the order is in a block').slice(1)).toEqual([
    ['0', '1'],
    ['90', '20'],
    ['99.99', '300'],
  ])
  expect(dataOf(section, 'Settlement latency over time, median').slice(1)).toEqual([['0.25', '10']])
})

test('throughput: counts become rates over steps that hold some blocks', () => {
  const time = {
    ...{ stepMs: 250, submitted: Array.from({ length: 8 }, () => 10) },
    ...{ included: [0, 20, 0, 20, 0, 20, 0, 20], settled: [0, 10, 0, 10, 0, 10, 0, 10] },
    ...{ p50Ms: [], p99Ms: [] },
  }
  const section = throughputSection(withSeries({ time }))
  expect(dataOf(section, 'Rates, netting').slice(1)).toEqual([
    ['0.25', '40', '40', '20'],
    ['0.75', '40', '40', '20'],
    ['1.25', '40', '40', '20'],
    ['1.75', '40', '40', '20'],
  ])
  expect(dataOf(section, 'Orders settled so far').at(-1)).toEqual(['2', '40'])
})

test('gas: parts are for a settled order', () => {
  const section = gasSection(runReport())
  // 90,000 and 200,000 of 4 settled orders; 100,000 and 400,000 of 4.
  expect(dataOf(section, 'By the node’s receipts').slice(1)).toEqual([
    ['netting', '22.5K', '50K'],
    ['direct', '25K', '100K'],
  ])
})

test('conflicts: generations are a block’s, not a group’s', () => {
  const blocks = blocksOf([{ block: 5, blocks: 3, generations: 9 }])
  const { conflicts, parallel } = fullReport().modes.netting ?? {}
  const report = reportWith({
    series: { ...longestSeries(), blocks },
    ...{ conflicts: conflicts ?? null, parallel: parallel ?? null },
  })
  const section = conflictsSection(report)
  expect(dataOf(section, 'Generations per block').slice(1)).toEqual([['0', '3']])
  expect(dataOf(section, 'Speed-up by threads').at(-1)).toEqual(['32', '4.0×'])
  expect(toMarkup(section?.body)).toContain('container of tracker of market 0, 0x000000…0000')
})

test('conflicts: the dozen that cost most is seen, the others are one click away', () => {
  const markup = toMarkup(conflictsSection(fullReport())?.body)
  const [, pairs = ''] = markup.split('the most costly first</h3>')
  const [seen = '', hidden = ''] = pairs.split('<summary>48 more pairs</summary>')
  const costs = (text: string) =>
    [...text.matchAll(/<td class="num">(\d+)<\/td><td class="num">3<\/td><\/tr>/g)].map(
      ([, cost]) => Number(cost),
    )
  expect(costs(seen)).toEqual([20, 20, 20, 19, 19, 19, 18, 18, 18, 17, 17, 17])
  expect(costs(hidden)).toHaveLength(48)
  expect(costs(hidden).slice(0, 3)).toEqual([16, 16, 16])
})

test('outcomes: reasons are bars, and a sentence says when there is none', () => {
  expect(dataOf(outcomesSection(runReport()), 'Orders that were not filled, by reason')).toEqual([
    ['', 'rejected', 'failed'],
    ['netting: LimitPrice', '1', '0'],
    ['direct: reverted', '0', '1'],
  ])
  const { orders } = runReport().modes.netting ?? {}
  if (orders === undefined) throw new Error('The fixture has netting.')
  const none = outcomesSection(reportWith({ orders: { ...orders, rejectedBy: {}, failedBy: {} } }))
  expect(toMarkup(none.body)).toContain('No order was rejected and none failed.')
})

test('outcomes: what was rejected and what failed for one reason are parts of one bar', () => {
  const { orders } = runReport().modes.netting ?? {}
  if (orders === undefined) throw new Error('The fixture has netting.')
  const both = { ...orders, rejectedBy: { limit: 2 }, failedBy: { constructor: 1, limit: 3 } }
  const section = outcomesSection(reportWith({ orders: both }))
  expect(dataOf(section, 'Orders that were not filled, by reason').slice(1)).toEqual([
    ['netting: limit', '2', '3'],
    ['netting: constructor', '0', '1'],
  ])
})

test('mev: a loss of the attacker stands left of 0', () => {
  expect(dataOf(mevSection(fullReport()), 'The attacker’s profit').slice(1)).toEqual([
    ['netting', '-3.25'],
    ['keeper', '-3.25'],
    ['direct', '12.50'],
  ])
  expect(mevSection(runReport())).toBeUndefined()
})

test('ramp: each rate has what was accepted and how long answers took', () => {
  const { sending } = runReport(['netting']).modes.netting ?? {}
  expect(rampSection(reportWith({ sending: sending ?? null }))).toBeUndefined()
  const step = { perSecond: 100, acceptedPerSecond: 99.5, p99Ms: 12, errorShare: 0.01 }
  const section = rampSection(
    reportWith({
      sending: {
        ...{ executor: 'ramp', perSecond: null, phases: null, measured: 1, dropped: 0, unsent: 0 },
        ramp: {
          ...{ steps: [step], lastGoodPerSecond: 100 },
          breaking: { perSecond: 200, reason: 'p99 above 500 ms' },
        },
      },
    }),
  )
  expect(dataOf(section, 'Accepted').slice(1)).toEqual([['100', '99.5']])
  expect(toMarkup(section?.body)).toContain('Netting: broke at 200 a second: p99 above 500 ms.')
})

describe('risk', () => {
  const point = { liquidations: 1, closed: 0, netted: 0, badDebt: 0, fundingPaid: 0 }
  const risk: NonNullable<ModeMetrics['risk']> = {
    ...{ liquidations: 2, liquidationsNettedShare: 0.5, badDebt: 30, fundingPaid: 4 },
    insuranceFund: -5,
    blocks: [
      { ...point, block: 9, closed: 2_100, insuranceFund: 20 },
      { ...point, block: 12, closed: 900, badDebt: 30, insuranceFund: -5 },
    ],
  }

  test('what was closed and lost adds up, from the first block of the run', () => {
    const blocks = blocksOf([{ block: 7 }, { block: 9 }, { block: 12 }])
    const drawn = riskSection(reportWith({ risk, series: { ...longestSeries(), blocks } }))
    expect(dataOf(drawn, 'Liquidated so far').slice(1)).toEqual([
      ['2', '2,100'],
      ['5', '3,000'],
    ])
    expect(dataOf(drawn, 'Bad debt so far').slice(1)).toEqual([
      ['2', '0'],
      ['5', '30'],
    ])
    expect(dataOf(drawn, 'Insurance fund').slice(1)).toEqual([
      ['2', '20'],
      ['5', '-5'],
    ])
    expect(toMarkup(drawn?.body)).toContain('50.00 %')
  })

  test('without a course of the run, blocks count from the first with any of it', () => {
    const drawn = riskSection(reportWith({ risk, series: null }))
    expect(dataOf(drawn, 'Insurance fund').slice(1)).toEqual([
      ['0', '20'],
      ['3', '-5'],
    ])
  })

  test('of one of several generators the course of the fund is not told', () => {
    const blocks = risk.blocks.map((point) => ({ ...point, insuranceFund: null }))
    const drawn = riskSection(reportWith({ risk: { ...risk, blocks }, series: null }))
    expect(dataOf(drawn, 'Insurance fund')).toEqual([])
    expect(dataOf(drawn, 'Bad debt so far').slice(1)).toEqual([
      ['0', '0'],
      ['3', '30'],
    ])
    expect(toMarkup(drawn?.body)).not.toContain('<h3>Insurance fund</h3>')
  })

  test('a fund that nothing moved has a table and no chart; nothing at all has no section', () => {
    const quiet = { ...risk, liquidations: 0, liquidationsNettedShare: null, blocks: [] }
    const held = riskSection(reportWith({ risk: { ...quiet, insuranceFund: 100 } }))
    expect(dataOf(held, 'Insurance fund')).toEqual([])
    expect(toMarkup(held?.body)).toContain('100.00')
    expect(riskSection(reportWith({ risk: { ...quiet, insuranceFund: 0 } }))).toBeUndefined()
    expect(riskSection(reportWith({ risk: null }))).toBeUndefined()
  })
})
