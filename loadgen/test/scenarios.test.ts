import { writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadgen, PAID, temporaryFolder } from './support/cli.js'
import { testRefusals } from './support/refusal.js'
import { readReport } from './support/runs.js'

const folder = temporaryFolder()
const reports = join(folder, 'reports')

test('a file of one’s own, an option overriding it', async () => {
  const path = join(folder, 'own.json')
  const own = { name: 'own', description: 'mine', kind: 'mix', traders: 30, orders: 500 }
  await writeFile(path, JSON.stringify({ ...own, mix: { open: 1 }, whale: WHALE }))
  const args = ['run', '--scenario', path, '--orders', '60', '--reports', reports]
  const { code, complaint } = await loadgen(args)
  expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
  const { run, workload, modes } = await readReport(reports)
  expect(run.id).toMatch(/^own-1-/)
  expect(workload).toMatchObject({ scenario: 'own', traders: 30, orders: 60 })
  expect(modes.netting?.orders).toMatchObject({ settled: 60, lost: 0 })
})
const WHALE = { everyBlocks: 1, sizes: { min: '5', max: '6' } }

/** Nobody listens at its port: a command that asked the node for anything would say so instead. */
const NODE = ['--rpc-url', 'http://127.0.0.1:1']
const risky = join(folder, 'risky.json')
writeFileSync(
  risky,
  JSON.stringify({
    ...{ name: 'risky', description: 'mine', kind: 'mix', traders: 30, orders: 60 },
    risk: { maintenanceMarginBps: 200, liquidationFeeBps: 201 },
  }),
)

testRefusals(join(folder, 'none'), [
  ...['run', 'compare', 'plan'].map((command) => ({
    args: [
      ...[command, '--scenario', risky, '--reports', join(folder, 'none')],
      ...(command === 'plan' ? [] : NODE),
    ],
    says: 'The scenario "risky": risk.liquidationFeeBps must be from 0 to 200 (at most maintenanceMarginBps); it is 201.',
    env: PAID.env,
  })),
  {
    args: ['run', '--scenario', 'balancd', '--reports', join(folder, 'none')],
    says: /^There is no scenario "balancd"; give one of balanced, .*\.$/,
  },
  {
    args: [
      'compare',
      '--scenario',
      'sandwich',
      '--markets',
      '2',
      '--reports',
      join(folder, 'none'),
    ],
    says: '--markets does not apply to the scenario "sandwich": its kind is sandwich.',
  },
])
