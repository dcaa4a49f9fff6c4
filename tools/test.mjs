/**
 * Runs the Solidity and the TypeScript tests and ends with one line for both: `N passed, N failed`.
 *
 * `--sol` or `--ts` runs one side. Exit code 0 only when tests ran and all of them passed. forge takes its profile from
 * FOUNDRY_PROFILE; where CI is set and that is not, it is `ci`.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { argv, env, execPath, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { nativeBinary } from './native.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')

/**
 * @typedef {{ passed: number, failed: number }} Totals
 */

/**
 * The totals of `forge test`, read from the last line that sums up its suites.
 *
 * @param {string} output what it printed
 * @returns {Totals} zeros when it never came to that line
 */
export function forgeTotals(output) {
  const line = /^Ran \d+ test suites? in .*: (\d+) tests? passed, (\d+) failed, \d+ skipped/gm
  const last = [...stripVTControlCharacters(output).matchAll(line)].at(-1)
  return { passed: Number(last?.[1] ?? 0), failed: Number(last?.[2] ?? 0) }
}

/**
 * The totals of vitest. A test file that broke before its first test counts as one failed test.
 *
 * @param {{ numPassedTests: number, numFailedTests: number, testResults: { status: string, assertionResults: unknown[] }[] }} report
 *   of vitest's JSON reporter
 * @returns {Totals}
 */
export function vitestTotals(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
}

/**
 * Totals that cannot hide a failure: a side that ended badly, or ran nothing, has at least one failed test.
 *
 * @param {Totals} totals
 * @param {{ ok: boolean }} options `ok` when the test runner ended with exit code 0
 * @returns {Totals}
 */
export function atLeastOneFailure({ passed, failed }, { ok }) {
  const fine = ok && passed + failed > 0
  return { passed, failed: fine ? failed : Math.max(failed, 1) }
}

async function solidityTests() {
  const chunks = []
  const color = stdout.isTTY ? 'always' : 'never'
  const profile = env.FOUNDRY_PROFILE ?? (env.CI ? 'ci' : 'default')
  const ok = await run(nativeBinary('forge'), ['test', '--color', color], {
    env: { ...env, FOUNDRY_PROFILE: profile },
    onOutput: (chunk) => chunks.push(chunk),
  })
  return atLeastOneFailure(forgeTotals(Buffer.concat(chunks).toString('utf8')), { ok })
}

async function typescriptTests() {
  const folder = mkdtempSync(join(tmpdir(), 'vitest-'))
  const file = join(folder, 'report.json')
  try {
    const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const ok = await run(execPath, [vitest, 'run', ...reporters], { env })
    return atLeastOneFailure(vitestTotals(readReport(file)), { ok })
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** vitest's report, or an empty one when vitest ended before it wrote any. */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    return { numPassedTests: 0, numFailedTests: 0, testResults: [] }
  }
}

/** Runs a program with its output streamed to ours; resolves to whether it ended with exit code 0. */
function run(program, args, { env, onOutput }) {
  const stdio = ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit']
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: ROOT, env, stdio })
    child.stdout?.on('data', (chunk) => {
      onOutput(chunk)
      stdout.write(chunk)
    })
    child.on('error', reject)
    child.on('close', (code) => resolve(code === 0))
  })
}

const SIDES = { '--sol': solidityTests, '--ts': typescriptTests }

async function main(flags) {
  const unknown = flags.find((flag) => !Object.hasOwn(SIDES, flag))
  if (unknown !== undefined) {
    stderr.write(`"${unknown}" is no option of tools/test.mjs; it takes --sol, --ts or nothing.\n`)
    return 2
  }
  let passed = 0
  let failed = 0
  for (const [flag, side] of Object.entries(SIDES)) {
    if (flags.length > 0 && !flags.includes(flag)) continue
    const totals = await side()
    passed += totals.passed
    failed += totals.failed
  }
  stdout.write(`${passed} passed, ${failed} failed\n`)
  return failed === 0 ? 0 : 1
}

if (argv[1] === fileURLToPath(import.meta.url)) exit(await main(argv.slice(2)))
