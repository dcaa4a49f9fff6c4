import { describe, expect, test } from 'vitest'
import { fullReport } from '../../test/fixtures/fullReport.js'
import { runReport } from '../../test/fixtures/runReport.js'
import type { ModeMetrics } from '../metrics/modeMetrics.js'
import { parseRunReport, type RunReport } from '../report/runReport.js'
import { toMarkup } from './escape.js'
import { renderReport, renderReportBody } from './report.js'

const IDS = [
  ...['netting', 'prices', 'slippage', 'latency', 'throughput', 'gas', 'conflicts', 'outcomes'],
  ...['mev', 'risk', 'verification', 'environment'],
]

function idsOf(report: RunReport): string[] {
  return [...renderReport(report).matchAll(/<h2 id="([^"]+)"/g)].map(([, id]) => id ?? '')
}

/** Says what is missing, not all of the page. */
function has(text: string, part: string): void {
  expect(text.includes(part), part).toBe(true)
}

/** The report with every mode changed. */
function change(report: RunReport, modify: (metrics: ModeMetrics) => Partial<ModeMetrics>) {
  const modes = Object.entries(report.modes).map(([mode, metrics]) => [
    mode,
    { ...metrics, ...modify(metrics) },
  ])
  return { ...report, modes: Object.fromEntries(modes) as RunReport['modes'] }
}

describe('a whole report', () => {
  const text = renderReport(fullReport())

  test('has every section, and links to each of them', () => {
    expect(idsOf(fullReport())).toEqual(IDS)
    for (const id of IDS) has(text, `<li><a href="#${id}">`)
  })

  test('is one file without a script, a style or a picture from elsewhere', () => {
    expect(text).not.toMatch(/<script/)
    expect(text).not.toMatch(/https?:|<link rel="stylesheet"|<img|@import|url\(/)
  })

  test('weighs less than 1.25 MB with the longest course that a report can hold, on four markets', () => {
    expect(Buffer.byteLength(text)).toBeLessThan(1_250_000)
  })

  test('is the same page for the same report', () => {
    expect(renderReport(fullReport())).toBe(text)
  })

  test('marks what is modelled, and nothing else', () => {
    const behind = (title: string) => text.split(`<h3>${title}</h3>`)[1] ?? ''
    const card = (title: string) => behind(title).split('<p class="kind">')[1]?.slice(0, 100) ?? ''
    expect(behind('Speed-up by threads').slice(0, 100)).toContain('badge model')
    expect(card('Pool touches')).toContain('<span class="badge">measured</span>')
    expect(card('Gas per order on Arcology')).toContain('<span class="badge model">modelled</span>')
    expect(card('Gas per order')).toContain('<span class="badge">measured, emulated gas</span>')
  })

  test('has each id once', () => {
    const ids = [...text.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('has one h1, and its title says the same', () => {
    expect(text.match(/<h1>/g)).toHaveLength(1)
    has(text, '<h1>Netting: 1 pool touch instead of 4</h1>')
    has(text, '<title>Netting: 1 pool touch instead of 4 · mix-hand')
  })
})

describe('the headline', () => {
  const text = renderReport(runReport())

  test('compares with the other mode in words, and says which is better', () => {
    has(text, '<b class="better">75.0 % fewer</b> than direct (4)')
    has(text, '<b class="better">42.0 % less</b> than direct (125,000)')
  })

  test('says so where the first mode is worse', () => {
    const worse = runReport()
    const { netting } = worse.modes
    if (netting === undefined) throw new Error('The fixture has netting.')
    netting.poolTouches = 5
    netting.gas.perOrder = 400_000
    const page = renderReport(worse)
    has(page, '<b class="worse">25.0 % more</b> than direct (4)')
    has(page, '<b class="worse">3.2×</b> that of direct (125,000)')
  })

  test('has the definition of each figure, and the command', () => {
    has(text, '<p>Swap events of the pools.</p>')
    has(text, '<span>npm run loadgen -- compare</span> <span>--seed hand</span>')
  })

  test('leaves out figures that no mode has', () => {
    expect(text).not.toContain('Gas per order on Arcology')
  })

  test('of one mode says what it did', () => {
    const netting = renderReport(runReport(['netting']))
    has(
      netting,
      '<h1>4 orders settled in mode netting with 1 pool touch, 66.7 % of the volume netted</h1>',
    )
    has(
      renderReport(runReport(['direct'])),
      '<h1>4 orders settled in mode direct with 4 pool touches</h1>',
    )
  })
})

describe('a report that lacks something', () => {
  test('without courses has no charts over blocks and time, and says why', () => {
    const old = change(fullReport(), () => ({ series: undefined }))
    expect(idsOf(old)).toEqual(IDS.filter((id) => id !== 'netting' && id !== 'prices'))
    const text = renderReport(old)
    has(text, 'This report holds no course over time of netting, keeper, direct')
    expect(text).not.toContain('Orders settled so far')
    has(text, '<th scope="row">settlement p99</th>')
  })

  test('without conflicts, parallelism, an attacker and liquidations leaves their sections out', () => {
    const nothing = { conflicts: null, parallel: null, mev: null, risk: null }
    const plain = change(fullReport(), () => nothing)
    expect(idsOf(plain)).toEqual(IDS.filter((id) => !['conflicts', 'mev', 'risk'].includes(id)))
  })

  test('of the first version still renders', () => {
    const newer = new Set(['series', 'sending', 'conflicts', 'parallel', 'mev', 'histograms'])
    const first = JSON.stringify(runReport(), (key, value) => (newer.has(key) ? undefined : value))
    const read = parseRunReport(first, 'report.json')
    has(renderReport(read), 'Netting: 1 pool touch instead of 4')
  })

  test('without a settled order has dashes instead of figures', () => {
    const none = change(runReport(), (metrics) => ({
      gas: { ...metrics.gas, perOrder: null },
      slippageBps: { mean: null, p50: null, p99: null },
      series: undefined,
    }))
    const ids = idsOf(none)
    expect(ids).not.toContain('gas')
    expect(ids).not.toContain('slippage')
    expect(renderReport(none)).not.toMatch(/NaN|Infinity|undefined|\[object/)
  })
})

test('no page shows what is not a number', () => {
  for (const report of [fullReport(), runReport(), runReport(['direct'])])
    expect(renderReport(report)).not.toMatch(/NaN|Infinity|undefined|\[object/)
})

test('a report that failed verification says so before any figure, and names the checks', () => {
  const checks = [
    { name: 'netting: base is conserved', ok: true, detail: '3 traders' },
    { name: 'netting: no transaction is lost', ok: false, detail: 'intent 3 is in no block' },
  ]
  const text = renderReport({ ...runReport(), verification: { ok: false, checks } })
  expect(text.indexOf('Not verified.')).toBeGreaterThan(0)
  expect(text.indexOf('Not verified.')).toBeLessThan(text.indexOf('class="cards"'))
  has(text, '1 of 2 checks fail')
  has(text, 'intent 3 is in no block')
})

test('thresholds are listed with what was measured', () => {
  const thresholds: RunReport['thresholds'] = [
    { threshold: 'aborted == 0', mode: 'netting', actual: null, ok: false },
  ]
  const text = renderReport({ ...runReport(), thresholds })
  has(text, 'aborted == 0')
  has(text, 'not measured')
  has(text, '✗ missed')
})

test('whatever a report holds is text', () => {
  const evil = '</script><img src=x onerror=alert(1)>"\'&'
  const { run, environment, workload, verification } = runReport()
  const report: RunReport = {
    ...change(fullReport(), (metrics) => ({
      orders: { ...metrics.orders, rejectedBy: { [evil]: 1 }, failedBy: { [evil]: 2 } },
      conflicts: {
        aborted: 1,
        pairs: (metrics.conflicts?.pairs ?? []).map((pair) => ({
          ...{ ...pair, winner: evil, loser: evil, ownerName: evil },
          ...{ winnerKind: evil, loserKind: evil },
        })),
      },
    })),
    run: { ...run, id: evil, seed: evil, commit: evil, command: evil, startedAt: evil },
    environment: { ...environment, client: evil, node: evil, platform: evil },
    workload: { ...workload, scenario: evil },
    verification: {
      ...verification,
      ok: false,
      checks: [{ name: evil, ok: false, detail: evil }],
    },
    thresholds: [{ threshold: evil, mode: 'netting', actual: 1, ok: false }],
  }
  const text = renderReport(report)
  expect(text).not.toMatch(/<img|<\/script/)
  expect(text.match(/&lt;img src=x onerror=alert\(1\)&gt;/g)?.length).toBeGreaterThan(20)
})

test('the body of the page is the content of its main element', () => {
  const report = runReport()
  has(renderReport(report), toMarkup(renderReportBody(report)))
})
