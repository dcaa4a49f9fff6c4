import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { createLog } from './log.js'
import { compiledModule } from './workers.js'

const LOG = compiledModule(new URL('./log.js', import.meta.url)).href

/** Runs a line of code with `log` at hand and returns what it wrote. */
function run(options: string, code: string) {
  const script = `import { createLog } from '${LOG}'; const log = createLog(${options}); ${code}`
  return spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })
}

test('default: JSON lines on stderr, nothing on stdout', () => {
  const { stdout, stderr } = run('', "log.info({ sent: 3 }, 'submitted'); log.debug('hidden')")
  expect(stdout).toBe('')
  const lines = stderr.trimEnd().split('\n')
  expect(lines).toHaveLength(1)
  expect(JSON.parse(lines[0] as string)).toMatchObject({ level: 30, sent: 3, msg: 'submitted' })
})

test('args: pretty', () => {
  const { stdout, stderr } = run('{ pretty: true }', "log.warn({ lost: 1 }, 'late')")
  expect(stdout).toBe('')
  expect(stderr).toContain('late')
  expect(stderr).toContain('lost')
  expect(stderr.startsWith('{')).toBe(false)
})

test('args: level', () => {
  expect(run("{ level: 'error' }", "log.warn('hidden')").stderr).toBe('')
  expect(run("{ level: 'debug' }", "log.debug('seen')").stderr).toContain('seen')
})

test('behavior: what was logged just before the process exits is written', () => {
  expect(run('', "log.error('last words'); process.exit(1)").stderr).toContain('last words')
})

test('error: unknown level', () => {
  expect(() => createLog({ level: 'loud' })).toThrowErrorMatchingInlineSnapshot(
    `[UsageError: "loud" is no log level; the levels are trace, debug, info, warn, error, silent.]`,
  )
})
