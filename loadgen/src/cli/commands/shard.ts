import type { Command } from 'commander'
import type { Shard } from '../../core/shard.js'
import { checkReports, findRun, hasLatest, splitRun } from '../../report/store.js'
import { shardStage } from '../../run/shardStage.js'
import { parseShard } from '../../scenario/shard.js'
import { commandLine } from '../commandLine.js'
import { type ExecuteOptions, recorded, resume } from '../execute.js'
import { addLogOption, addNodeOptions, addSubmitOptions } from '../options.js'

/** `shard`: one of several generators. */
export function addShardCommand(program: Command): void {
  const command = program
    .command('shard')
    .description('carry out one shard of a run that setup has made ready, and report it')
    .argument('<run>', 'the run that is shared: its folder, or <reports>/latest')
    .requiredOption('--shard <i/n>', 'which one, from 0, of how many', parseShard)
    .option('--resume', 'go on with the latest run of --reports, if there is one')
  addNodeOptions(command)
  addSubmitOptions(command)
  addLogOption(command).action(async (run: string, options: ShardOptions) => {
    const { shard, resume: mayResume, ...execute } = options
    const { reports } = execute
    checkReports(reports)
    process.exitCode = await resume(
      mayResume === true && hasLatest(reports) ? 'latest' : await begin(run, shard, execute),
      execute,
    )
  })
}

type ShardOptions = ExecuteOptions & { shard: Shard; resume?: true | undefined }

/** Makes the run of a shard. @returns its id. */
async function begin(run: string, shard: Shard, options: ExecuteOptions): Promise<string> {
  const { reports } = options
  const whole = splitRun(run, reports)
  const { id } = await shardStage({
    ...{ of: await findRun(whole.reports, whole.id), shard, reports },
    ...{ command: commandLine(process.argv), given: recorded(options) },
  })
  return id
}
