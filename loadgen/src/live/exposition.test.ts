import { expect, test } from 'vitest'
import { formatMetrics } from './exposition.js'

test('default: help, type and samples of each family', () => {
  const text = formatMetrics([
    {
      name: 'a_total',
      help: 'How many.',
      type: 'counter',
      samples: [
        { labels: { mode: 'netting' }, value: 3 },
        { labels: {}, value: 1.5 },
      ],
    },
    {
      name: 'b_seconds',
      help: 'How long.',
      type: 'histogram',
      samples: [{ suffix: '_bucket', labels: { le: '+Inf' }, value: 7 }],
    },
    { name: 'c', help: 'Nothing yet.', type: 'gauge', samples: [] },
  ])
  expect(text).toBe(
    [
      '# HELP a_total How many.',
      '# TYPE a_total counter',
      'a_total{mode="netting"} 3',
      'a_total 1.5',
      '# HELP b_seconds How long.',
      '# TYPE b_seconds histogram',
      'b_seconds_bucket{le="+Inf"} 7',
      '',
    ].join('\n'),
  )
})

test('behavior: what the format takes for its own is escaped, and numbers that are none are written its way', () => {
  const sample = (value: number) => ({ labels: { reason: 'a "b"\\c\nd' }, value })
  const samples = [sample(Number.NaN), sample(Infinity), sample(-Infinity)]
  expect(formatMetrics([{ name: 'x', help: 'a\\b\nc', type: 'gauge', samples }])).toBe(
    [
      '# HELP x a\\\\b\\nc',
      '# TYPE x gauge',
      'x{reason="a \\"b\\"\\\\c\\nd"} NaN',
      'x{reason="a \\"b\\"\\\\c\\nd"} +Inf',
      'x{reason="a \\"b\\"\\\\c\\nd"} -Inf',
      '',
    ].join('\n'),
  )
})
