import { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import { withoutSecretsIn } from '../core/url.js'
import type { SweepReport } from '../report/sweep.js'
import type { Point, Variable } from './grid.js'

/** An option as a command line gives it: its name in camel case, or nothing for what is no option, and its words. */
export type Given = { name: string; words: readonly string[] }

/** Options that are no part of a sweep: each call of it has its own. */
export const OF_CALL: ReadonlySet<string> = new Set([
  ...['resume', 'reports', 'json', 'logLevel', 'privateKey', 'metricsPort'],
])
/** Options that a sweep cannot vary: they are neither of the workload nor of how it is sent. */
const FIXED: ReadonlySet<string> = new Set([
  ...OF_CALL,
  ...['rpcUrl', 'chainId', 'gasPrice', 'modes', 'vary', 'threshold', 'timeout', 'endpoint', 'ramp'],
])

/** Puts the words of a command line together by the options of the command. */
export function readGiven(words: readonly string[], command: Command): Given[] {
  const given: Given[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const [flag] = word.split('=')
    const option = command.options.find(({ long, short }) => flag === long || flag === short)
    const value = option?.required === true && !word.includes('=') ? words.slice(i + 1, i + 2) : []
    given.push({ name: option?.attributeName() ?? '', words: [word, ...value] })
    i += value.length
  }
  return given
}

/** The words of options, but for addresses' secrets: as they may be stored. */
export function toStoredWords(given: readonly Given[]): string[] {
  return wordsOf(given).map(withoutSecretsIn)
}

/** The words of options. */
export function wordsOf(given: readonly Given[]): string[] {
  return given.flatMap(({ words }) => words)
}

/** What says what a sweep is: all but what is of one call alone. */
export function ownOf(given: readonly Given[]): Given[] {
  return given.filter(({ name }) => !OF_CALL.has(name))
}

/** @throws UsageError for options that are not those of a stored sweep. None at all are. */
export function checkSame(stored: SweepReport, given: readonly Given[], command: Command): void {
  const { id, words } = stored.sweep
  const comparable = (options: readonly Given[]) =>
    JSON.stringify(wordsOf(ownOf(options).filter(({ name }) => name !== 'rpcUrl')))
  const own = comparable(given)
  const before = readGiven(words, command)
  if (own !== '[]' && own !== comparable(before))
    throw new UsageError(
      `The sweep ${id} has other options (${words.join(' ')}); leave them out, or start another sweep.`,
    )
  const names = (options: readonly Given[]) => options.some(({ name }) => name === 'rpcUrl')
  if (names(given) && !names(before))
    throw new UsageError(`The sweep ${id} has embedded nodes; --rpc-url cannot be given with it.`)
}

/**
 * Reads words as the command of a program would.
 * @param describe gives a command its options.
 * @throws CommanderError, after its sentence is printed, or UsageError for words that it refuses.
 */
export async function parseWords<Options>(
  words: readonly string[],
  { parent, describe }: { parent: Command; describe: (command: Command) => Command },
): Promise<Options> {
  const command = describe(new Command(parent.name()).copyInheritedSettings(parent))
  let parsed: Options | undefined
  command.action((options: Options) => {
    parsed = options
  })
  await command.parseAsync([...words], { from: 'user' })
  return parsed as Options
}

/** The words that give the variables of a point their values. */
export function pointWords(point: Point, command: Command): string[] {
  return Object.entries(point).flatMap(([name, value]) => [flagOf(name, command), value])
}

/**
 * Holds variables against the options of a command.
 * @throws UsageError for a name that is no option, an option that cannot vary, and one that is given a value as well.
 */
export function checkVariables(
  variables: readonly Variable[],
  { command, given }: { command: Command; given: readonly Given[] },
): void {
  const names = command.options
    .filter((option) => option.required && !FIXED.has(option.attributeName()))
    .map((option) => option.attributeName())
  for (const { name } of variables) {
    if (!names.includes(name))
      throw new UsageError(
        `--vary names "${name}", which a sweep cannot vary; it can vary ${names.join(', ')}.`,
      )
    if (given.some((option) => option.name === name))
      throw new UsageError(`${flagOf(name, command)} is given and varied as well; leave one out.`)
  }
}

function flagOf(name: string, command: Command): string {
  const option = command.options.find((known) => known.attributeName() === name)
  return option?.long ?? `--${name}`
}
