import type { Command } from 'commander'
import { UsageError } from '../core/errors.js'
import { PERP_ACTIONS, type PerpAction } from '../core/types.js'
import { fieldsOf, type MixScenario, readScenario, type Scenario } from '../scenario/scenario.js'
import type { MarketOptions, WorkloadOptions } from './options.js'
import { decimal } from './parse.js'

/** Which flag overrides which field of a scenario, and how the field's value becomes the flag's. */
const FLAGS: {
  option: keyof WorkloadOptions | keyof MarketOptions
  field: string
  read: (value: never) => unknown
}[] = [
  { option: 'traders', field: 'traders', read: asIs },
  { option: 'orders', field: 'orders', read: asIs },
  { option: 'perBlock', field: 'perBlock', read: asIs },
  { option: 'seed', field: 'seed', read: asIs },
  { option: 'mix', field: 'mix', read: toMix },
  { option: 'longShare', field: 'longShare', read: asIs },
  { option: 'sizes', field: 'sizes', read: toBounds },
  { option: 'collateral', field: 'collateral', read: decimal(6) },
  { option: 'replay', field: 'file', read: asIs },
  { option: 'batchInterval', field: 'batchIntervalMs', read: asIs },
  { option: 'limit', field: 'limit', read: asIs },
  { option: 'markets', field: 'markets', read: asIs },
  { option: 'price', field: 'price', read: decimal(18) },
  { option: 'depth', field: 'depth', read: decimal(18) },
  { option: 'maxPriceMove', field: 'maxPriceMoveBps', read: asIs },
]

/**
 * Puts the values of the scenario that a command names in the place of its defaults; a flag on the command line stands.
 * To be called when the command line is parsed and before the command acts.
 * @throws UsageError for a bad scenario, and for a flag that says nothing in it.
 */
export function applyScenario(command: Command): void {
  const name: unknown = command.getOptionValue('scenario')
  if (typeof name !== 'string') return
  const scenario = readScenario(name)
  const fields = fieldsOf(scenario.kind)
  for (const { option, field, read } of FLAGS) {
    if (isGiven(command, option)) {
      if (fields.includes(field) && !isOfPhases(scenario, field)) continue
      const flag = command.options.find((known) => known.attributeName() === option)?.long
      const reason = fields.includes(field)
        ? 'its phases name their own'
        : `its kind is ${scenario.kind}`
      throw new UsageError(`${flag} does not apply to the scenario "${scenario.name}": ${reason}.`)
    }
    const value = (scenario as Record<string, unknown>)[field]
    if (value !== undefined)
      command.setOptionValueWithSource(option, read(value as never), 'config')
  }
  command.setOptionValueWithSource('scenario', scenario, 'config')
}

/** Weights by action; those that are not named are 0. */
export function toMix(weights: Partial<Record<PerpAction, number>>): Record<PerpAction, number> {
  const [open = 0, close = 0, deposit = 0, withdraw = 0] = PERP_ACTIONS.map(
    (action) => weights[action],
  )
  return { open, close, deposit, withdraw }
}

/** Bounds of a base amount, WAD. */
export function toBounds(range: { min: string; max: string }): { min: bigint; max: bigint } {
  return { min: decimal(18)(range.min), max: decimal(18)(range.max) }
}

function isGiven(command: Command, option: string): boolean {
  const source = command.getOptionValueSource(option)
  return source === 'cli' || source === 'env'
}

function isOfPhases(scenario: Scenario, field: string): boolean {
  const { phases = [] } = scenario as Partial<MixScenario>
  return phases.some((phase) => Object.hasOwn(phase, field))
}

function asIs(value: unknown): unknown {
  return value
}
