import { readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join, resolve as toAbsolute } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UsageError } from '../core/errors.js'
import type { MarketRisk } from '../core/marketRisk.js'
import type { PerpAction } from '../core/types.js'
import { findFault, type JsonSchema, resolve } from './jsonSchema.js'
import type { Side } from './sandwich.js'

/** A decimal number in quotes: JSON numbers would round it. */
type Decimal = string
type Range = { min: Decimal; max: Decimal }

/** What all scenarios may say. Whatever is left out has the value of its flag. docs/scenarios.md explains the fields. */
type Common = {
  name: string
  description: string
  seed?: string
  traders?: number
  depth?: Decimal
  maxPriceMoveBps?: number
}

/** How the orders of a part of a plan are drawn. */
type TermsOf = {
  mix?: Partial<Record<PerpAction, number>>
  longShare?: number
  sizes?: Range
  bursts?: { share: number; factor: number }
}

/** Risk parameters of every market, where they are not the defaults. */
type Risk = Partial<Record<RiskBound, number>> & Partial<Record<RiskAmount, Decimal>>
export type RiskAmount = 'minOrderSize' | 'maxOpenInterest' | 'maxSkew'
type RiskBound = Exclude<keyof MarketRisk, RiskAmount>

export type MixScenario = Common &
  TermsOf & {
    kind: 'mix'
    orders?: number
    perBlock?: number
    collateral?: Decimal
    markets?: number
    price?: Decimal
    zipf?: { markets?: number; traders?: number }
    whale?: { everyBlocks: number; sizes: Range }
    leverage?: number
    risk?: Risk
    prices?: {
      blockSeconds: number
      feedDecimals?: number
      pools?: 'arbitraged' | 'left-alone'
      path: { fromBlock: number; blocks: number; to: number }[]
    }
    phases?: (TermsOf & { share: number; blocks?: number })[]
  }

export type SandwichScenario = Common & {
  kind: 'sandwich'
  orders?: number
  perBlock: number
  sizes?: Range
  collateral?: Decimal
  price?: Decimal
  side: Side
  toleranceBps: number
}

export type ReplayScenario = Common & {
  kind: 'replay'
  /** Absolute once the scenario is read from a file. */
  file?: string
  batchIntervalMs?: number
  limit?: number
}

export type SpotScenario = Common & {
  kind: 'spot'
  orders?: number
  perBlock?: number
  longShare?: number
  sizes?: Range
  markets?: number
  price?: Decimal
  toleranceBps: number
}

/** A workload as its file describes it. */
export type Scenario = MixScenario | SandwichScenario | ReplayScenario | SpotScenario

/** Where the scenarios of the repository are. */
const FOLDER = fileURLToPath(new URL('../../scenarios/', import.meta.url))
const SCHEMA_FILE = 'schema.json'

/** Names of the scenarios that come with the tool, sorted. */
export function scenarioNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json') && file !== SCHEMA_FILE)
    .map((file) => basename(file, '.json'))
    .sort()
}

/**
 * Reads a scenario: one of the repository's by its name, or a file of one's own, which ends in .json.
 * @throws UsageError for a name or file that is not there, and for a file that is malformed, with the path of the fault.
 */
export function readScenario(nameOrFile: string): Scenario {
  const isFile = nameOrFile.endsWith('.json')
  if (!isFile && !scenarioNames().includes(nameOrFile))
    throw new UsageError(
      `There is no scenario "${nameOrFile}"; give one of ${scenarioNames().join(', ')}, or a file that ends in .json.`,
    )
  const path = isFile ? toAbsolute(nameOrFile) : join(FOLDER, `${nameOrFile}.json`)
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw new UsageError(`The scenario "${nameOrFile}" cannot be read (${code}).`, { cause })
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new UsageError(`The scenario "${nameOrFile}" is no JSON: ${(cause as Error).message}.`)
  }
  const scenario = parseScenario(value, `The scenario "${nameOrFile}"`)
  if (scenario.kind === 'replay' && scenario.file !== undefined)
    return { ...scenario, file: toAbsolute(dirname(path), scenario.file) }
  return scenario
}

/**
 * Holds a value against the schema.
 * @param what Names it in a message.
 * @throws UsageError for its first fault.
 */
export function parseScenario(value: unknown, what: string): Scenario {
  const fault = findFault(schema(), value)
  if (fault !== undefined) throw new UsageError(`${what}: ${fault}.`)
  return value as Scenario
}

/** Fields of a scenario of some kind. */
export function fieldsOf(kind: Scenario['kind']): string[] {
  const root = schema()
  const kinds = (root.oneOf ?? []).map((alternative) => resolve(root, alternative).properties ?? {})
  return Object.keys(kinds.find((fields) => fields.kind?.const === kind) ?? {})
}

let loaded: JsonSchema | undefined

/** scenarios/schema.json: the one place that says what a scenario may hold. */
function schema(): JsonSchema {
  loaded ??= JSON.parse(readFileSync(join(FOLDER, SCHEMA_FILE), 'utf8')) as JsonSchema
  return loaded
}
