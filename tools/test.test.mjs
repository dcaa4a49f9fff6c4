import { expect, test } from 'vitest'
import { atLeastOneFailure, forgeTotals, vitestTotals } from './test.mjs'

const SUITE =
  'Suite result: FAILED. 3 passed; 1 failed; 0 skipped; finished in 1.2ms (1ms CPU time)'

test('forgeTotals: the last line of all suites, colours or not', () => {
  const output = `${SUITE}\n\nRan 2 test suites in 2.48ms (351µs CPU time): 41 tests passed, 2 failed, 1 skipped (44 total tests)\n`
  expect(forgeTotals(output)).toEqual({ passed: 41, failed: 2 })
  const colored = `${SUITE}\nRan 1 test suite in 1s (1s CPU time): \u001b[32m7\u001b[0m tests passed, \u001b[31m0\u001b[0m failed, \u001b[33m0\u001b[0m skipped (7 total tests)\n`
  expect(forgeTotals(colored)).toEqual({ passed: 7, failed: 0 })
})

test('forgeTotals: a build that failed has no such line', () => {
  expect(forgeTotals('Error: Compiler run failed:\n')).toEqual({ passed: 0, failed: 0 })
})

test('vitestTotals: a file that broke while it loaded is one failed test', () => {
  const report = {
    numPassedTests: 5,
    numFailedTests: 1,
    testResults: [
      { status: 'failed', assertionResults: [{}, {}] },
      { status: 'failed', assertionResults: [] },
      { status: 'passed', assertionResults: [{}, {}, {}, {}] },
    ],
  }
  expect(vitestTotals(report)).toEqual({ passed: 5, failed: 2 })
})

test('atLeastOneFailure: a bad end and an empty run are failures', () => {
  expect(atLeastOneFailure({ passed: 3, failed: 0 }, { ok: true })).toEqual({
    passed: 3,
    failed: 0,
  })
  expect(atLeastOneFailure({ passed: 3, failed: 0 }, { ok: false }).failed).toBe(1)
  expect(atLeastOneFailure({ passed: 3, failed: 2 }, { ok: false }).failed).toBe(2)
  expect(atLeastOneFailure({ passed: 0, failed: 0 }, { ok: true }).failed).toBe(1)
})
