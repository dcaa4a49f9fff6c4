import { describe, expect, test } from 'vitest'
import { findFault, type JsonSchema } from './jsonSchema.js'

const schema: JsonSchema = {
  oneOf: [{ $ref: '#/$defs/box' }, { $ref: '#/$defs/word' }],
  $defs: {
    size: { type: 'integer', minimum: 1, maximum: 9 },
    box: {
      type: 'object',
      required: ['kind', 'size'],
      additionalProperties: false,
      properties: {
        kind: { const: 'box' },
        size: { $ref: '#/$defs/size', description: 'stands beside the reference' },
        weight: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
        lids: { type: 'array', minItems: 1, items: { $ref: '#/$defs/size' } },
        color: { enum: ['red', 'blue'] },
      },
    },
    word: {
      type: 'object',
      required: ['kind'],
      additionalProperties: false,
      properties: {
        kind: { const: 'word' },
        text: { type: 'string', pattern: '^[a-z]+$', title: 'small letters', examples: ['abc'] },
      },
    },
  },
}

test('default: no fault', () => {
  const box = { kind: 'box', size: 9, weight: 0.5, lids: [1, 9], color: 'red' }
  expect(findFault(schema, box)).toBeUndefined()
  expect(findFault(schema, { kind: 'word', text: 'abc' })).toBeUndefined()
})

test.each([
  [null, 'it must be an object; it is null'],
  [[], 'it must be an object; it is []'],
  [{}, 'kind must be one of box, word; it is missing'],
  [{ kind: 'bag' }, 'kind must be one of box, word; it is "bag"'],
  [{ kind: 'box' }, 'size is missing'],
  [{ kind: 'box', size: 0 }, 'size must be a whole number from 1 to 9; it is 0'],
  [{ kind: 'box', size: 1.5 }, 'size must be a whole number from 1 to 9; it is 1.5'],
  [{ kind: 'box', size: '1' }, 'size must be a whole number from 1 to 9; it is "1"'],
  [{ kind: 'box', size: 1, weight: 0 }, 'weight must be a number above 0, at most 1; it is 0'],
  [{ kind: 'box', size: 1, weight: 2 }, 'weight must be a number above 0, at most 1; it is 2'],
  [{ kind: 'box', size: 1, lids: [] }, 'lids must be a list of at least 1; it is []'],
  [{ kind: 'box', size: 1, lids: [1, 10] }, 'lids[1] must be a whole number from 1 to 9; it is 10'],
  [{ kind: 'box', size: 1, color: 'green' }, 'color must be one of red, blue; it is "green"'],
  [
    { kind: 'box', size: 1, text: 'abc' },
    'text is no field; allowed are kind, size, weight, lids, color',
  ],
  [{ kind: 'word', text: 'ABC' }, 'text must be small letters, like "abc"; it is "ABC"'],
  [{ kind: 'word', text: 5 }, 'text must be small letters, like "abc"; it is 5'],
])('error: %o', (value, fault) => {
  expect(findFault(schema, value)).toBe(fault)
})

describe('error: a schema that it cannot check', () => {
  test.each([
    [{ type: 'string', maxLength: 5 }, 'The schema has the keyword "maxLength".'],
    [{ $ref: '#/$defs/none' }, 'The schema refers to "#/$defs/none", which it lacks.'],
    [{ description: 'anything' }, 'The schema has no type at it.'],
  ])('%o', (bad, message) => {
    expect(() => findFault(bad as JsonSchema, 'abc')).toThrow(message)
  })
})
