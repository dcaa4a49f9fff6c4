import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { commandLine } from './commandLine.js'

const KEY = `0x${'ab'.repeat(32)}`
const argv = (...words: string[]) => ['/usr/bin/node', '/somewhere/main.js', ...words]

test('default: the words as they were given', () => {
  expect(commandLine(argv('run', '--mode', 'netting', '--sizes', '0.01..2'))).toBe(
    'npm run loadgen -- run --mode netting --sizes 0.01..2',
  )
  expect(commandLine(argv())).toBe('npm run loadgen --')
})

test.each([
  ['alone', ['run', '--private-key', KEY]],
  ['in one word', ['run', `--private-key=${KEY}`]],
  ['before other options', ['run', '--private-key', KEY, '--seed', '1']],
  ['in one word before other options', ['run', `--private-key=${KEY}`, '--seed', '1']],
  ['twice', ['run', '--private-key', KEY, `--private-key=${KEY}`, '--private-key', KEY]],
])('behavior: a private key never shows, nor its option: %s', (_, words) => {
  const others = words.filter((word) => ['run', '--seed', '1'].includes(word))
  expect(commandLine(argv(...words))).toBe(['npm run loadgen --', ...others].join(' '))
})

test.each([
  ['--rpc-url', 'https://me:pass@node.example/'],
  ['--rpc-url=https://me:pass@node.example/'],
  ['--rpc-url', 'https://node.example/v3/0123456789abcdefpass'],
  ['--rpc-url', 'http://127.0.0.1:1,https://node.example?key=pass'],
])('behavior: the secret of an address never shows: %s', (...words) => {
  const line = commandLine(argv('run', ...words))
  expect(line).not.toContain('pass')
  expect(line).toContain('node.example')
})

test('behavior: a shell reads the same words back', () => {
  const words = [
    ...['--seed', 'two words', "it's", '"quoted"', '$HOME', '`id`', '*', '', 'a\nb', 'ü€'],
    ...['back\\slash', '!', '#no', '~', '--reports=/tmp/a b', '&', ';', '|', '(', '>'],
  ]
  const [, , , , ...read] = execFileSync('sh', [
    '-c',
    `printf '%s\\0' ${commandLine(argv(...words))}`,
  ])
    .toString()
    .split('\0')
  expect(read).toEqual([...words, ''])
})
