import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { UsageError } from '../core/errors.js'
import { LOCK, lockRun } from './lock.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lock-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const path = () => join(folder, LOCK)
const worksThere = (pid: number) =>
  new UsageError(
    `Process ${pid} works on "${folder}"; wait for it or end it (if it is no load generator, remove "${path()}").`,
  )

test('default: one at a time, and nothing is left', () => {
  const unlock = lockRun(folder)
  expect(readFileSync(path(), 'utf8')).toBe(String(process.pid))
  expect(() => lockRun(folder)).toThrow(worksThere(process.pid))
  unlock()
  expect(readdirSync(folder)).toEqual([])
  lockRun(folder)()
  expect(readdirSync(folder)).toEqual([])
})

test('behavior: another process that is alive keeps it', async () => {
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  const ended = new Promise((resolve) => other.once('close', resolve))
  writeFileSync(path(), String(other.pid))
  expect(() => lockRun(folder)).toThrow(worksThere(other.pid as number))
  expect(readFileSync(path(), 'utf8')).toBe(String(other.pid))
  expect(readdirSync(folder)).toEqual([LOCK])
  other.kill('SIGKILL')
  await ended
  lockRun(folder)()
  expect(existsSync(path())).toBe(false)
})

test.each([
  ['a process that is gone', () => String(spawnSync(process.execPath, ['-e', '']).pid)],
  ['an earlier process of the same id, as in a container', () => String(process.pid)],
  ['nobody', () => ''],
])('behavior: the lock of %s is taken over', (_, owner) => {
  writeFileSync(path(), owner())
  const unlock = lockRun(folder)
  expect(readFileSync(path(), 'utf8')).toBe(String(process.pid))
  expect(readdirSync(folder)).toEqual([LOCK])
  unlock()
})

test('behavior: it ends with the process', () => {
  const script = `import { lockRun } from ${JSON.stringify(new URL('../../dist/run/lock.js', import.meta.url).href)}
lockRun(${JSON.stringify(folder)})
process.exit(130)`
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', script]).status).toBe(130)
  expect(readdirSync(folder)).toEqual([])
})

test('behavior: of many that find the lock of a dead process, one gets it', async () => {
  writeFileSync(path(), String(spawnSync(process.execPath, ['-e', '']).pid))
  const script = `import { lockRun } from ${JSON.stringify(new URL('../../dist/run/lock.js', import.meta.url).href)}
try { lockRun(${JSON.stringify(folder)}); console.log('got it'); await new Promise((r) => process.stdin.once('end', r).resume()) }
catch (error) { console.log(error.name) }`
  const all = Array.from({ length: 6 }, () => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    const said = new Promise<string>((resolve) =>
      child.stdout.once('data', (text) => resolve(String(text).trim())),
    )
    const ended = new Promise((resolve) => child.once('close', resolve))
    return { child, said, ended }
  })
  const said = await Promise.all(all.map((each) => each.said))
  expect(said.filter((text) => text === 'got it').length).toBe(1)
  expect(said.filter((text) => text === 'UsageError').length).toBe(5)
  for (const { child } of all) child.stdin.end()
  await Promise.all(all.map(({ ended }) => ended))
  expect(readdirSync(folder)).toEqual([])
})
