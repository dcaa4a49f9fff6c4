/**
 * Every static check, one after the other: all of them run, then those that failed are named. `--fix` formats instead.
 */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { argv, execPath, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'
import { nativeBinary } from './native.mjs'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const BIOME = [execPath, 'node_modules/@biomejs/biome/bin/biome']
const TSC = [execPath, 'node_modules/typescript/bin/tsc']

const CHECKS = {
  'forge fmt': [nativeBinary('forge'), 'fmt', '--check'],
  biome: [...BIOME, 'check', '--error-on-warnings'],
  'types of loadgen/src': [...TSC, '-b'],
  'types of the tests': [...TSC, '-p', 'tsconfig.test.json'],
  layers: [execPath, 'tools/check-layers.mjs'],
  'traps of the runtime': [execPath, 'tools/check-traps.mjs'],
}
const FIXES = {
  'forge fmt': [nativeBinary('forge'), 'fmt'],
  biome: [...BIOME, 'check', '--write'],
}

const flags = argv.slice(2)
const unknown = flags.find((flag) => flag !== '--fix')
if (unknown !== undefined) {
  stderr.write(`"${unknown}" is no option of tools/lint.mjs; it takes --fix or nothing.\n`)
  exit(2)
}

const failed = []
for (const [name, [program, ...args]] of Object.entries(flags.includes('--fix') ? FIXES : CHECKS)) {
  stdout.write(`== ${name}\n`)
  const { status, error } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' })
  if (error) throw error
  if (status !== 0) failed.push(name)
}
if (failed.length > 0) {
  stderr.write(`Failed: ${failed.join(', ')}.\n`)
  exit(1)
}
