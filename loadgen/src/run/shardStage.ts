import { join } from 'node:path'
import { deriveKey } from '../accounts/derive.js'
import { UsageError } from '../core/errors.js'
import { type Shard, shareOf } from '../core/shard.js'
import { type Hex, MODES } from '../core/types.js'
import { hasPlan, openPlan } from '../report/planFiles.js'
import { hasSetup, loadSetup, type Setup, saveSetup } from '../report/runFiles.js'
import { shardPlan } from '../scenario/shard.js'
import { accountSeedOf, planStage, type StoredRun } from './planStage.js'
import { keeperSeedOf } from './setup.js'

/**
 * Makes a run of its own out of one shard of another: its part of the plan, and of each mode's set-up. From files alone: the chain
 * of the other run is ready, and its deployment is shared.
 * @throws UsageError when the other run cannot be shared, or has no mode that is set up.
 */
export async function shardStage(options: shardStage.Options): Promise<StoredRun> {
  const { of, shard } = options
  if (!hasPlan(of))
    throw new UsageError(`"${of}" is no folder of a planned run; make one with plan and setup.`)
  const modes = MODES.filter((mode) => hasSetup(join(of, mode)))
  if (modes.length === 0)
    throw new UsageError(`No mode of the run in "${of}" is set up; do it with setup.`)
  const whole = await openPlan(of)
  const part = shardPlan(whole, shard)
  const run = await planStage({ ...options, modes, plan: { ...part, terms: whole.terms } })
  for (const mode of modes)
    await saveSetup(join(run.folder, mode), setupOf(await loadSetup(join(of, mode)), shard))
  return run
}

export declare namespace shardStage {
  type Options = Omit<planStage.Options, 'plan' | 'modes'> & {
    /** Folder of the run that is shared. */
    of: string
    shard: Shard
  }
}

function setupOf({ traders, before, ...setup }: Setup, shard: Shard): Omit<Setup, 'setupVersion'> {
  return {
    ...setup,
    traders: shareOf(traders, shard),
    before: {
      ...before,
      positions: shareOf(before.positions, shard),
      balances: shareOf(before.balances, shard),
    },
  }
}

/**
 * The key that a shard settles with, which its set-up gave gas money; nothing for a run that is no shard. Each has its own, so
 * that generators never use the same nonce, and none of them needs the funder's.
 * @param folder of the run.
 */
export async function keyOfShard(folder: string): Promise<{ privateKey?: Hex }> {
  const { head } = await openPlan(folder)
  if (head.shard === undefined) return {}
  const key = deriveKey(keeperSeedOf(accountSeedOf(head)), head.shard.index)
  return { privateKey: `0x${Buffer.from(key).toString('hex')}` }
}
