import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { CONCURRENT_FACTS } from './fixtures/facts/concurrent.js'
import { DEFERRAL_FACTS } from './fixtures/facts/deferral.js'
import { DIFFERENCES } from './fixtures/facts/differences.js'
import { RUNTIME_FACTS } from './fixtures/facts/runtime.js'
import { STORAGE_FACTS } from './fixtures/facts/storage.js'
import { startWorld, type World } from './support/world.js'

const FACTS = [...STORAGE_FACTS, ...CONCURRENT_FACTS, ...DEFERRAL_FACTS, ...RUNTIME_FACTS]

let world: World
beforeAll(async () => {
  world = await startWorld()
})
afterAll(async () => {
  await world?.stop()
})

test.each(FACTS)('$fact', ({ run }) => run(world))

test('docs/analyze.md lists these facts and differences, and no others', () => {
  const text = readFileSync(new URL('../../docs/analyze.md', import.meta.url), 'utf8')
  expect(bullets(text, 'Facts of the runtime that the node is held to')).toEqual(
    FACTS.map(({ fact }) => fact),
  )
  expect(bullets(text, 'Where the node differs')).toEqual(DIFFERENCES)
})

/** The points of a section. */
function bullets(text: string, title: string): string[] {
  const section = text.split(/^## /m).find((part) => part.startsWith(title)) ?? ''
  return [...section.matchAll(/^- (.+)$/gm)].map(([, point = '']) => point)
}
