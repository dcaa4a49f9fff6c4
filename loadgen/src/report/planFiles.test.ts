import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Intent } from '../core/types.js'
import { encodeLine } from './json.js'
import { loadPlan, openPlan, savePlan } from './planFiles.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'plan-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const COUNT = 2_500
const intentAt = (index: number): Intent => ({
  ...{ index, batch: Math.floor(index / 10), trader: index % 7, action: 'open' as const },
  ...{ market: 0, isLong: index % 2 === 0, size: 10n ** 18n + BigInt(index), limitPrice: 0n },
})
function* intents(): Generator<Intent> {
  for (let index = 0; index < COUNT; index++) yield intentAt(index)
}
const head = {
  ...{ scenario: 'mix', seed: 'ü', traders: 7, markets: 1, batches: COUNT / 10 },
  collateral: 5n,
}
const terms = {
  ...{ markets: [{ price: 2n, quoteDepth: 3n }], maxPriceMoveBps: 500, threads: 4, chunk: 9 },
}
const plan = { head, terms, intents }

describe('savePlan', () => {
  test('default: what is opened is what was saved, intents as often as they are asked for', async () => {
    expect((await savePlan(folder, plan)).count).toBe(COUNT)
    const opened = await openPlan(folder)
    expect({ head: opened.head, terms: opened.terms, count: opened.count }).toEqual({
      ...{ head, terms, count: COUNT },
    })
    for (let time = 0; time < 2; time++) expect([...opened.intents()]).toEqual([...intents()])
    expect(await loadPlan(folder)).toEqual({ ...head, intents: [...intents()] })
  })
  test('behavior: the same plan, the same bytes; a line is what every list of a run has', async () => {
    const bytes = async () => {
      await savePlan(folder, plan)
      return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'))
    }
    expect(await bytes()).toEqual(await bytes())
    const [line] = readFileSync(join(folder, 'intents.jsonl'), 'utf8').split('\n')
    expect(line).toBe(encodeLine(intentAt(0)))
  })
  test('behavior: nothing is left of a plan that turns out to be impossible', async () => {
    function* failing(): Generator<Intent> {
      yield* intents()
      throw new Error('too few batches')
    }
    await expect(savePlan(folder, { ...plan, intents: failing })).rejects.toThrow('too few batches')
    expect(readdirSync(folder)).toEqual([])
  })
})

describe('openPlan', () => {
  test.each([
    ['plan.json', '{"planVersion":2}', '"plan.json": planVersion must be 1.'],
    ['intents.jsonl', '', '"intents.jsonl" has 0 lines, but plan.json counts 2500.'],
    ['intents.jsonl', '{}', '"intents.jsonl", line 1: this is no valid JSON of a stored run.'],
    [
      'intents.jsonl',
      encodeLine({ ...intentAt(0), action: 'sell' }),
      '"intents.jsonl", line 1: action must be one of open, close, deposit, withdraw, swap.',
    ],
  ])('error: %s holds %s', async (name, text, message) => {
    await savePlan(folder, plan)
    writeFileSync(join(folder, name), text)
    const read = async () => [...(await openPlan(folder)).intents()]
    await expect(read()).rejects.toMatchObject({
      name: 'UsageError',
      message: message.replace('"', `"${folder}/`),
    })
  })
})
