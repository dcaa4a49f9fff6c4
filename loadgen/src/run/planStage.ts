import { rmSync } from 'node:fs'
import { NO_SPOT_KEEPER } from '../chain/encode.js'
import { UsageError } from '../core/errors.js'
import type { Mode, Plan } from '../core/types.js'
import { type StoredPlan, savePlan } from '../report/planFiles.js'
import { saveRunFile } from '../report/runFiles.js'
import { createRun } from '../report/store.js'
import { readCommit } from './environment.js'

/** Seed of the accounts' keys of a plan: the same in every mode. */
export function accountSeedOf({ scenario, seed }: Pick<Plan, 'scenario' | 'seed'>): string {
  return `${scenario}:${seed}`
}

/** A run that has a folder. */
export type StoredRun = { id: string; folder: string }

/**
 * Makes the folder of a run, and writes its plan and how it was asked for. The same plan gives the same plan.json and
 * intents.jsonl. Nothing is left of a plan that cannot be.
 * @throws UsageError when the plan's options cannot be met together, or it has no such mode.
 */
export async function planStage(options: planStage.Options): Promise<StoredRun> {
  const { plan } = options
  if (plan.head.product === 'spot' && options.modes.includes('keeper'))
    throw new UsageError(NO_SPOT_KEEPER)
  const startedAt = new Date()
  const { scenario, seed } = plan.head
  const run = createRun(options.reports, { scenario, seed, startedAt })
  options.onRun?.(run)
  try {
    await savePlan(run.folder, plan)
    await saveRunFile(run.folder, {
      id: run.id,
      commit: await readCommit(),
      command: options.command,
      startedAt: startedAt.toISOString(),
      modes: options.modes,
      options: options.given ?? {},
    })
  } catch (error) {
    rmSync(run.folder, { recursive: true })
    throw error
  }
  return run
}

export declare namespace planStage {
  type Options = {
    /** Folder of all runs. */
    reports: string
    plan: Omit<StoredPlan, 'count'>
    /** The command that repeats the run. */
    command: string
    /** Modes that the command carries out; none when each stage has its own. */
    modes: readonly Mode[]
    /** The command's options, without secrets: what a resumed run works with. */
    given?: Readonly<Record<string, unknown>> | undefined
    /** Told as soon as the folder is there. */
    onRun?: ((run: StoredRun) => void) | undefined
  }
}
