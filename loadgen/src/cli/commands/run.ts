import { type Command, Option } from 'commander'
import { MODES, type Mode } from '../../core/types.js'
import { type ExecuteOptions, execute, resume as resumeRun } from '../execute.js'
import { givenToResume } from '../given.js'
import { addMetricsOption, addWatchOption } from '../live.js'
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
import { addThresholdOption } from '../thresholds.js'

/** `run`: one mode. */
export function addRunCommand(program: Command): void {
  addAll(program.command('run').description('run a workload in one mode and report it'), false)
    .addOption(
      new Option('--mode <mode>', `one of ${MODES.join(', ')}`).argParser(mode).default('netting'),
    )
    .action(async (options: RunOptions & { mode: Mode }, command: Command) => {
      process.exitCode =
        options.resume === undefined
          ? await execute([options.mode], { ...options, strict: readStrict(options, false) })
          : await resumeBy(options, command)
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
    .action(async (options: RunOptions & { modes: Mode[] }, command: Command) => {
      process.exitCode =
        options.resume === undefined
          ? await execute(options.modes, { ...options, strict: readStrict(options, true) })
          : await resumeBy(options, command)
    })
}

type RunOptions = Omit<ExecuteOptions, 'strict'> &
  StrictOptions & { resume?: string | true | undefined }

function resumeBy({ resume, reports }: RunOptions, command: Command): Promise<number> {
  const run = typeof resume === 'string' ? resume : 'latest'
  return resumeRun(run, { ...givenToResume(command), reports })
}

function addAll(command: Command, isStrict: boolean): Command {
  addWorkloadOptions(command)
  addMarketOptions(command)
  addNodeOptions(command)
  addStrictOptions(command, isStrict)
  addSubmitOptions(command)
  command.option(
    '--resume [run]',
    'go on with a run that was cut short (default: the latest); it keeps its own options',
  )
  addThresholdOption(command)
  addMetricsOption(command)
  addWatchOption(command)
  return addLogOption(command)
}
