import { join } from 'node:path'
import type { Command } from 'commander'
import { accountSeedOf } from '../../run/planStage.js'
import { setUpStage, signPoolOf } from '../../run/signStage.js'
import { integer } from '../parse.js'
import { addStageOptions, chooseRun, onLiveNode, type StageOptions } from '../stage.js'

/** `setup`: what one process does before several share a run. */
export function addSetupCommand(program: Command): void {
  const command = program
    .command('setup')
    .description(
      'deploy the contracts of a planned run in one mode and fund all its traders, for generators that share it (shard)',
    )
    .requiredOption('--shards <n>', 'generators that will share the run', integer(1, 10_000))
    .option('--workers <n>', 'signing threads (default: one a core)', integer(1, 256))
    .option('--reports <folder>', 'where runs are stored', 'reports')
  addStageOptions(command, { defaultMode: 'netting' }).action(async (options: SetupOptions) => {
    const { folder: run, plan } = await chooseRun(options)
    const { mode = 'netting', workers, shards } = options
    const folder = join(run, mode)
    const accountSeed = accountSeedOf(plan.head)
    await onLiveNode(run, { ...options, connections: CONNECTIONS }, async (node, { progress }) => {
      const pool = signPoolOf(node, { plan, accountSeed, workers })
      try {
        await setUpStage(node, {
          ...{ folder, plan, mode, markets: plan.terms, accountSeed, pool, shards },
          onProgress: progress.on,
        })
      } finally {
        await pool.close()
      }
    })
    process.stdout.write(`${run}\n`)
  })
}

type SetupOptions = Omit<StageOptions, 'connections'> & {
  shards: number
  workers?: number | undefined
}

/** Requests at a time. */
const CONNECTIONS = 8
