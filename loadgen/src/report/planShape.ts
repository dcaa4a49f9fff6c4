import type { Shard } from '../core/shard.js'
import { ACTIONS, type Intent, type Plan, PRODUCTS } from '../core/types.js'
import { bigint, boolean, integer, list, object, oneOf, optional, text } from './shape.js'

export const PLAN_HEAD = object<Omit<Plan, 'intents'>>({
  scenario: text,
  seed: text,
  product: optional(oneOf(PRODUCTS)),
  traders: integer,
  markets: integer,
  batches: integer,
  collateral: bigint,
  attackers: optional(list(integer)),
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
