import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, test } from 'vitest'
import type { JsonSchema } from './jsonSchema.js'
import { fieldsOf, readScenario, scenarioNames } from './scenario.js'

const folder = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const docs = readFileSync(new URL('../../../docs/scenarios.md', import.meta.url), 'utf8')
const dir = mkdtempSync(join(tmpdir(), 'scenarios-'))
afterAll(() => rmSync(dir, { recursive: true }))

function file(text: string): string {
  const path = join(dir, 'own.json')
  writeFileSync(path, text)
  return path
}

describe('readScenario', () => {
  test.each(scenarioNames())('default: %s', (name) => {
    const scenario = readScenario(name)
    expect(scenario.name).toBe(name)
    expect(scenario.description.length).toBeGreaterThan(20)
    expect(docs).toContain(`| \`${name}\` |`)
  })
  test('default: every committed file but the schema is a scenario', () => {
    const files = readdirSync(folder).filter((name) => name.endsWith('.json'))
    expect(files.sort()).toEqual(
      [...scenarioNames(), 'schema'].map((name) => `${name}.json`).sort(),
    )
    expect(scenarioNames()).toHaveLength(13)
  })
  test('args: a file, whose trades stand beside it', () => {
    const own = { name: 'own', description: 'mine', kind: 'replay', file: 'trades.csv' }
    expect(readScenario(file(JSON.stringify(own)))).toEqual({
      ...own,
      file: join(dir, 'trades.csv'),
    })
  })
  test.each([
    ['', 'is no JSON: Unexpected end of JSON input.'],
    ['[]', ': it must be an object; it is [].'],
    ['{"kind": "mix", "name": "x"}', ': description is missing.'],
    [
      '{"kind": "options", "name": "x", "description": "x"}',
      ': kind must be one of mix, sandwich, replay, spot; it is "options".',
    ],
    ['{"kind": "spot", "name": "x", "description": "x"}', ': toleranceBps is missing.'],
    [
      '{"kind": "mix", "name": "x", "description": "x", "sizes": {"min": "0.0", "max": "1"}}',
      ': sizes.min must be a decimal above 0 with at most 18 decimals, as a text, like "0.5"; it is "0.0".',
    ],
    [
      '{"kind": "mix", "name": "x", "description": "x", "phases": [{"share": 1, "mix": {"open": -1}}]}',
      ': phases[0].mix.open must be a number from 0 to 1000000; it is -1.',
    ],
    [
      '{"kind": "mix", "name": "x", "description": "x", "prices": {"blockSeconds": 2, "path": [{"fromBlock": 1, "blocks": 0, "to": 1}]}}',
      ': prices.path[0].blocks must be a whole number from 1 to 1000000; it is 0.',
    ],
    [
      '{"kind": "mix", "name": "x", "description": "x", "risk": {"maxSkew": 5}}',
      ': risk.maxSkew must be a decimal above 0 with at most 18 decimals, as a text, like "0.5"; it is 5.',
    ],
    ['{"kind": "sandwich", "name": "X Y", "description": "x"}', ': perBlock is missing.'],
    [
      '{"kind": "mix", "name": "X Y", "description": "x"}',
      ': name must be a short name of small letters, digits and hyphens, like "my-scenario"; it is "X Y".',
    ],
  ])('error: %s', (text, what) => {
    const path = file(text)
    const separator = what.startsWith(':') ? '' : ' '
    expect(() => readScenario(path)).toThrow(
      expect.objectContaining({
        name: 'UsageError',
        exitCode: 2,
        message: `The scenario "${path}"${separator}${what}`,
      }),
    )
  })
  test('error: neither a name nor a file', () => {
    expect(() => readScenario('balancd')).toThrow(
      /^There is no scenario "balancd"; give one of balanced, bursts, .*, zipf, or a file that ends in \.json\.$/,
    )
    expect(() => readScenario('none.json')).toThrow(
      'The scenario "none.json" cannot be read (ENOENT).',
    )
    // Not a file of the folder that is no scenario.
    expect(() => readScenario('schema')).toThrow('There is no scenario "schema"')
  })
})

describe('the schema', () => {
  const schema = JSON.parse(readFileSync(join(folder, 'schema.json'), 'utf8')) as JsonSchema

  /** Every property that any part of the schema names. */
  function fields(part: JsonSchema): string[] {
    const own = Object.entries(part.properties ?? {})
    return [...own.map(([name]) => name), ...own.flatMap(([, inner]) => fields(inner))]
  }

  test('default: docs/scenarios.md has a line for every field', () => {
    const named = new Set(Object.values(schema.$defs ?? {}).flatMap(fields))
    expect(named.size).toBeGreaterThan(30)
    for (const field of named)
      expect(docs, field).toMatch(new RegExp(`^\\| .*\`${field.replace('$', '\\$')}\``, 'm'))
  })
  test('default: fields of a kind', () => {
    expect(fieldsOf('replay')).toEqual([
      ...['$schema', 'name', 'description', 'kind', 'seed', 'traders', 'depth'],
      ...['maxPriceMoveBps', 'file', 'batchIntervalMs', 'limit'],
    ])
  })
})
