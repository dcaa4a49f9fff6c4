import type { Command } from 'commander'
import { checkReports, setLatest } from '../../report/store.js'
import { planStage } from '../../run/planStage.js'
import { commandLine } from '../commandLine.js'
import {
  addMarketOptions,
  addWorkloadOptions,
  type MarketOptions,
  type WorkloadOptions,
} from '../options.js'
import { openWorkload } from '../workload.js'

/** `plan`: the first stage of a run. */
export function addPlanCommand(program: Command): void {
  const command = program
    .command('plan')
    .description('write the plan of a new run, and print its id: the same seed, the same bytes')
  addWorkloadOptions(command)
  addMarketOptions(command)
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .action(async (options: PlanOptions) => {
      const { reports } = options
      const { source, markets } = await openWorkload(options)
      checkReports(reports)
      const { id } = await planStage({
        ...{ reports, modes: [], command: commandLine(process.argv) },
        plan: { ...source, terms: markets },
      })
      await setLatest(reports, id)
      process.stdout.write(`${id}\n`)
    })
}

type PlanOptions = WorkloadOptions & MarketOptions & { reports: string }
