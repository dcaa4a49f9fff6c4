import { expect, test } from 'vitest'
import { ACTIONS, type Action, type Intent, MODES } from '../core/types.js'
import { gasLimitOf, gasLimits } from './gas.js'

/** Distinct, so that a mix-up shows. */
const limits = { changePosition: 1n, queued: 2n, swapped: 3n, transfer: 4n, settle: 5n }
const intent = (action: Action): Intent => ({
  ...{ index: 0, batch: 0, trader: 0, market: 0, isLong: true, size: 1n, limitPrice: 0n },
  action,
})

test('default: by mode and action', () => {
  const table = MODES.map((mode) =>
    ACTIONS.map((action) => gasLimitOf(intent(action), { mode, limits })),
  )
  expect(table).toEqual([
    [1n, 1n, 4n, 4n, 1n],
    [2n, 2n, 4n, 4n, 2n],
    [3n, 3n, 4n, 4n, 3n],
  ])
})

test('behavior: on a live node changePosition prepays the deferred settlement and asks for little more', () => {
  const { changePosition } = gasLimits(false)
  expect(changePosition).toBeGreaterThan(500_000n)
  expect(changePosition).toBeLessThan(1_000_000n)
})

test('behavior: on the embedded node every call of changePosition can carry a whole settlement', () => {
  const { changePosition, settle } = gasLimits(true)
  expect(changePosition).toBe(settle)
})
