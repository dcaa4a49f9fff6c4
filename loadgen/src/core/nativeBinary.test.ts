import { spawnSync } from 'node:child_process'
import { isAbsolute } from 'node:path'
import { expect, test } from 'vitest'
import { FOUNDRY_TOOLS, nativeBinary } from './nativeBinary.js'

test.each(FOUNDRY_TOOLS)('default: %s is a native binary that runs', (tool) => {
  const path = nativeBinary(tool)
  expect(isAbsolute(path)).toBe(true)
  expect(path).not.toMatch(/\.m?js$/)
  const run = spawnSync(path, ['--version'], { encoding: 'utf8' })
  expect(run.stdout).toContain(`${tool} Version: 1.7.1`)
  expect(run.status).toBe(0)
})

test('error: a platform without a package', () => {
  expect(() =>
    nativeBinary('anvil', { platform: 'plan9', arch: 'x64' }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[LoadgenError: The package @foundry-rs/anvil-plan9-amd64 is not installed: run \`npm ci\` on a platform that Foundry supports.]`,
  )
})
