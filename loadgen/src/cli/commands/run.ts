import { type Command, Option } from 'commander'
import { MODES, type Mode } from '../../core/types.js'
import { type ExecuteOptions, execute } from '../execute.js'
import {
  addLogOption,
  addMarketOptions,
  addNodeOptions,
  addSubmitOptions,
  addWorkloadOptions,
} from '../options.js'
import { mode, modes } from '../parse.js'

/** `run`: one mode. */
export function addRunCommand(program: Command): void {
  addAll(program.command('run').description('run a workload in one mode and report it'))
    .addOption(
      new Option('--mode <mode>', `one of ${MODES.join(', ')}`).argParser(mode).default('netting'),
    )
    .action(async (options: ExecuteOptions & { mode: Mode }) => {
      process.exitCode = await execute([options.mode], options)
    })
}

/** `compare`: several modes on the same workload. */
export function addCompareCommand(program: Command): void {
  addAll(
    program
      .command('compare')
      .description('run the same workload in several modes and compare them'),
  )
    .option('--modes <list>', `some of ${MODES.join(', ')}`, modes, ['netting', 'direct'] as Mode[])
    .action(async (options: ExecuteOptions & { modes: Mode[] }) => {
      process.exitCode = await execute(options.modes, options)
    })
}

function addAll(command: Command): Command {
  addWorkloadOptions(command)
  addMarketOptions(command)
  addNodeOptions(command)
  addSubmitOptions(command)
  return addLogOption(command)
}
