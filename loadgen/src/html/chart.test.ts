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
