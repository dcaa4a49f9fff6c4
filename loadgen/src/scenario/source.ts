import type { Intent, Plan } from '../core/types.js'

/** All of a plan but its intents. */
export type PlanHead = Omit<Plan, 'intents'>

/** A plan whose intents are made one by one: a million of them never stand in memory together. */
export type PlanSource = {
  head: PlanHead
  /**
   * The intents from the first on, the same each time. Checks that need the whole plan throw at its end, after most intents
   * have been given out: what is written meanwhile is not to be used then.
   * @throws UsageError when the options cannot be met together.
   */
  intents(): Iterable<Intent>
}

/** The plan with its intents in a list. */
export function toPlan({ head, intents }: PlanSource): Plan {
  return { ...head, intents: [...intents()] }
}
