import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadgen, temporaryFolder } from './support/cli.js'
import { testRefusals } from './support/refusal.js'

const folder = temporaryFolder()
const reports = join(folder, 'reports')
const COLUMNS = 'id,price,qty,quoteQty,time,isBuyerMaker,isBestMatch'
const TRADE = '1,2000,1,2000,1700000000000,True,True'

/** A file of trades with these lines. */
function csv(name: string, ...lines: string[]): string {
  const path = join(folder, name)
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''))
  return path
}

const run = (...args: string[]) => ['run', '--reports', reports, ...args]
const small = ['--traders', '4', '--orders', '8']
const isNoOption = (option: string, value: string, rule: string) =>
  `option '${option}' argument '${value}' is invalid. ${rule}`

describe.concurrent('commands and options', () => {
  testRefusals(reports, [
    { args: ['explode'], says: "unknown command 'explode'" },
    { args: ['comapre'], says: "unknown command 'comapre'\n(Did you mean compare?)" },
    { args: run('--explode'), says: "unknown option '--explode'" },
    {
      args: run('netting'),
      says: "too many arguments for 'run'. Expected 0 arguments but got 1.",
    },
    {
      args: run('--mode', 'sideways'),
      says: isNoOption('--mode <mode>', 'sideways', 'It is one of netting, keeper, direct.'),
    },
    {
      args: ['compare', '--reports', reports, '--modes', 'direct,direct'],
      says: isNoOption('--modes <list>', 'direct,direct', 'It names a mode twice.'),
    },
    {
      args: run('--markets', '0'),
      says: isNoOption('--markets <n>', '0', 'It is a whole number from 1 to 32.'),
    },
    {
      args: run('--orders', '-5'),
      says: isNoOption('--orders <n>', '-5', 'It is a whole number from 1 to 10000000.'),
    },
    {
      args: run('--sizes', '0..1'),
      says: isNoOption(
        '--sizes <min..max>',
        '0..1',
        'It is a number above 0 with at most 18 decimals, like 2000 or 0.5.',
      ),
    },
    {
      args: run('--log-level', 'loud'),
      says: isNoOption(
        '--log-level <level>',
        'loud',
        'It is one of trace, debug, info, warn, error, silent.',
      ),
    },
    {
      args: ['deploy'],
      says: 'deploy needs a node that stays; give its address with --rpc-url (loadgen devnet serves one).',
    },
    {
      args: ['devnet', '--block-time', '-1'],
      says: isNoOption('--block-time <ms>', '-1', 'It is a whole number from 0 to 2147483647.'),
    },
  ])
})

describe.concurrent('a workload that cannot be', () => {
  testRefusals(reports, [
    {
      args: run('--mix', 'open=10,close=20'),
      says: 'mix.open must be above 0 and at least mix.close, for only what was opened can be closed; they are 10 and 20.',
    },
    {
      args: run('--traders', '4', '--per-block', '5'),
      says: 'perBatch (at most one order a trader and batch) must be an integer from 1 to 4; it is 5.',
    },
    {
      args: run('--traders', '2', '--orders', '2'),
      says: 'mix.close asks for 1 closes, but only 0 find a position opened 2 batches before; take more batches (orders ÷ perBatch, now 2) or a smaller share of closes.',
    },
    {
      args: run(...small, '--sizes', '1..1', '--collateral', '1'),
      says: "No trader's collateral carries one more open of 1000000000000000000 (WAD) in market 0; raise collateral or traders, or lower sizes or orders.",
    },
  ])
})

describe.concurrent('trades to replay', () => {
  const missing = join(folder, 'missing.csv')
  const empty = csv('empty.csv')
  const header = csv('header.csv', COLUMNS)
  const price = csv('price.csv', COLUMNS, TRADE, '2,much,1,2000,1700000000000,True,True')
  const zero = csv('zero.csv', TRADE, '2,2000,0.0,2000,1700000000000,True,True')
  const columns = csv('columns.csv', TRADE, TRADE, '3,2000,1')
  const quote = csv('quote.csv', TRADE, '2,2000,"1,2000,1700000000000,True,True')
  const huge = csv('huge.csv', '1,2000,100000000000,2000,1700000000000,True,True')
  testRefusals(reports, [
    {
      args: run('--replay', missing),
      says: `The trades file "${missing}" cannot be read (ENOENT); give a CSV of ${COLUMNS}.`,
    },
    {
      args: run('--replay', folder),
      says: `The trades file "${folder}" cannot be read (EISDIR); give a CSV of ${COLUMNS}.`,
    },
    { args: run('--replay', empty), says: `"${empty}" holds no trade; a line is ${COLUMNS}.` },
    { args: run('--replay', header), says: `"${header}" holds no trade; a line is ${COLUMNS}.` },
    {
      args: run('--replay', price),
      says: `"${price}", line 3: price must be a decimal above 0 with at most 18 decimals; it is "much".`,
    },
    {
      args: run('--replay', zero),
      says: `"${zero}", line 2: qty must be a decimal above 0 with at most 18 decimals; it is "0.0".`,
    },
    {
      args: run('--replay', columns),
      says: `"${columns}", line 3: a trade has 7 columns, ${COLUMNS}; this line has 3.`,
    },
    {
      args: run('--replay', quote),
      says: `"${quote}", line 2: this is no CSV (Quote Not Closed: the parsing is finished with an opening quote at line 2); a line is ${COLUMNS}.`,
    },
    {
      args: run('--replay', huge),
      says: 'The scaled size (WAD) of the trade in line 1 must be an integer from 1 to 79228162514264337593543950335; it is 100000000000000000000000000000.',
    },
  ])
})

test.each([
  ...[
    'devnet',
    'deploy',
    'run',
    'compare',
    'plan',
    'sign',
    'submit',
    'collect',
    'report',
    'verify',
  ],
])('%s --help explains every option', async (command) => {
  const { code, stdout, stderr } = await loadgen([command, '--help'])
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toContain(`Usage: loadgen ${command} [options]`)
  expect(stdout).not.toMatch(/\[object|undefined|\{"/)
})
