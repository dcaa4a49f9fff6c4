import type { Command } from 'commander'
import { UsageError } from '../core/errors.js'

/** The options that the command line or the environment gives; not the defaults. */
export function givenOptions(command: Command): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(command.opts()).filter(([name]) =>
      ['cli', 'env'].includes(command.getOptionValueSource(name) ?? ''),
    ),
  )
}

/**
 * What the command line gives beside --resume: how the rest is sent, not what.
 * @throws UsageError for an option that the run has settled.
 */
export function givenToResume(command: Command): Record<string, unknown> {
  const { resume: _, ...given } = givenOptions(command)
  for (const name of Object.keys(given)) {
    if (CHANGEABLE.has(name)) continue
    const flag = command.options.find((known) => known.attributeName() === name)?.long
    throw new UsageError(`${flag} cannot be given with --resume: the run has it already.`)
  }
  return given
}

const CHANGEABLE = new Set([
  ...['rpcUrl', 'privateKey', 'connections', 'submit', 'batchSize', 'workers', 'receipts'],
  ...['timeout', 'reports', 'json', 'logLevel', 'metricsPort', 'threshold'],
  ...['watch', 'open'],
  ...['endpoint', 'sendWorkers'],
])
