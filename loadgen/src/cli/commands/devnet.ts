import type { Command } from 'commander'
import { EMULATION, SYSTEM_ADDRESS } from '../../chain/abi.generated.js'
import { createLog } from '../../core/log.js'
import { startDevnet } from '../../devnet/devnet.js'
import {
  addLogOption,
  addStrictOptions,
  type LogOptions,
  readStrict,
  type StrictOptions,
} from '../options.js'
import { integer } from '../parse.js'

/** `devnet`: serves the embedded Arcology node until it is told to stop. */
export function addDevnetCommand(program: Command): void {
  const command = program
    .command('devnet')
    .description('serve the embedded Arcology node until Ctrl-C')
    .option('--port <port>', 'port on loopback; 0 takes any free one', integer(0, 65_535), 8545)
    .option(
      '--block-time <ms>',
      'time between blocks; 0 makes one as soon as something waits',
      integer(0, 2 ** 31 - 1),
      1_000,
    )
    .option('--block-size <n>', 'most transactions of a block', integer(1, 1_000_000), 50_000)
    .option('--no-empty-blocks', 'make no block when nothing waits')
    .option(
      '--state <file>',
      'go on with the chain in this file, if it is there, and write each block to it; for short chains, as all is written each time',
    )
  addStrictOptions(command, false)
  addLogOption(command).action(async (options: DevnetOptions) => {
    const starting = startDevnet({
      emulation: EMULATION,
      systemAddress: SYSTEM_ADDRESS,
      log: createLog({ level: options.logLevel }),
      port: options.port,
      blockTimeMs: options.blockTime,
      blockSize: options.blockSize,
      emptyBlocks: options.emptyBlocks,
      statePath: options.state,
      strict: readStrict(options, false),
    })
    // Asked to stop before it serves, it stops as soon as it does; why it does not start is told below.
    const stop = () => void starting.then((devnet) => devnet.stop()).catch(() => {})
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, stop)
    const devnet = await starting
    process.stdout.write(`${devnet.url}\n`)
    const failure = await devnet.exited
    if (failure !== undefined) throw failure
  })
}

type DevnetOptions = LogOptions &
  StrictOptions & {
    port: number
    blockTime: number
    blockSize: number
    emptyBlocks: boolean
    state?: string | undefined
  }
