import { expect, test } from 'vitest'
import { toMarkup } from '../html/escape.js'
import { createLiveRegistry } from '../live/registry.js'
import { createParts } from './parts.js'

function create() {
  const clock = { ms: 0, now: () => clock.ms }
  const registry = createLiveRegistry({ clock })
  const draw = createParts()
  const parts = () => draw({ command: 'x', view: registry.view() })
  const texts = () =>
    Object.fromEntries(parts().map(({ name, markup }) => [name, toMarkup(markup)]))
  const charts = () => parts().find(({ name }) => name === 'throughput')?.markup
  return { clock, registry, texts, charts }
}

/** A row of a table, without its definition. */
function row(markup: string | undefined, head: string): string[] {
  const line = markup?.split('\n').find((text) => text.includes(`<th scope="row">${head}</th>`))
  return [...(line ?? '').matchAll(/<td class="num">(.*?)<\/td>/g)].map(([, cell]) => cell ?? '')
}

test('default: before anything happened', () => {
  expect(create().texts()).toMatchObject({
    status: '<p class="lede">Starting.</p>',
    ...{ progress: '', figures: '', throughput: '', latency: '' },
  })
})

test('behavior: figures and charts by mode; the pace of the mode that runs', () => {
  const { clock, registry, texts } = create()
  registry.startMode('netting')
  registry.onSample({ kind: 'sent', total: 0 })
  clock.ms = 2_000
  registry.onSample({ kind: 'sent', total: 1_500 })
  registry.onSample({ kind: 'included', total: 1_200, latenciesMs: [10, 20, 30] })
  registry.startMode('direct')
  registry.onProgress('sign', 0, 3)
  registry.onSample({ kind: 'sent', total: 0 })
  clock.ms = 4_000
  registry.onProgress('sign', 1, 3)
  registry.onSample({ kind: 'sent', total: 10 })
  const { status, progress, figures, throughput, latency } = texts()
  expect(status).toBe('<p class="lede">Mode direct: signing transactions.</p>')
  expect(progress).toContain('<progress max="3" value="1" aria-label="Progress of the stage"')
  expect(progress).toContain('1 of 3 (33 %), 1 a second, 4 seconds left')
  expect(row(figures, 'sent')).toEqual(['1,500', '10'])
  // Nobody has told of a block of direct yet.
  expect(row(figures, 'included')).toEqual(['1,200', '–'])
  expect(row(figures, 'sent / s')).toEqual(['–', '5'])
  expect(throughput).toContain('Rates, netting')
  expect(throughput).toContain('Rates, direct')
  // Direct has no latency yet.
  expect(latency).toContain('aria-label="Until the transaction is in a block')
  expect(latency).not.toContain('direct')
})

test('behavior: what did not change is not drawn again', () => {
  const { clock, registry, charts } = create()
  registry.startMode('netting')
  registry.onSample({ kind: 'sent', total: 0 })
  clock.ms = 1_000
  registry.onSample({ kind: 'sent', total: 40 })
  const before = charts()
  registry.onProgress('collect', 1, 2)
  expect(charts()).toBe(before)
  clock.ms = 2_000
  registry.onSample({ kind: 'sent', total: 90 })
  expect(charts()).not.toBe(before)
})

test('behavior: text of others is escaped', () => {
  const { registry, texts } = create()
  registry.startMode('<script>')
  registry.onProgress('<b>', 1, 2)
  expect(texts().status).toBe('<p class="lede">Mode &lt;script&gt;: &lt;b&gt;.</p>')
  expect(texts().figures).not.toContain('<script>')
})
