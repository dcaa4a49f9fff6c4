import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, vi } from 'vitest'

/** The compiled command line; vitest compiles it before the tests. */
const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))

/** Key of Anvil's first well-known account, which is rich on every devnet. */
export const FUNDED_KEY = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'
/** A key whose account owns nothing. */
export const POOR_KEY = `0x${'1'.repeat(64)}` as const
export const KEY_VARIABLE = 'LOADGEN_PRIVATE_KEY'
/** For commands on a live node. */
export const PAID = { env: { [KEY_VARIABLE]: FUNDED_KEY } }

/** Generous: the machine may be busy with other things. */
const SAYS_LIMIT_MS = 60_000
const GONE_LIMIT_MS = 30_000

export type Output = {
  /** null when a signal ended it. */
  code: number | null
  stdout: string
  stderr: string
  /** What stderr tells the user: all but the log's everyday lines (JSON below the level "error"). */
  complaint: string
}

export type RunningCli = {
  /** Resolves once stdout or stderr holds the text; rejects when the process ends without it. */
  says(text: string): Promise<void>
  /** What it has written to stdout so far. */
  stdout(): string
  /** The same of stderr. */
  stderr(): string
  /** SIGINT, to the process alone or, as Ctrl-C on a terminal does, to all that it started as well. */
  interrupt(target: 'process' | 'terminal'): void
  /** SIGKILL: it can do nothing about it. */
  kill(): void
  /** Resolves when it has ended; rejects when something that it started, Anvil say, outlives it. */
  ended: Promise<Output>
}

/** Process groups that may have members. Each command leads one, so that what it starts can be counted after its end. */
const groups = new Set<number>()

afterAll(() => {
  for (const group of groups) if (hasMembers(group)) process.kill(-group, 'SIGKILL')
})

/** Starts the command line as a process of its own. `env` is all it gets of the tool's variables. */
export function startCli(
  args: readonly string[],
  options: { env?: Readonly<Record<string, string>> } = {},
): RunningCli {
  const { [KEY_VARIABLE]: _, ...inherited } = process.env
  const child = spawn(process.execPath, [MAIN, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...inherited, ...options.env },
  })
  const group = child.pid as number
  groups.add(group)
  const text = { stdout: '', stderr: '' }
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (part: string) => {
      text[stream] += part
    })
  const isOver = () => child.exitCode !== null || child.signalCode !== null
  return {
    stdout: () => text.stdout,
    stderr: () => text.stderr,
    interrupt: (target) => {
      process.kill(target === 'terminal' ? -group : group, 'SIGINT')
    },
    kill: () => {
      process.kill(group, 'SIGKILL')
    },
    async says(wanted) {
      const isThere = () => `${text.stdout}${text.stderr}`.includes(wanted)
      await vi.waitUntil(() => isThere() || isOver(), { timeout: SAYS_LIMIT_MS, interval: 2 })
      if (!isThere()) throw new Error(`It ended without "${wanted}": ${text.stdout}${text.stderr}`)
    },
    ended: endOf(child).then(async (code) => {
      await vi.waitUntil(() => !hasMembers(group), { timeout: GONE_LIMIT_MS, interval: 10 })
      groups.delete(group)
      return { code, ...text, complaint: complaintOf(text.stderr) }
    }),
  }
}

/** Runs the command line to its end. */
export function loadgen(...args: Parameters<typeof startCli>): Promise<Output> {
  return startCli(...args).ended
}

/** Starts `devnet` on a free port and waits until it serves. */
export async function serveDevnet(...args: string[]): Promise<{ url: string; cli: RunningCli }> {
  const cli = startCli(['devnet', '--port', '0', '--log-level', 'silent', ...args])
  await cli.says('http://127.0.0.1:')
  const url = cli.stdout().trim()
  if (!URL.canParse(url)) throw new Error(`devnet printed no address but "${url}".`)
  return { url, cli }
}

/** A folder that is removed when the tests of the file are over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'loadgen-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

function endOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
}

function hasMembers(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

function complaintOf(stderr: string): string {
  const ERROR = 50
  const isEveryday = (line: string) => {
    const level = /^\{"level":(\d+),/.exec(line)?.[1]
    return level !== undefined && Number(level) < ERROR
  }
  return stderr
    .split('\n')
    .filter((line) => !isEveryday(line))
    .join('\n')
    .trimEnd()
}
