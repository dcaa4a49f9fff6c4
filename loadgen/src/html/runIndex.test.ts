import { expect, test } from 'vitest'
import type { RunSummary } from '../report/index.js'
import { renderIndex } from './runIndex.js'

const run: RunSummary = {
  ...{ id: 'mix-1', startedAt: '2025-01-02T03:04:05.000Z', scenario: 'mix' },
  ...{ traders: 100, orders: 1, ok: true, hasPage: true },
  modes: {
    netting: {
      ...{ ratio: 0.9, touches: 12, gasPerOrder: 274_965.4 },
      ...{ settledPerSecond: null, slippageBps: 0.8031 },
    },
  },
}

test('lists runs in the order given, each with a link and its main figures', () => {
  const text = renderIndex([run, { ...run, id: 'mix-0' }])
  expect(text.indexOf('mix-1/report.html')).toBeGreaterThan(0)
  expect(text.indexOf('mix-1/report.html')).toBeLessThan(text.indexOf('mix-0/report.html'))
  expect(text).toContain('2025-01-02 03:04 UTC · mix · 100 traders · 1 order ')
  expect(text).toContain(
    ['12', '90.00 %', '0.803', '274,965', '–']
      .map((cell) => `<td class="num">${cell}</td>`)
      .join(''),
  )
})

test('marks runs that are not verified, and says of others why they cannot be read', () => {
  const text = renderIndex([
    { ...run, ok: false },
    { id: 'old', unreadable: '"report.json" is no report.' },
  ])
  expect(text).toContain('✗ not verified')
  expect(text).toContain('&quot;report.json&quot; is no report.')
  expect(text).not.toContain('old/report.html')
})

test('leads to pages that are there only, and says how the others are made', () => {
  const text = renderIndex([{ ...run, id: 'old', hasPage: false }, run])
  expect(text).not.toContain('old/report.html')
  expect(text).toContain('<code>loadgen report old --open</code>')
  expect(text).not.toContain('<code>loadgen report mix-1 --open</code>')
})

test('says when there is no run', () => {
  expect(renderIndex([])).toContain('There is no run yet')
})

test('whatever a run is called is text', () => {
  const evil = '"><img src=x>'
  expect(renderIndex([{ ...run, id: evil, scenario: evil }])).not.toContain('<img')
})
