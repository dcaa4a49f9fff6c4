import { existsSync, readdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Mode, ModeRecord, Plan } from '../core/types.js'
import type { Threshold } from '../metrics/thresholds.js'
import { loadPlan, openPlan } from '../report/planFiles.js'
import { hasRecord, loadRecord } from '../report/records.js'
import { hasSetup } from '../report/runFiles.js'
import type { RunReport } from '../report/runReport.js'
import { setLatest } from '../report/store.js'
import { lockRun } from './lock.js'
import type { Node } from './node.js'
import { accountSeedOf, planStage, type StoredRun } from './planStage.js'
import { reportStage } from './reportStage.js'
import { runMode } from './runMode.js'
import type { MarketSetup } from './setup.js'

/**
 * Runs a plan in each mode, one after the other, and stores what each left behind and the report of all. When it fails, what
 * nobody can go on with is removed.
 * @returns the report and its folder.
 */
export async function runModes(options: runModes.Options): Promise<runModes.ReturnType> {
  const { plan, markets } = options
  const { intents, ...head } = plan
  const run = await planStage({
    ...options,
    plan: { head, terms: markets, intents: () => intents },
  })
  return carryOut(run, options)
}

/** Goes on with a run that was killed, from the files that it left behind. Modes that are complete are not run again. */
export async function resumeModes(
  run: StoredRun,
  options: resumeModes.Options,
): Promise<runModes.ReturnType> {
  const { terms } = await openPlan(run.folder)
  const plan = await loadPlan(run.folder)
  return carryOut(run, { ...options, plan, markets: terms, accountSeed: accountSeedOf(plan) })
}

type CarryOut = Omit<runModes.Options, 'command' | 'onRun' | 'given'>

async function carryOut(run: StoredRun, options: CarryOut): Promise<runModes.ReturnType> {
  const records: ModeRecord[] = []
  const unlock = lockRun(run.folder)
  try {
    for (const mode of options.modes) records.push(await recordOf(mode, run, options))
    return {
      report: await reportStage({
        ...{ reports: options.reports, folder: run.folder, records },
        thresholds: options.thresholds,
      }),
      folder: run.folder,
    }
  } catch (error) {
    discardUnfinished(run.folder, options)
    throw error
  } finally {
    unlock()
  }
}

async function recordOf(mode: Mode, run: StoredRun, options: CarryOut): Promise<ModeRecord> {
  const { plan, reports, isLive } = options
  const folder = join(run.folder, mode)
  if (hasRecord(folder)) return loadRecord(folder, plan)
  // An embedded chain ended with its process; what was begun on it begins again on a new one.
  if (isLive !== true) await rm(folder, { recursive: true, force: true })
  options.onMode(mode)
  const node = await options.openNode(mode)
  try {
    return await runMode(node, {
      ...options,
      mode,
      folder,
      onSigned: async () => {
        if (isLive === true) await setLatest(reports, run.id)
      },
    })
  } finally {
    await options.closeNode(node)
  }
}

/**
 * Removes the folder of a run that nobody can go on with: no mode of it is complete, nor ready on a chain that is still there.
 * Synchronous, for the last moment of a process.
 */
export function discardUnfinished(folder: string, { isLive }: { isLive?: boolean | undefined }) {
  if (!existsSync(folder)) return
  const modes = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name))
  if (!modes.some((mode) => hasRecord(mode) || (isLive === true && hasSetup(mode))))
    rmSync(folder, { recursive: true })
}

export declare namespace runModes {
  type Options = Omit<runMode.Options, 'mode' | 'folder' | 'onSigned'> & {
    plan: Plan
    markets: MarketSetup
    /** One or more. */
    modes: readonly Mode[]
    /** Folder of all runs. */
    reports: string
    /** The command that repeats the run. */
    command: string
    /** Bounds that the report's figures are held against. Default: none. */
    thresholds?: readonly Threshold[] | undefined
    /** The command's options, without secrets: what a resumed run works with. */
    given?: Readonly<Record<string, unknown>> | undefined
    /** True for a node that stays when the run ends: a run that was cut short can be resumed there. */
    isLive?: boolean | undefined
    /** A node for a mode; the embedded one is a new chain each time. */
    openNode: (mode: Mode) => Promise<Node>
    closeNode: (node: Node) => Promise<void>
    onMode: (mode: Mode) => void
    /** Told the run's id and folder as soon as there is one. */
    onRun?: ((run: StoredRun) => void) | undefined
  }
  type ReturnType = { report: RunReport; folder: string }
}

export declare namespace resumeModes {
  type Options = Omit<
    runModes.Options,
    'plan' | 'markets' | 'accountSeed' | 'command' | 'given' | 'onRun'
  >
}
