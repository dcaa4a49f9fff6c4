import type { Mode, ModeRecord } from '../core/types.js'
import { createRunReport, type Environment, type RunReport } from '../report/runReport.js'
import { createRunId, saveModeRecord, saveReport } from '../report/store.js'
import { readCommit, readEnvironment } from './environment.js'
import { modelGas } from './gasModel.js'
import type { Node } from './node.js'
import { runMode } from './runMode.js'

/**
 * Runs a plan in each mode, one after the other, and stores what each left behind and the report of all.
 * @returns the report and its folder.
 */
export async function runModes(options: runModes.Options): Promise<runModes.ReturnType> {
  const { modes, plan, reports, onMode } = options
  const startedAt = new Date()
  const id = createRunId({ scenario: plan.scenario, seed: plan.seed, startedAt })
  const records: ModeRecord[] = []
  let environment: Environment | undefined
  for (const mode of modes) {
    onMode(mode)
    const node = await options.openNode(mode)
    try {
      environment ??= readEnvironment(node)
      const ran = await runMode(node, { ...options, mode })
      const record = node.isEmulated ? { ...ran, gasModel: await modelGas(node.rpc, ran) } : ran
      await saveModeRecord(reports, id, record)
      records.push(record)
    } finally {
      await options.closeNode(node)
    }
  }
  const report = createRunReport({
    run: {
      id,
      seed: plan.seed,
      commit: await readCommit(),
      command: options.command,
      startedAt: startedAt.toISOString(),
      durationMs: Date.now() - startedAt.getTime(),
    },
    environment: environment as Environment,
    records,
  })
  return { report, folder: await saveReport(reports, report) }
}

export declare namespace runModes {
  type Options = Omit<runMode.Options, 'mode'> & {
    /** One or more. */
    modes: readonly Mode[]
    /** Folder of all runs. */
    reports: string
    /** The command that repeats the run. */
    command: string
    /** A node for a mode; the embedded one is a new chain each time. */
    openNode: (mode: Mode) => Promise<Node>
    closeNode: (node: Node) => Promise<void>
    onMode: (mode: Mode) => void
  }
  type ReturnType = { report: RunReport; folder: string }
}
