import { expect, test } from 'vitest'
import { formatJson } from './json.js'

test('formatJson: sorted keys, schemaVersion first, a line for each point of a curve', () => {
  const value = {
    ...{ b: { d: null, c: 'x"' }, schemaVersion: 1, list: [1, null, 'a'], none: [], empty: {} },
    ...{ points: [{ y: 2, x: 1 }, {}], nested: [{ of: [{ x: 1 }] }, [1, 2]], left: undefined },
  }
  expect(formatJson(value)).toBe(`{
  "schemaVersion": 1,
  "b": {
    "c": "x\\"",
    "d": null
  },
  "empty": {},
  "list": [1, null, "a"],
  "nested": [
    {
      "of": [
        { "x": 1 }
      ]
    },
    [1, 2]
  ],
  "none": [],
  "points": [
    { "x": 1, "y": 2 },
    {}
  ]
}
`)
  const { left: _, ...written } = value
  expect(JSON.parse(formatJson(value))).toEqual(written)
})

test('formatJson: one value', () => {
  expect([7, 'a', null, [], {}].map(formatJson)).toEqual(['7\n', '"a"\n', 'null\n', '[]\n', '{}\n'])
})
