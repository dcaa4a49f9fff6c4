import { mkdtempSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  loadgen,
  type Output,
  PAID,
  type RunningCli,
  serveDevnet,
  startCli,
  temporaryFolder,
} from './support/cli.js'
import { latestFolder, readAll, readRecord, readReport } from './support/runs.js'

const folder = temporaryFolder()
/** Twelve blocks of five orders, and some transfers. */
const WORKLOAD = ['--traders', '10', '--orders', '60', '--seed', 'stages']
const COUNT = 67

let url: string
let devnet: RunningCli
beforeAll(async () => {
  ;({ url, cli: devnet } = await serveDevnet('--block-time', '100'))
})
afterAll(async () => {
  devnet.interrupt('process')
  await devnet.ended
})

/** A folder of reports, and the command line that works on it. */
function workspace() {
  const reports = mkdtempSync(join(folder, 'reports-'))
  const run = (...args: string[]) => loadgen([...args, '--reports', reports], PAID)
  async function ok(...args: string[]): Promise<Output> {
    const output = await run(...args)
    expect({ args, code: output.code, complaint: output.complaint }).toEqual({
      ...{ args, code: 0, complaint: '' },
    })
    return output
  }
  const refused = async (says: RegExp, ...args: string[]) => {
    const { code, stdout, complaint } = await run(...args)
    expect({ args, code, stdout, complaint }).toEqual({
      ...{ args, code: 2, stdout: '', complaint: expect.stringMatching(says) },
    })
  }
  return { reports, ok, refused }
}

/** The folder of the only run, whether it is the latest already or not. */
async function onlyRun(reports: string): Promise<string> {
  const entries = await readdir(reports, { withFileTypes: true })
  const [run, other] = entries.filter((entry) => entry.isDirectory())
  if (run === undefined || other !== undefined) throw new Error(`${reports} has not one run.`)
  return join(reports, run.name)
}

describe('stage by stage', () => {
  const { reports, ok, refused } = workspace()
  const node = ['--rpc-url', '']
  beforeAll(() => {
    node[1] = url
  })

  test('plan: the same seed gives the same bytes', async () => {
    await refused(/holds no run yet/, 'sign', ...node)
    const ids = [
      (await ok('plan', ...WORKLOAD)).stdout.trim(),
      (await ok('plan', ...WORKLOAD)).stdout.trim(),
    ] as const
    expect(ids[0]).not.toBe(ids[1])
    for (const name of ['plan.json', 'intents.jsonl'])
      expect(await readFile(join(reports, ids[0], name), 'utf8')).toBe(
        await readFile(join(reports, ids[1], name), 'utf8'),
      )
    expect(await latestFolder(reports)).toBe(join(reports, ids[1]))
    await refused(/no record of a mode yet/, 'report')
    await refused(/No mode of run \S+ is signed yet/, 'submit')
    await refused(/is carried out stage by stage/, 'run', '--resume')
  })

  test('sign: once, in the format of Arcology, and one mode at a time', async () => {
    await refused(/needs a node that stays/, 'sign')
    expect((await ok('sign', ...node)).stdout).toMatch(/^67 transactions in .*transactions\.txt\n$/)
    const mode = join(await latestFolder(reports), 'netting')
    const text = await readFile(join(mode, 'transactions.txt'), 'utf8')
    expect(text).toMatch(/^(0x[0-9a-f]+,\n)+$/)
    expect(text.split('\n').length - 1).toBe(COUNT)
    await refused(/is signed already; submit it/, 'sign', ...node)
    await refused(
      /netting of run \S+ is signed and not submitted/,
      'sign',
      '--mode',
      'direct',
      ...node,
    )
    await ok('sign', '--resume', ...node)
    expect(await readFile(join(mode, 'transactions.txt'), 'utf8')).toBe(text)
    await refused(/is not submitted yet/, 'collect')
  })

  test('submit: all of it, once', async () => {
    const { stdout } = await ok('submit', '--json')
    expect(JSON.parse(stdout)).toEqual({
      ...{ sent: COUNT, accepted: COUNT, refused: 0, unanswered: 0, unsent: 0, included: COUNT },
      refusedBy: {},
    })
    await refused(/was submitted before, at least in part; go on with --resume/, 'submit')
    const journal = join(await latestFolder(reports), 'netting', 'journal.jsonl')
    const before = await readFile(journal, 'utf8')
    expect((await ok('submit', '--resume', '--json')).stdout).toBe(stdout)
    expect(await readFile(journal, 'utf8')).toBe(before)
  })

  test('collect, verify and report: every order settled, on the stored chain and on the node', async () => {
    await ok('collect')
    const mode = join(await latestFolder(reports), 'netting')
    expect((await readdir(mode)).sort()).toEqual([
      ...['blocks.jsonl', 'events.jsonl', 'journal.jsonl', 'receipts.jsonl', 'record.json'],
      ...['settlements.jsonl', 'setup.json', 'signed.jsonl', 'submitted.jsonl', 'transactions.txt'],
    ])
    for (const args of [[], ['--rpc-url', url]])
      expect((await ok('verify', ...args)).stdout).not.toContain('FAIL')
    expect((await ok('report')).stdout).toContain('Verified: all ')
    const { modes, run, environment } = await readReport(reports)
    expect(modes.netting?.orders).toMatchObject({ signed: 60, settled: 60, lost: 0 })
    expect(run.command).toContain('loadgen -- plan ')
    expect(environment).toMatchObject({ chainId: 118, emulated: true })
  })

  test('a second mode of the same plan, compared with the first', async () => {
    await ok('sign', '--mode', 'direct', ...node)
    await ok('submit')
    await ok('collect')
    const report = JSON.parse((await ok('report', '--recompute', '--json')).stdout)
    expect(Object.keys(report.modes)).toEqual(['direct', 'netting'])
    expect(report.verification.ok).toBe(true)
    const [netting, direct] = await Promise.all(
      ['netting', 'direct'].map((mode) => readRecord(reports, mode)),
    )
    expect(direct?.plan).toEqual(netting?.plan)
  })
})

describe('submit --file', () => {
  test('sends what was signed elsewhere, in parts and again, and says what became of it', async () => {
    const { reports, ok, refused } = workspace()
    await ok('plan', ...WORKLOAD, '--seed', 'foreign')
    await ok('sign', '--rpc-url', url)
    const file = join(await latestFolder(reports), 'netting', 'transactions.txt')
    const submit = async (...args: string[]) => {
      const { stdout } = await ok('submit', '--file', file, '--rpc-url', url, '--json', ...args)
      return JSON.parse(stdout)
    }
    expect(await submit('--to', '40')).toMatchObject({ sent: 40, accepted: 40, included: 40 })
    const rest = COUNT - 40
    expect(await submit('--from', '40')).toMatchObject({
      sent: rest,
      accepted: rest,
      included: rest,
    })
    expect(await submit()).toMatchObject({ accepted: COUNT, refused: 0, included: COUNT })
    await writeFile(join(folder, 'broken.txt'), '0xabc\n')
    await refused(
      /Line 1 of .*broken\.txt has no comma at its end/,
      ...['submit', '--file', join(folder, 'broken.txt'), '--rpc-url', url],
    )
    await refused(/--from and --to need --file/, 'submit', '--from', '3')
  })
})

describe('a run that is killed', () => {
  /** Ten blocks. */
  const LONG = ['--traders', '100', '--orders', '500', '--seed', 'killed']

  /** Kills a run with SIGKILL as soon as its journal says this so often. */
  async function killAt(reports: string, kind: string, times: number): Promise<string> {
    const args = ['run', ...LONG, '--rpc-url', url, '--reports', reports]
    const cli = startCli(args, PAID)
    const journal = async () => {
      return readFile(join(await onlyRun(reports), 'netting', 'journal.jsonl'), 'utf8')
    }
    await expect
      .poll(async () => (await journal().catch(() => '')).split(`"kind":"${kind}"`).length - 1, {
        ...{ timeout: 60_000, interval: 1 },
      })
      .toBeGreaterThanOrEqual(times)
    cli.kill()
    expect((await cli.ended).code).toBe(null)
    const text = await journal()
    expect(text).not.toContain('"submitted"')
    return text
  }

  test.each([
    ['as something is sent', 'sending', 4],
    ['when something was answered', 'answered', 3],
    ['before anything is sent', 'gate', 1],
  ])('%s: it goes on, sends nothing twice, loses nothing', async (_, kind, times) => {
    const { reports, ok } = workspace()
    const left = await killAt(reports, kind, times)
    await ok('run', '--resume')
    const { modes, verification } = await readReport(reports)
    expect(verification.ok).toBe(true)
    expect(modes.netting?.orders).toMatchObject({ signed: 500, settled: 500, lost: 0, failed: 0 })
    expect((await ok('verify', '--rpc-url', url)).stdout).not.toContain('FAIL')

    const record = await readRecord(reports, 'netting')
    expect(new Set(record.receipts.map(({ hash }) => hash)).size).toBe(record.signed.length)
    // The journal goes on where it was; what was answered then was not sent again.
    const journal = await readFile(
      join(await latestFolder(reports), 'netting', 'journal.jsonl'),
      'utf8',
    )
    expect(journal.startsWith(left.slice(0, left.lastIndexOf('\n') + 1))).toBe(true)
    const positions = journal
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
      .filter((note) => note.kind === 'answered')
      .flatMap(({ ranges }) => ranges as [number, number][])
      .flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
    expect(positions.sort((a, b) => a - b)).toEqual(record.signed.map((_, i) => i))
    // Latency counts from when the first of the two processes meant to send it.
    const [first] = [...left.matchAll(/"batch":0,"atMs":([\d.]+)/g)]
    expect(record.submitted[0]?.plannedMs).toBe(Number(first?.[1]))

    const before = await readAll(reports)
    await ok('run', '--resume')
    expect(
      new Map([...(await readAll(reports))].filter(([path]) => !path.includes('report.'))),
    ).toEqual(new Map([...before].filter(([path]) => !path.includes('report.'))))
  })

  test('while it signs: nothing is left in the way of the next', async () => {
    const { reports, ok } = workspace()
    const cli = startCli(['run', ...LONG, '--rpc-url', url, '--reports', reports], PAID)
    await cli.says('"msg":"sign"')
    cli.kill()
    await cli.ended
    const run = await onlyRun(reports)
    await ok('run', '--resume', basename(run))
    expect((await readReport(reports)).verification.ok).toBe(true)
    expect(await readFile(join(reports, 'README.md'), 'utf8')).toContain(`[${basename(run)}](`)
    const names = await readdir(join(run, 'netting'))
    expect(names.filter((name) => /draft|part/.test(name))).toEqual([])
  })

  test('a workload cannot be given to a run that has one, nor another node of which only the name is known', async () => {
    const { reports, refused, ok } = workspace()
    await ok('run', ...LONG.slice(0, 2), '--orders', '10', '--mix', 'open=1', '--mode', 'direct')
    await refused(
      /^--orders cannot be given with --resume: the run has it already\.$/,
      'run',
      '--resume',
      '--orders',
      '3',
    )
    await refused(/^There is no run "nothing" in /, 'compare', '--resume', 'nothing')
    const before = await readAll(reports)
    await ok('run', '--resume')
    expect([...(await readAll(reports)).keys()]).toEqual([...before.keys()])
  })
})

test('secrets in the address of a node are written nowhere', async () => {
  const { reports, ok } = workspace()
  const secret = url.replace('http://', 'http://me:s3cret@').concat('/?key=s3cret')
  await ok(
    'run',
    '--mode',
    'direct',
    ...WORKLOAD.slice(0, 2),
    '--orders',
    '10',
    '--mix',
    'open=1',
    '--rpc-url',
    secret,
  )
  const files = await readAll(reports)
  expect(files.size).toBeGreaterThan(0)
  for (const [path, text] of files) expect(text.includes('s3cret'), path).toBe(false)
  const report = await readReport(reports)
  expect(report.run.command).toContain(
    `--rpc-url '${url.replace('http://', 'http://***@')}?key=***'`,
  )
})
