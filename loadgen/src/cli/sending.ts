import { type Command, InvalidArgumentError, Option } from 'commander'
import { UsageError } from '../core/errors.js'
import { EXECUTORS, type ExecutorName } from '../core/sending.js'
import { isHidden } from '../core/url.js'
import { requirePerBlock, type submitStage } from '../run/submitStage.js'
import type { Executor } from '../submit/executors.js'
import { fraction, integer, oneOf } from './parse.js'

/** When transactions are sent, and to which further nodes. Absent: not given. */
export type SendingOptions = {
  executor?: ExecutorName | undefined
  rate?: number | undefined
  ramp?: { from: number; to: number } | undefined
  rampStep?: number | undefined
  rampHold?: number | undefined
  rampMaxLatency?: number | undefined
  rampMaxErrors?: number | undefined
  rampMinAccepted?: number | undefined
  maxDelay?: number | undefined
  warmup?: number | undefined
  endpoint?: readonly string[] | undefined
  sendWorkers?: number | undefined
}

const RATE = fraction(0.01, 1e7)
const MAX_SECONDS = 86_400

/** Options of when transactions are sent, and from where to where. */
export function addSendingOptions(command: Command): Command {
  return command
    .option(
      '--executor <name>',
      `when transactions are sent, one of ${EXECUTORS.join(', ')} (default: per-block; for a file closed)`,
      oneOf(EXECUTORS),
    )
    .option('--rate <n>', 'executor rate: transactions a second, of all shards together', RATE)
    .option('--ramp <from..to>', 'executor ramp: its first and its last rate', rates)
    .option('--ramp-step <n>', 'by how much its rate rises (default: a tenth of the range)', RATE)
    .option(
      '--ramp-hold <seconds>',
      'how long each rate is held (default: 5)',
      fraction(0.1, MAX_SECONDS),
    )
    .option(
      '--ramp-max-latency <ms>',
      'it breaks when one in a hundred waits longer for its answer (default: 1000)',
      integer(1, 3_600_000),
    )
    .option(
      '--ramp-max-errors <share>',
      'it breaks when more fail or are dropped (default: 0.01)',
      fraction(0, 1),
    )
    .option(
      '--ramp-min-accepted <share>',
      'it breaks when less of the rate is accepted (default: 0.95)',
      fraction(0, 1),
    )
    .option(
      '--max-delay <ms>',
      'executors rate and ramp: a send time that has passed by more is dropped (default: none is)',
      integer(1, 3_600_000),
    )
    .option(
      '--warmup <seconds>',
      'what is meant to be sent in this time counts in no latency and no rate (default: 0)',
      fraction(0, MAX_SECONDS),
    )
    .addOption(
      new Option(
        '--endpoint <url>',
        'a further node to send to beside --rpc-url; repeatable',
      ).argParser((text, urls: readonly string[] | undefined) => [...(urls ?? []), address(text)]),
    )
    .option('--send-workers <n>', 'threads that send; 0: the main one (default: 1)', integer(0, 64))
}

/**
 * What the options say together.
 * @param on.isEmbedded the node makes its blocks only when the run tells it.
 * @param on.executor what is taken when none is named.
 * @throws UsageError for options that contradict each other or the node, and for one that is missing.
 */
export function readSending(
  options: SendingOptions,
  on: { isEmbedded: boolean; executor?: ExecutorName | undefined },
): NonNullable<submitStage.Options['sending']> {
  const { executor: name = on.executor ?? 'per-block', endpoint: endpoints = [] } = options
  for (const [option, executors] of Object.entries(BELONGS_TO))
    if (options[option as keyof SendingOptions] !== undefined && !executors.includes(name))
      throw new UsageError(`${flagOf(option)} needs --executor ${executors.join(' or ')}.`)
  if (on.isEmbedded) requirePerBlock(name)
  if (on.isEmbedded && endpoints.length > 0)
    throw new UsageError(
      '--endpoint needs --rpc-url: an embedded node is the only one of its chain.',
    )
  if (endpoints.some(isHidden))
    throw new UsageError(
      'The address of a further node had a secret in it, which is not stored; give it with --endpoint.',
    )
  return {
    ...{ executor: readExecutor(name, options), endpoints },
    warmupMs: (options.warmup ?? 0) * 1_000,
    ...(options.maxDelay !== undefined && { maxDelayMs: options.maxDelay }),
    ...(options.sendWorkers !== undefined && { workers: options.sendWorkers }),
  }
}

/**
 * Refuses a workload that is used up before anything can be measured.
 * @param workload.transactions of all shards together.
 */
export function requireEnough(
  { executor, warmupMs = 0 }: NonNullable<submitStage.Options['sending']>,
  { transactions }: { transactions: number },
): void {
  if (executor?.type === 'rate' && transactions <= (executor.perSecond * warmupMs) / 1_000)
    throw new UsageError(
      `The warm-up takes all ${transactions} transactions: ${executor.perSecond} a second for ${warmupMs / 1_000} s; give more with --orders, or a shorter --warmup.`,
    )
  if (executor?.type !== 'ramp') return
  const first = Math.ceil((executor.from * executor.holdMs) / 1_000)
  if (transactions < first)
    throw new UsageError(
      `The first step of the ramp takes ${first} transactions, and the workload has ${transactions}; give more with --orders, or a shorter --ramp-hold.`,
    )
}

/** Options of some executors only. */
const BELONGS_TO = {
  rate: ['rate'],
  ...{ ramp: ['ramp'], rampStep: ['ramp'], rampHold: ['ramp'], rampMaxLatency: ['ramp'] },
  ...{ rampMaxErrors: ['ramp'], rampMinAccepted: ['ramp'], maxDelay: ['rate', 'ramp'] },
} satisfies Partial<Record<keyof SendingOptions, ExecutorName[]>> as Record<string, ExecutorName[]>

function readExecutor(name: ExecutorName, options: SendingOptions): Executor {
  const { rate, ramp } = options
  if (name === 'rate') {
    if (rate === undefined)
      throw new UsageError('--executor rate needs --rate, the transactions a second.')
    return { type: 'rate', perSecond: rate }
  }
  if (name !== 'ramp') return { type: name }
  if (ramp === undefined)
    throw new UsageError(
      '--executor ramp needs --ramp, its first and its last rate, like --ramp 100..2000.',
    )
  return {
    ...{ type: 'ramp', ...ramp, holdMs: (options.rampHold ?? 5) * 1_000 },
    // A ramp of one rate has one step, whatever its height.
    step: options.rampStep ?? ((ramp.to - ramp.from) / 10 || 1),
    limits: {
      acceptedShare: options.rampMinAccepted,
      p99Ms: options.rampMaxLatency,
      errorShare: options.rampMaxErrors,
    },
  }
}

/** Two rates, the first no larger: `100..2000`. */
function rates(text: string): { from: number; to: number } {
  const [low, high, more] = text.split('..')
  if (low !== undefined && high !== undefined && more === undefined) {
    const [from, to] = [RATE(low), RATE(high)]
    if (from <= to) return { from, to }
  }
  throw new InvalidArgumentError('It is two rates, the smaller first, like 100..2000.')
}

function address(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text
  throw new InvalidArgumentError('It is an address of http or https.')
}

function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}
