import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import type { SweepReport } from '../report/sweep.js'
import {
  checkSame,
  checkVariables,
  parseWords,
  pointWords,
  readGiven,
  toStoredWords,
} from './gridWords.js'
import { addNodeOptions, addWorkloadOptions } from './options.js'

function describeSweep(command: Command): Command {
  command.option('--vary <option=values>').option('--json')
  return addNodeOptions(addWorkloadOptions(command))
}
const command = describeSweep(new Command('sweep'))

test('readGiven: each option with its value, by its name', () => {
  const words = ['--orders', '5', '--json', '--seed=a=b', '--vary', 'x=1', 'more', '--what']
  expect(readGiven(words, command)).toEqual([
    { name: 'orders', words: ['--orders', '5'] },
    { name: 'json', words: ['--json'] },
    { name: 'seed', words: ['--seed=a=b'] },
    { name: 'vary', words: ['--vary', 'x=1'] },
    { name: '', words: ['more'] },
    { name: '', words: ['--what'] },
  ])
})

test('toStoredWords: without the secrets of addresses', () => {
  const given = readGiven(
    ['--rpc-url', 'http://me:secret@localhost:8545', '--seed', 'a b'],
    command,
  )
  const stored = toStoredWords(given)
  expect(stored.join(' ')).not.toContain('secret')
  expect(stored.slice(2)).toEqual(['--seed', 'a b'])
})

describe('checkSame', () => {
  const check = (stored: readonly string[], ...words: string[]) =>
    checkSame(
      { sweep: { id: 'x', words: stored } } as unknown as SweepReport,
      readGiven(words, command),
      command,
    )
  test('default: the same options, or none, whatever is of this call alone', () => {
    expect(check(['--orders', '5'], '--json', '--private-key', '0x1')).toBeUndefined()
    expect(check(['--orders', '5'], '--json', '--orders', '5')).toBeUndefined()
  })
  test('behavior: another way to the node', () => {
    const stored = ['--orders', '5', '--rpc-url', 'http://***@a']
    expect(check(stored, '--rpc-url', 'http://me@a')).toBeUndefined()
    expect(check(stored, '--orders', '5', '--rpc-url', 'http://b')).toBeUndefined()
  })
  test('error: other options', () => {
    for (const words of [['--orders', '6'], ['--orders=5'], ['--orders', '5', '--seed', 'a']])
      expect(() => check(['--orders', '5'], ...words)).toThrow(
        'The sweep x has other options (--orders 5); leave them out, or start another sweep.',
      )
  })
  test('error: a node for a sweep on embedded ones', () => {
    expect(() => check(['--orders', '5'], '--rpc-url', 'http://a')).toThrow(
      'The sweep x has embedded nodes; --rpc-url cannot be given with it.',
    )
  })
})

describe('parseWords', () => {
  const parse = (...words: string[]) =>
    parseWords<{ orders: number; vary?: string }>(words, {
      parent: new Command('sweep').exitOverride().configureOutput({ writeErr: () => {} }),
      describe: describeSweep,
    })
  test('default: as the command line would be, the last of an option standing', async () => {
    const read = await parse('--orders', '5', '--vary', 'x=1', '--orders', '7')
    expect(read).toMatchObject({ orders: 7, vary: 'x=1', traders: 1_000 })
  })
  test('error: a value that the option refuses', async () => {
    await expect(parse('--orders', '0')).rejects.toMatchObject({
      code: 'commander.invalidArgument',
    })
  })
})

test('pointWords: the flags of the variables', () => {
  expect(pointWords({ longShare: '0.5', orders: '7' }, command)).toEqual([
    ...['--long-share', '0.5', '--orders', '7'],
  ])
})

describe('checkVariables', () => {
  const check = (name: string, ...words: string[]) =>
    checkVariables([{ name, values: ['1'] }], { command, given: readGiven(words, command) })
  test('default: an option with a value', () => {
    expect(check('orders', '--traders', '5')).toBeUndefined()
  })
  // An unknown one, one without a value, and two that are no part of a workload.
  test.each(['order', 'json', 'rpcUrl', 'vary'])('error: %s', (name) => {
    expect(() => check(name)).toThrow(
      new RegExp(
        `^--vary names "${name}", which a sweep cannot vary; it can vary scenario, traders, orders, `,
      ),
    )
  })
  test('error: given as well', () => {
    expect(() => check('longShare', '--long-share=1')).toThrow(
      '--long-share is given and varied as well; leave one out.',
    )
  })
})
