import { type Command, Option } from 'commander'
import type { LogLevel } from '../core/log.js'
import { LOG_LEVELS } from '../core/log.js'
import type { PerpAction } from '../core/types.js'
import { RECEIPT_METHODS, type ReceiptMethod } from '../receipts/fetch.js'
import { type Scenario, scenarioNames } from '../scenario/scenario.js'
import { SUBMIT_METHODS, type SubmitMethod } from '../submit/send.js'
import { decimal, fraction, integer, mix, oneOf, range } from './parse.js'
import { applyScenario } from './scenario.js'
import { addSendingOptions, type SendingOptions } from './sending.js'

/** Environment variable with the key that pays on a live node. */
export const KEY_VARIABLE = 'LOADGEN_PRIVATE_KEY'

export type NodeOptions = {
  rpcUrl?: string | undefined
  chainId: number
  privateKey?: string | undefined
  gasPrice: number
}

/** Where the node is and who pays. */
export function addNodeOptions(command: Command): Command {
  return command
    .option('--rpc-url <url>', 'node to work on (default: an embedded node of its own)')
    .option('--chain-id <id>', 'its chain id', integer(1, 2 ** 32), 118)
    .addOption(
      new Option(
        '--private-key <hex>',
        'key of the account that deploys, funds and settles; better left to the environment',
      ).env(KEY_VARIABLE),
    )
    .option('--gas-price <wei>', 'wei a unit of gas', integer(0, 1e12), 1)
}

export type StrictOptions = { strict?: true | undefined; lenient?: true | undefined }

/** Whether the embedded node behaves as the runtime does, conflicts included. `isStrict` says what holds without either flag. */
export function addStrictOptions(command: Command, isStrict: boolean): Command {
  const note = (applies: boolean) => (applies ? ' (default)' : '')
  return command
    .addOption(
      new Option(
        '--strict',
        `embedded node: schedules and aborts transactions as Arcology's runtime does${note(isStrict)}`,
      ).conflicts('lenient'),
    )
    .addOption(
      new Option(
        '--lenient',
        `embedded node: runs all transactions of a block one by one, aborts none${note(!isStrict)}`,
      ),
    )
}

/** What the two flags say together. */
export function readStrict(options: StrictOptions, isStrict: boolean): boolean {
  if (options.strict === true) return true
  return options.lenient === true ? false : isStrict
}

export type MarketOptions = {
  markets: number
  price: bigint
  depth: bigint
  maxPriceMove: number
  threads: number
  chunk: number
}

/** How markets are deployed. */
export function addMarketOptions(command: Command): Command {
  return command
    .option('--markets <n>', 'markets', integer(1, 32), 1)
    .addOption(
      new Option('--price <usd>', 'initial price of the base asset')
        .argParser(decimal(18))
        .default(2000n * 10n ** 18n, '2000'),
    )
    .addOption(
      new Option('--depth <usd>', 'quote that each pool holds, full range')
        .argParser(decimal(18))
        .default(20_000_000n * 10n ** 18n, '20000000'),
    )
    .option('--max-price-move <bps>', 'how far one batch may move a pool', integer(1, 5_000), 500)
    .option('--threads <n>', 'threads of markets that settle in parallel', integer(0, 255), 20)
    .option(
      '--chunk <n>',
      'orders of a market that one transaction fills',
      integer(1, 2 ** 31),
      50_000,
    )
}

export type WorkloadOptions = {
  traders: number
  orders: number
  perBlock?: number | undefined
  seed: string
  mix: Record<PerpAction, number>
  longShare: number
  sizes: { min: bigint; max: bigint }
  collateral: bigint
  replay?: string | undefined
  batchInterval: number
  limit?: number | undefined
  /** What the options do not say. Those that were not given have its values. */
  scenario?: Scenario | undefined
}

/** What is sent. A scenario takes the place of the defaults before the command acts. */
export function addWorkloadOptions(command: Command): Command {
  return command
    .option(
      '--scenario <name|file>',
      `a workload by its name, or a file that ends in .json; options that are given override it. One of ${scenarioNames().join(', ')}`,
    )
    .hook('preAction', (_, acting) => applyScenario(acting))
    .option('--traders <n>', 'accounts', integer(1, 1_000_000), 1_000)
    .option('--orders <n>', 'opens and closes', integer(1, 10_000_000), 5_000)
    .option('--per-block <n>', 'orders of a block (default: half of the traders)', integer(1, 1e6))
    .option('--seed <text>', 'the same seed gives the same workload', '1')
    .addOption(
      new Option('--mix <weights>', 'weights of the actions')
        .argParser(mix)
        .default(
          { open: 60, close: 30, deposit: 6, withdraw: 4 },
          'open=60,close=30,deposit=6,withdraw=4',
        ),
    )
    .option('--long-share <share>', 'share of longs among the opens', fraction(0, 1), 0.5)
    .addOption(
      new Option('--sizes <min..max>', 'base amount of an open')
        .argParser(range(18))
        .default({ min: 10n ** 16n, max: 2n * 10n ** 18n }, '0.01..2'),
    )
    .addOption(
      new Option('--collateral <usd>', 'deposit of each trader')
        .argParser(decimal(6))
        .default(20_000n * 10n ** 6n, '20000'),
    )
    .option('--replay <csv>', 'replays trades in Binance format instead of a seeded mix')
    .option(
      '--batch-interval <ms>',
      'replay: trades of one interval make a block',
      integer(1, 86_400_000),
      1_000,
    )
    .option('--limit <n>', 'replay: only the first so many trades', integer(1, 1e9))
}

export type SendOptions = SendingOptions & {
  submit: SubmitMethod
  batchSize: number
  connections: number
  timeout: number
}

/** How transactions are sent. */
export function addSendOptions(command: Command): Command {
  return addSendingOptions(addTimeoutOption(command))
    .option(
      '--submit <method>',
      `one of ${SUBMIT_METHODS.join(', ')}`,
      oneOf(SUBMIT_METHODS),
      'standard',
    )
    .option('--batch-size <n>', 'transactions a request', integer(1, 20_000), 100)
    .option('--connections <n>', 'requests at a time', integer(1, 256), 8)
}

export type CollectOptions = { receipts?: ReceiptMethod | undefined; timeout: number }

/** How what became of them is read. */
export function addCollectOptions(command: Command): Command {
  return addTimeoutOption(addReceiptsOption(command))
}

function addReceiptsOption(command: Command): Command {
  return command.option(
    '--receipts <method>',
    `how they are read, one of ${RECEIPT_METHODS.join(', ')} (default: dump on the embedded node, else transaction)`,
    oneOf(RECEIPT_METHODS),
  )
}

function addTimeoutOption(command: Command): Command {
  return command.option(
    '--timeout <seconds>',
    'how long a batch may take to be included',
    integer(1, 86_400),
    120,
  )
}

export type ReportOptions = { reports: string; json?: boolean | undefined }

/** Where runs are stored, and how the result is printed. */
export function addReportOptions(command: Command): Command {
  return command
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option('--json', 'print the result as JSON')
}

export type SubmitOptions = SendOptions &
  CollectOptions &
  ReportOptions & { workers?: number | undefined }

/** How it is signed, sent and collected, and where the report goes. */
export function addSubmitOptions(command: Command): Command {
  addSendOptions(command).option(
    '--workers <n>',
    'signing threads (default: one a core)',
    integer(1, 256),
  )
  return addReportOptions(addReceiptsOption(command))
}

export type LogOptions = { logLevel: LogLevel }

export function addLogOption(command: Command): Command {
  return command.option(
    '--log-level <level>',
    `one of ${LOG_LEVELS.join(', ')}`,
    oneOf(LOG_LEVELS),
    'info',
  )
}
