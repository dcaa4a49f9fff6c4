import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openFile } from './open.js'

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'open-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

/** An environment whose programs are the given ones alone. */
function programs(scripts: Record<string, string>): { PATH: string } {
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, name), 0o755)
  }
  return { PATH: folder }
}

test.each([
  ['linux', 'xdg-open', 'a b.html'],
  ['darwin', 'open', 'a b.html'],
  ['win32', 'cmd', '/c|start||a b.html'],
] as const)('on %s calls %s with the path as one word', async (platform, name, words) => {
  const env = programs({ [name]: `IFS='|'; echo "$*" > "${join(folder, 'called')}"` })
  await openFile('a b.html', { platform, env })
  expect(readFileSync(join(folder, 'called'), 'utf8')).toBe(`${words}\n`)
})

test('says when there is no such program', async () => {
  await expect(openFile('a.html', { platform: 'linux', env: programs({}) })).rejects.toMatchObject({
    name: 'LoadgenError',
    exitCode: 1,
    message: '"a.html" could not be opened (xdg-open is not installed); open it in a browser.',
  })
})

test('says when the program fails', async () => {
  const env = programs({ 'xdg-open': 'exit 3' })
  await expect(openFile('a.html', { platform: 'linux', env })).rejects.toThrow(
    '"a.html" could not be opened (xdg-open failed); open it in a browser.',
  )
})
