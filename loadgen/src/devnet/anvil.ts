import { type ChildProcess, spawn } from 'node:child_process'
import { Socket } from 'node:net'
import type { Clock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import { nativeBinary } from '../core/nativeBinary.js'

/** How long Anvil may take until it listens, and to end after SIGTERM before it is killed. */
const START_LIMIT_MS = 30_000
const STOP_GRACE_MS = 5_000

/** A running Anvil that mines nothing by itself. */
export type Anvil = {
  url: string
  pid: number
  /** Resolves when the process has ended: with a NodeError when nobody asked it to. Never rejects. */
  exited: Promise<NodeError | undefined>
  /** SIGTERM, then SIGKILL after a grace; resolves when the process has ended. */
  stop(): Promise<void>
}

/**
 * Starts Anvil with the rules of an Arcology chain as far as it knows them: London's gas market without a base fee, blocks
 * without a gas limit, contracts of up to 256 KiB, transactions of a block in order of arrival. Resolves once it listens.
 *
 * The instruction set is Cancun's, one newer than the runtime's, because the emulated precompiles use transient storage.
 * @throws NodeError when it does not start.
 */
export async function startAnvil(options: startAnvil.Options): Promise<Anvil> {
  const args: (string | number)[] = [
    ...['--host', '127.0.0.1', '--port', 0, '--chain-id', options.chainId],
    ...['--no-mining', '--order', 'fifo', '--hardfork', 'cancun'],
    ...[
      '--block-base-fee-per-gas',
      0,
      '--disable-block-gas-limit',
      '--code-size-limit',
      256 * 1024,
    ],
    ...['--no-request-size-limit', '--accounts', options.accounts ?? 10],
    ...['--balance', options.balanceEther ?? 10_000],
  ]
  if (options.mnemonic !== undefined) args.push('--mnemonic', options.mnemonic)
  const child = spawn(nativeBinary('anvil'), args.map(String), {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

  let stopping = false
  let complaint = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-2_000)
  })
  const exited = new Promise<NodeError | undefined>((resolve) => {
    child.once('error', (cause) =>
      resolve(new NodeError(`Anvil cannot be run: ${cause.message}.`, { cause })),
    )
    child.once('close', (code, signal) => {
      const end = signal === null ? `exit code ${code}` : signal
      const reason = complaint.trim() === '' ? '.' : `: ${complaint.trim()}`
      resolve(stopping ? undefined : new NodeError(`Anvil ended by itself with ${end}${reason}`))
    })
  })
  const guard = child.pid === undefined ? undefined : startGuard(child.pid)
  void exited.then(() => guard?.kill('SIGKILL'))

  async function stop(): Promise<void> {
    stopping = true
    child.kill('SIGTERM')
    const grace = new AbortController()
    const ended = await Promise.race([
      exited.then(() => true),
      options.clock.sleep(STOP_GRACE_MS, { signal: grace.signal }).then(() => false),
    ])
    if (ended) grace.abort()
    else child.kill('SIGKILL')
    await exited
  }

  const listening = new Promise<string>((resolve) => {
    let printed = ''
    child.stdout.setEncoding('utf8').on('data', function read(text: string) {
      printed += text
      const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(printed)?.[1]
      if (port === undefined) return
      // What Anvil prints from now on is drained and thrown away: a full pipe would stop it.
      child.stdout.off('data', read).resume()
      resolve(`http://127.0.0.1:${port}`)
    })
  })
  const limit = new AbortController()
  const outcome = await Promise.race([
    listening,
    exited,
    options.clock.sleep(START_LIMIT_MS, { signal: limit.signal }).then(() => undefined),
  ])
  limit.abort()
  if (typeof outcome === 'string') return { url: outcome, pid: child.pid as number, exited, stop }
  await stop()
  throw outcome ?? new NodeError(`Anvil did not listen within ${START_LIMIT_MS / 1000} seconds.`)
}

/**
 * Kills Anvil when this process ends in whatever way, SIGKILL included: the guard waits for the end of its input, which comes
 * when nobody holds the other end of the pipe any more. Not on Windows, which has no sh.
 */
function startGuard(pid: number): ChildProcess | undefined {
  if (process.platform === 'win32') return undefined
  const guard = spawn('/bin/sh', ['-c', 'read -r _; kill -9 "$0"', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  const { stdin } = guard
  if (stdin instanceof Socket) stdin.unref()
  return guard
}

export declare namespace startAnvil {
  type Options = {
    chainId: number
    clock: Clock
    /** Funded accounts whose keys Anvil holds. Default 10. */
    accounts?: number | undefined
    /** BIP-39 phrase of those accounts. Default: the well-known "test test … junk". */
    mnemonic?: string | undefined
    /** What each of them owns, in ether. Default 10,000. */
    balanceEther?: number | undefined
  }
}
