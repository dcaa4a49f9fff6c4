import type { Mode, ModeRecord, Plan } from '../core/types.js'
import { collectStage } from './collectStage.js'
import { createMarket, type Market } from './market.js'
import type { Node } from './node.js'
import { signStage } from './signStage.js'
import { openSubmission, type Submission } from './submission.js'
import { submitStage } from './submitStage.js'

/**
 * Carries out a plan in one mode, stage by stage, each with its files in the mode's folder; stages that are complete there are
 * not repeated. What is measured begins with the first signed transaction that is sent; everything before is set-up.
 */
export async function runMode(node: Node, options: runMode.Options): Promise<ModeRecord> {
  const { folder, plan: whole, onTornLine, onSample } = options
  const { intents, ...head } = whole
  const plan = { head, count: intents.length, intents: () => intents }
  await signStage(node, { ...options, plan })
  await options.onSigned?.()
  const submission = await openSubmission(node, { folder, plan, onTornLine, onSample })
  try {
    const market = marketOf(node, submission, options)
    await submitStage(node, submission, { ...options, market })
    return await collectStage(node, submission, { ...options, market })
  } finally {
    await submission.close()
  }
}

/** What goes on beside a plan whose prices have a course. */
function marketOf(
  node: Node,
  { setup }: Submission,
  { plan, mode, markets }: runMode.Options,
): Market | undefined {
  const { priceCourse: course, traders } = plan
  return course && createMarket(node, { mode, course, traders, setup, ...markets })
}

export declare namespace runMode {
  type Options = Omit<signStage.Options, 'plan'> &
    Omit<submitStage.Options, 'market'> &
    Omit<collectStage.Options, 'plan' | 'market'> & {
      plan: Plan
      mode: Mode
      /** Called when everything is signed and nothing has been sent. */
      onSigned?: (() => Promise<void>) | undefined
      /** Told when the last line of the journal was cut off by a kill, with its bytes. */
      onTornLine?: ((bytes: number) => void) | undefined
    }
}
