import { expect, test } from 'vitest'
import { phaseAt } from './sending.js'

test('phaseAt: only intended times between warm-up and the last one count', () => {
  const phases = { startMs: 0, measureMs: 100, drainMs: 500 }
  expect([0, 99, 100, 500, 501].map((ms) => phaseAt(phases, ms))).toEqual([
    'warm-up',
    'warm-up',
    'measure',
    'measure',
    'drain',
  ])
})
