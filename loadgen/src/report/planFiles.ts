import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { FeedTerms, MarketRiskTerms } from '../core/marketRisk.js'
import type { Intent, Plan } from '../core/types.js'
import { writeLines } from './files.js'
import { readList, readValue, writeValue } from './jsonFiles.js'
import { INTENT, PLAN_HEAD } from './planShape.js'
import { bigint, integer, list, object, oneOf, optional } from './shape.js'

/** How the markets of a run are deployed, in every mode the same. */
export type MarketTerms = {
  /** Initial price, quote per base, WAD; quote in wei that a pool holds; what of its risk parameters is not the default. */
  markets: readonly { price: bigint; quoteDepth: bigint; risk?: MarketRiskTerms | undefined }[]
  maxPriceMoveBps: number
  threads: number
  chunk: number
}

/** A plan as a run stores it: its intents are read one by one. */
export type StoredPlan = {
  head: Omit<Plan, 'intents'>
  terms: MarketTerms
  /** Number of intents. */
  count: number
  /** The intents from the first on, each time. @throws UsageError for a file that is damaged. */
  intents(): Iterable<Intent>
}

/** Version of plan.json that this code writes and reads. */
const PLAN_VERSION = 1

type PlanFile = {
  planVersion: typeof PLAN_VERSION
  plan: StoredPlan['head']
  terms: MarketTerms
  intents: number
}

/**
 * Stores a plan in the folder of a run: `plan.json`, and a line an intent in `intents.jsonl`. The same plan gives the same bytes.
 * plan.json comes last: where it is, the plan is whole.
 */
export async function savePlan(
  folder: string,
  plan: Omit<StoredPlan, 'count'>,
): Promise<StoredPlan> {
  const intents = await writeLines(join(folder, INTENTS), plan.intents(), encodeIntent)
  const file: PlanFile = {
    planVersion: PLAN_VERSION,
    plan: plan.head,
    terms: plan.terms,
    intents,
  }
  await writeValue(join(folder, PLAN), file)
  return { ...plan, count: intents }
}

const PLAN = 'plan.json'
const INTENTS = 'intents.jsonl'

export function hasPlan(folder: string): boolean {
  return existsSync(join(folder, PLAN))
}

/** Opens what {@link savePlan} stored. @throws UsageError when it is missing, malformed or of another version. */
export async function openPlan(folder: string): Promise<StoredPlan> {
  const path = join(folder, PLAN)
  const what = 'the plan of a run'
  const { plan, terms, intents } = await readValue<PlanFile>(path, { what, shape: PLAN_FILE })
  return {
    head: plan,
    terms,
    count: intents,
    intents: () =>
      readList<Intent>(join(folder, INTENTS), {
        ...{ what: 'the intents of a plan', shape: INTENT, count: intents, counted: 'plan.json' },
        decode: decodeIntent,
      }),
  }
}

/** The stored plan with its intents in a list. */
export async function loadPlan(folder: string): Promise<Plan> {
  const { head, intents } = await openPlan(folder)
  return { ...head, intents: [...intents()] }
}

/** What encodeLine makes of an intent, three times as fast: there are millions. */
function encodeIntent(intent: Intent): string {
  const { size, limitPrice } = intent
  return JSON.stringify({
    ...intent,
    size: { $n: String(size) },
    limitPrice: { $n: String(limitPrice) },
  })
}

/** What decodeLine makes of an intent. */
function decodeIntent(line: string): unknown {
  const intent = JSON.parse(line)
  intent.size = BigInt(intent.size.$n)
  intent.limitPrice = BigInt(intent.limitPrice.$n)
  return intent
}

const bound = optional(integer)
const amount = optional(bigint)
const RISK_TERMS = object<MarketRiskTerms>({
  initialMarginBps: bound,
  maintenanceMarginBps: bound,
  nettedFeePpm: bound,
  pooledFeePpm: bound,
  protocolShareBps: bound,
  liquidationFeeBps: bound,
  keeperShareBps: bound,
  priceBandBps: bound,
  maxDeviationBps: bound,
  maxFundingBpsPerDay: bound,
  twapSeconds: bound,
  feedMaxAge: bound,
  minOrderSize: amount,
  maxOpenInterest: amount,
  maxSkew: amount,
  feed: optional(object<FeedTerms>({ price: bigint, decimals: integer })),
})

const PLAN_FILE = object<PlanFile>({
  planVersion: oneOf([PLAN_VERSION]),
  plan: PLAN_HEAD,
  terms: object<MarketTerms>({
    markets: list(
      object<MarketTerms['markets'][number]>({
        price: bigint,
        quoteDepth: bigint,
        risk: optional(RISK_TERMS),
      }),
    ),
    maxPriceMoveBps: integer,
    threads: integer,
    chunk: integer,
  }),
  intents: integer,
})
