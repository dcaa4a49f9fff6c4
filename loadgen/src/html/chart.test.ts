import { expect, test } from 'vitest'
import { barChart, beside, chart } from './chart.js'
import { html, toMarkup } from './escape.js'
import { LOOKS } from './looks.js'
import type { Layer, Point } from './plot.js'

const x = { label: 'block' }
const y = { label: 'ratio' }

function line(points: readonly Point[], name: 'netting' | 'keeper' | 'direct' = 'netting'): Layer {
  return { kind: 'line', name, look: LOOKS[name], points }
}

function draw(layers: readonly Layer[], more: Partial<chart.Options> = {}): string {
  return toMarkup(chart({ title: 'A <chart>', layers, x, y, ...more }))
}

test('a whole chart is drawn for wide and for narrow windows, others once', () => {
  const layers = [
    line([
      [0, 1],
      [1, 2],
    ]),
  ]
  expect(draw(layers).match(/<svg/g)).toHaveLength(2)
  expect(draw(layers)).toMatch(/class="wide"><svg role="img"[^>]* viewBox="0 0 840 280"/)
  expect(draw(layers)).toMatch(/class="narrow"><svg role="img"[^>]* viewBox="0 0 345 230"/)
  expect(draw(layers, { span: 'half' }).match(/<svg/g)).toHaveLength(1)
})

test('a screen reader gets the chart as one picture with a name, and its data as a table', () => {
  const markup = draw(
    [
      line([
        [0, 0.25],
        [1, null],
      ]),
    ],
    { span: 'half' },
  )
  expect(markup).toContain('role="img" aria-label="A &lt;chart&gt;. ratio over block: netting."')
  expect(markup.match(/<g[^>]*aria-/g)).toBeNull()
  expect(markup).toContain('<th scope="row" class="num">0</th><td class="num">0.25</td>')
  expect(markup).toContain('<th scope="row" class="num">1</th><td class="num">–</td>')
})

test('series differ by more than their colours, in the picture and in the legend', () => {
  const points: Point[] = [
    [0, 1],
    [1, 2],
  ]
  const markup = draw([line(points), line(points, 'keeper')], { span: 'half' })
  expect(markup).toContain('stroke-dasharray="7 4"')
  expect(markup).toContain('border-top:2.5px solid var(--netting)')
  expect(markup).toContain('border-top:2.5px dashed var(--keeper)')
})

test.each<Layer>([
  {
    ...{ kind: 'band', name: 'range', look: LOOKS.direct },
    points: [
      [0, 1, 2],
      [1, 3, 5],
    ],
  },
  {
    ...{ kind: 'step', name: 'price', look: LOOKS.direct },
    points: [
      [0, 1],
      [1, 3],
    ],
  },
])('a $kind keeps its values until the next point, the last ones for one more', (layer) => {
  const markup = draw([layer], { span: 'half', x: { ...x, domain: [0, 2] } })
  const [, path = ''] = / d="(M[^"]*L[^"]*)"/.exec(markup) ?? []
  const corners = [...path.matchAll(/[ML]([\d.]+),([\d.]+)/g)].map(([, at, y]) => [at, y])
  expect(new Set(corners.map(([at]) => at)).size).toBe(3)
  for (const [i, corner] of corners.entries()) {
    const next = corners[i + 1] ?? corner
    expect(corner[0] === next[0] || corner[1] === next[1], `${corner} to ${next}`).toBe(true)
  }
})

test('one series needs no legend', () => {
  expect(draw([line([[0, 1]])])).not.toContain('class="legend"')
})

test('a data table of a long series says how much of it is left out', () => {
  const points = Array.from({ length: 300 }, (_, i): Point => [i, i])
  const markup = draw([line(points)], { span: 'half' })
  expect(markup).toContain('40 of 300 points; all of them are in report.json.')
  expect(markup.match(/<tr>/g)).toHaveLength(41)
  expect(markup).toContain('<th scope="row" class="num">299</th>')
})

test('series of different x values are listed below each other', () => {
  const markup = draw([line([[0, 1]]), line([[0.5, 2]], 'keeper')], { span: 'half' })
  expect(markup).toContain('<td class="num">2</td><td>keeper</td>')
})

test('ticks of a given list stay within the data', () => {
  const ticks = [1, 10, 100]
  const markup = draw(
    [
      line([
        [1, 1],
        [10, 2],
      ]),
    ],
    { span: 'half', x: { ...x, scale: 'log', ticks } },
  )
  expect(markup).toContain('>10</text>')
  expect(markup).not.toContain('>100</text>')
})

test('a chart of nothing but 0 has an axis all the same', () => {
  expect(
    draw(
      [
        line([
          [0, 0],
          [1, 0],
        ]),
      ],
      { span: 'half' },
    ),
  ).toContain('>1</text>')
})

test('a chart takes its colours from the page and carries no style, script or address', () => {
  const markup = draw([line([[0, 1]])])
  expect(markup).toContain('var(--netting)')
  expect(markup).not.toMatch(/<style|<script|https?:|xmlns/)
})

test('coordinates have at most one decimal', () => {
  const points = Array.from({ length: 50 }, (_, i): Point => [i, Math.sin(i)])
  const [path = ''] = draw([line(points)], { span: 'half' }).match(/ d="M[^"]{200,}"/) ?? []
  expect(path).not.toBe('')
  expect(path).not.toMatch(/\.\d\d/)
})

test('bars follow each other, have titles, and end with their sums', () => {
  const parts = [
    { name: 'queueing', color: 'red', value: 2_000 },
    { name: 'settlement', color: 'blue', value: 3_000 },
  ]
  const markup = toMarkup(
    barChart({ title: 'Gas', bars: [{ name: 'netting', parts }], x: { label: 'gas' } }),
  )
  expect(markup).toContain('<title>netting, settlement: 3K</title>')
  expect(markup).toContain('>5K</text>')
  expect(markup).toContain('<td class="num">2K</td><td class="num">3K</td>')
})

test('a hollow part differs from a full one by more than its colour, in the picture and in the legend', () => {
  const parts = [
    { name: 'rejected', color: 'blue', value: 2 },
    { name: 'failed', color: 'red', value: 3, isHollow: true },
    { name: 'lost', color: 'green', value: 0, isHollow: true },
  ]
  const bars = [{ name: 'netting', parts }]
  const markup = toMarkup(barChart({ title: 'Ends', bars, x: { label: 'orders' }, span: 'half' }))
  expect(markup).toMatch(/<g[^>]*stroke-dasharray="4 2"[^>]*><rect[^>]*stroke="red"/)
  expect(markup.match(/<rect/g)).toHaveLength(2)
  expect(markup).toContain('style="background:blue"')
  expect(markup).toContain('style="border:1.5px dashed red"')
})

test('names that do not fit are cut short in the picture alone, and stay apart', () => {
  const long = 'a sentence of a node that goes on and on and on, far beyond any margin, number'
  const bars = [1, 2].map((value) => ({
    name: `${long} ${value}`,
    parts: [{ name: 'failed', color: 'red', value }],
  }))
  const markup = toMarkup(barChart({ title: 'Ends', bars, x: { label: 'orders' } }))
  expect(markup).not.toContain(`>${long}`.concat(' 1</text>'))
  expect(markup.match(/…<\/text>/g)).toHaveLength(4)
  expect(markup.match(/<rect/g)).toHaveLength(4)
  expect(markup).toContain(`<th scope="row" class="long">${long} 2</th>`)
})

test('names of bars are text, whatever they hold', () => {
  const name = '</title></text><img src=x onerror=alert(1)>"&'
  const bars = [{ name, parts: [{ name, color: 'red', value: 1 }] }]
  const markup = toMarkup(barChart({ title: name, bars, x: { label: name }, note: name }))
  expect(markup).not.toContain('<img')
  expect(markup).toContain('&lt;img src=x onerror=alert(1)&gt;')
})

test('three charts stand beside each other, two take half the page each, one all of it', () => {
  const spans = (count: number) => {
    const seen: string[] = []
    beside(Array.from({ length: count }), (_, span) => {
      seen.push(span)
      return html``
    })
    return seen
  }
  expect([spans(1), spans(2), spans(3)]).toEqual([
    ['whole'],
    ['half', 'half'],
    ['third', 'third', 'third'],
  ])
})
