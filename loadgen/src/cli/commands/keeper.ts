import { join } from 'node:path'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../../core/errors.js'
import { createLog } from '../../core/log.js'
import type { Hex, Mode } from '../../core/types.js'
import { isHidden } from '../../core/url.js'
import { hasSetup, loadSetup } from '../../report/runFiles.js'
import { findRun } from '../../report/store.js'
import { readHouse } from '../house.js'
import { keepSettling, type Settlement } from '../keepSettling.js'
import { addMetricsOption, type Live, type LiveOptions, startLive } from '../live.js'
import { createNodes } from '../nodes.js'
import { addLogOption, addNodeOptions, type LogOptions, type NodeOptions } from '../options.js'
import { integer, oneOf } from '../parse.js'

/** Modes that leave orders in queues. */
const QUEUEING = ['netting', 'keeper'] as const satisfies readonly Mode[]

/** `keeper`: settles what is left in the queues of a clearing house. */
export function addKeeperCommand(program: Command): void {
  const command = program
    .command('keeper')
    .description('settle what is left in the queues of a clearing house, until Ctrl-C')
    .addOption(
      new Option('--house <address>', 'the clearing house')
        .argParser(address)
        .conflicts(['run', 'mode']),
    )
    .option('--run <id>', 'the clearing house of a stored run, or of the latest')
    .option(
      '--mode <mode>',
      `of that run, one of ${QUEUEING.join(', ')} (default: the one that it has)`,
      oneOf(QUEUEING),
    )
    .option('--once', 'end when nothing is left')
    .option(
      '--poll <ms>',
      'time between looks at queues that are empty',
      integer(1, 3_600_000),
      1_000,
    )
    .option(
      '--timeout <seconds>',
      'how long a settle() may take to be included',
      integer(1, 86_400),
      120,
    )
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option('--json', 'print each settlement as a line of JSON')
  addNodeOptions(command)
  addMetricsOption(command)
  addLogOption(command).action(keep)
}

type KeeperOptions = NodeOptions &
  LiveOptions &
  LogOptions & {
    house?: Hex | undefined
    run?: string | undefined
    mode?: (typeof QUEUEING)[number] | undefined
    once?: true | undefined
    poll: number
    timeout: number
    reports: string
    json?: true | undefined
  }

async function keep(options: KeeperOptions): Promise<void> {
  const log = createLog({ level: options.logLevel })
  const stored = options.house === undefined ? await houseOfRun(options) : undefined
  const rpcUrl = options.rpcUrl ?? stored?.url
  if (rpcUrl === undefined)
    throw new UsageError('keeper needs a node; give its address with --rpc-url.')
  const nodes = createNodes({ ...options, rpcUrl, connections: 2, strict: false, log })
  const stopping = new AbortController()
  const stop = () => stopping.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop)
  const node = await nodes.open()
  const totals = { calls: 0, settled: 0, rejected: 0, gasUsed: 0n }
  let live: Live | undefined
  try {
    live = await startLive(options, log)
    live.startMode('keeper')
    const { onSample } = live
    const house = await readHouse(node.rpc, stored?.house ?? (options.house as Hex))
    log.info({ house: house.house, markets: house.markets.length }, 'keeping')
    await keepSettling(node, {
      house,
      once: options.once === true,
      pollMs: options.poll,
      timeoutMs: options.timeout * 1_000,
      signal: stopping.signal,
      onFailure: ({ message }) => log.warn(message),
      onSettlement(settlement) {
        totals.calls++
        totals.settled += settlement.settled
        totals.rejected += settlement.rejected
        totals.gasUsed += settlement.gasUsed
        onSample?.({ kind: 'settled', total: totals.settled })
        process.stdout.write(`${options.json === true ? toJson(settlement) : toLine(settlement)}\n`)
      },
    })
    log.info({ ...totals, gasUsed: String(totals.gasUsed) }, 'kept')
  } finally {
    await Promise.all([nodes.close(node), live?.close()])
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.off(signal, stop)
  }
}

function toLine({ block, settled, rejected, gasUsed, left, hash }: Settlement): string {
  return `block ${block}: ${settled} settled, ${rejected} rejected, ${left} left, ${gasUsed} gas (${hash})`
}

function toJson({ gasUsed, left, ...numbers }: Settlement): string {
  return JSON.stringify({ ...numbers, gasUsed: String(gasUsed), left: Number(left) })
}

/** The clearing house of a stored run, and the address of its node where no secret was left out of it. */
async function houseOfRun({
  reports,
  run,
  mode,
}: KeeperOptions): Promise<{ house: Hex; url: string | undefined }> {
  if (run === undefined)
    throw new UsageError(
      'keeper needs a clearing house; give its address with --house, or a run with --run.',
    )
  const folder = await findRun(reports, run)
  const ready = QUEUEING.filter((name) => hasSetup(join(folder, name)))
  const chosen = mode === undefined ? ready : ready.filter((name) => name === mode)
  const [only, another] = chosen
  if (only === undefined)
    throw new UsageError(
      `The run in "${folder}" has no ${mode ?? QUEUEING.join(' or ')} that is set up.`,
    )
  if (another !== undefined)
    throw new UsageError(
      `The run in "${folder}" has ${chosen.join(' and ')}; give one with --mode.`,
    )
  const { deployment, url } = await loadSetup(join(folder, only))
  return { house: deployment.house, url: isHidden(url) ? undefined : url }
}

function address(text: string): Hex {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text.toLowerCase() as Hex
  throw new InvalidArgumentError('It is an address: 0x and 40 hexadecimal digits.')
}
