import { type Command, Option } from 'commander'
import { MODES, type Mode } from '../../core/types.js'
import { type ExecuteOptions, execute } from '../execute.js'
import {
  addLogOption,
  addMarketOptions,
  addNodeOptions,
  addStrictOptions,
  addSubmitOptions,
  addWorkloadOptions,
  readStrict,
  type StrictOptions,
} from '../options.js'
import { mode, modes } from '../parse.js'

/** `run`: one mode. */
export function addRunCommand(program: Command): void {
  addAll(program.command('run').description('run a workload in one mode and report it'), false)
    .addOption(
      new Option('--mode <mode>', `one of ${MODES.join(', ')}`).argParser(mode).default('netting'),
    )
    .action(async (options: RunOptions & { mode: Mode }) => {
      const strict = readStrict(options, false)
      process.exitCode = await execute([options.mode], { ...options, strict })
    })
}

/** `compare`: several modes on the same workload. */
export function addCompareCommand(program: Command): void {
  addAll(
    program
      .command('compare')
      .description('run the same workload in several modes and compare them'),
    true,
  )
    .option('--modes <list>', `some of ${MODES.join(', ')}`, modes, ['netting', 'direct'] as Mode[])
    .action(async (options: RunOptions & { modes: Mode[] }) => {
      const strict = readStrict(options, true)
      process.exitCode = await execute(options.modes, { ...options, strict })
    })
}

type RunOptions = Omit<ExecuteOptions, 'strict'> & StrictOptions

function addAll(command: Command, isStrict: boolean): Command {
  addWorkloadOptions(command)
  addMarketOptions(command)
  addNodeOptions(command)
  addStrictOptions(command, isStrict)
  addSubmitOptions(command)
  return addLogOption(command)
}
