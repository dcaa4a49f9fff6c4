import { Command, CommanderError } from 'commander'
import { EXIT, LoadgenError } from '../core/errors.js'
import { createLog } from '../core/log.js'
import { addAnalyzeCommand } from './commands/analyze.js'
import { addCollectCommand } from './commands/collect.js'
import { addDeployCommand } from './commands/deploy.js'
import { addDevnetCommand } from './commands/devnet.js'
import { addDiffCommand } from './commands/diff.js'
import { addKeeperCommand } from './commands/keeper.js'
import { addMergeCommand } from './commands/merge.js'
import { addPlanCommand } from './commands/plan.js'
import { addReportCommand } from './commands/report.js'
import { addCompareCommand, addRunCommand } from './commands/run.js'
import { addSetupCommand } from './commands/setup.js'
import { addShardCommand } from './commands/shard.js'
import { addSignCommand } from './commands/sign.js'
import { addSubmitCommand } from './commands/submit.js'
import { addSweepCommand } from './commands/sweep.js'
import { addVerifyCommand } from './commands/verify.js'

const program = new Command('loadgen')
  .description('Load generator for netted perpetuals on Arcology')
  .showSuggestionAfterError(true)
  .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, '')) })
  .addHelpText(
    'after',
    '\nExit codes: 0 done and verified, 1 a fault or a failed verification, 2 bad input, 3 a threshold missed, 4 the node failed.',
  )
  .exitOverride()

addDevnetCommand(program)
addDeployCommand(program)
addRunCommand(program)
addCompareCommand(program)
addSweepCommand(program)
addPlanCommand(program)
addSignCommand(program)
addSubmitCommand(program)
addCollectCommand(program)
addKeeperCommand(program)
addReportCommand(program)
addDiffCommand(program)
addVerifyCommand(program)
addSetupCommand(program)
addShardCommand(program)
addMergeCommand(program)
addAnalyzeCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = report(error)
}

/** Says what went wrong in one sentence and returns the exit code. */
function report(error: unknown): number {
  // commander has printed its sentence, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
  if (error instanceof LoadgenError) {
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  createLog().error({ err: error }, 'an unexpected fault of the load generator')
  return EXIT.fault
}
