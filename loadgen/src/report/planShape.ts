import type { PriceCourse, PriceMove } from '../core/priceCourse.js'
import type { Shard } from '../core/shard.js'
import { ACTIONS, type Intent, type Plan, PRODUCTS } from '../core/types.js'
import { bigint, boolean, integer, list, number, object, oneOf, optional, text } from './shape.js'

const PRICE_COURSE = object<PriceCourse>({
  blockSeconds: integer,
  path: list(object<PriceMove>({ fromBatch: integer, batches: integer, to: number })),
  arbitrage: boolean,
})

export const PLAN_HEAD = object<Omit<Plan, 'intents'>>({
  scenario: text,
  seed: text,
  product: optional(oneOf(PRODUCTS)),
  traders: integer,
  markets: integer,
  batches: integer,
  collateral: bigint,
  attackers: optional(list(integer)),
  priceCourse: optional(PRICE_COURSE),
  ordered: optional(boolean),
  shard: optional(object<Shard>({ index: integer, count: integer })),
})

export const INTENT = object<Intent>({
  index: integer,
  batch: integer,
  trader: integer,
  action: oneOf(ACTIONS),
  market: integer,
  isLong: boolean,
  size: bigint,
  limitPrice: bigint,
})
