import { type Command, Option } from 'commander'
import { UsageError } from '../../core/errors.js'
import { createLog } from '../../core/log.js'
import { MODES, type Mode } from '../../core/types.js'
import { isHidden } from '../../core/url.js'
import { formatJson } from '../../report/json.js'
import { checkReports, createRun } from '../../report/store.js'
import { nameOf, type SweepReport } from '../../report/sweep.js'
import { loadSweep } from '../../report/sweepFiles.js'
import { renderSweepTerminal } from '../../report/sweepTables.js'
import { readCommit } from '../../run/environment.js'
import { commandLine } from '../commandLine.js'
import { type ExecuteOptions, runOnce } from '../execute.js'
import { createGrid, type Point, parseVary, type Variable } from '../grid.js'
import { createExpectation } from '../gridExpectation.js'
import { type GridPoint, runGrid } from '../gridRun.js'
import {
  checkSame,
  checkVariables,
  type Given,
  OF_CALL,
  ownOf,
  parseWords,
  pointWords,
  readGiven,
  toStoredWords,
  wordsOf,
} from '../gridWords.js'
import { addMetricsOption } from '../live.js'
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
import { modes } from '../parse.js'
import {
  addThresholdOption,
  exitCodeOf,
  renderThresholds,
  requireFigures,
  type ThresholdOptions,
} from '../thresholds.js'
import { openWorkload } from '../workload.js'

/** `sweep`: a run at every point of a grid. */
export function addSweepCommand(program: Command): void {
  const command = program
    .command('sweep')
    .description('run a workload at every point of a grid of options, and report the curves')
  describe(command).action(async (options: SweepOptions) => {
    process.exitCode = await sweep(command, options)
  })
}

type SweepOptions = Omit<ExecuteOptions, 'strict'> &
  StrictOptions &
  ThresholdOptions & { vary: Variable[]; modes?: Mode[] | undefined; resume?: string | undefined }

function describe(command: Command): Command {
  command
    .addOption(
      new Option(
        '--vary <option=values>',
        'an option that varies: a list a,b,c, a range a..b, a range with a number of points a..b:n, or with a factor a..b*k; repeatable, every combination is a point',
      )
        .argParser((text, variables: readonly Variable[]) => [...variables, parseVary(text)])
        .default([], 'none'),
    )
    .option('--resume <sweep>', 'go on with a sweep: points that are done are not run again')
    .option(
      '--modes <list>',
      `some of ${MODES.join(', ')} (default: netting,direct; with --replay netting)`,
      modes,
    )
  addWorkloadOptions(command)
  addMarketOptions(command)
  addNodeOptions(command)
  addStrictOptions(command, true)
  addSubmitOptions(command)
  addThresholdOption(command)
  addMetricsOption(command)
  return addLogOption(command).addHelpText('after', HELP)
}

const HELP = `
With --replay the defaults are --modes netting and --lenient, so that each batch of trades is cleared by itself: on the runtime,
which --strict emulates, an order that is alone in its block is cleared with the next block's (docs/sweeps.md).
`

/** @returns the exit code. */
async function sweep(command: Command, { resume, reports, json }: SweepOptions): Promise<number> {
  const given = readGiven(process.argv.slice(3), command)
  const stored = resume === undefined ? undefined : await loadSweep(reports, resume)
  if (stored !== undefined) checkSame(stored, given, command)
  const own = stored === undefined ? ownOf(given) : readGiven(stored.sweep.words, command)
  // A resumed sweep may know another way to its node.
  const call = given.filter(
    ({ name }) => OF_CALL.has(name) || (stored !== undefined && name === 'rpcUrl'),
  )
  const read = (...more: string[]) =>
    parseWords<SweepOptions>([...wordsOf(own), ...wordsOf(call), ...more], {
      parent: command,
      describe,
    })

  const whole = await read()
  const chosen = whole.modes ?? defaultModes(whole)
  const strict = readStrict(whole, whole.replay === undefined)
  checkOptions(whole, { command, own, chosen })
  const expectationOf = createExpectation()
  const grid: GridPoint[] = []
  for (const values of createGrid(whole.vary)) {
    const point = pointWords(values, command)
    const options = { ...(await read(...point)), strict }
    // Bad options of a later point are told before the first one has taken its time.
    const expected = await at(values, async () => {
      if (options.replay === undefined) await openWorkload(options)
      return expectationOf(options)
    })
    const repeat = pointCommand(own, [
      '--modes',
      chosen.join(),
      strict ? '--strict' : '--lenient',
      ...point,
    ])
    grid.push({
      ...{ values, expected },
      run: (hooks) => at(values, () => runOnce(chosen, options, { ...hooks, command: repeat })),
    })
  }

  const head = stored ?? {
    sweep: await startSweep(whole, own),
    ...{ modes: chosen, variables: whole.vary, size: grid.length },
  }
  const report = await runGrid(grid, {
    ...{ head, reports, done: stored?.points ?? [], thresholds: whole.threshold },
    log: createLog({ level: whole.logLevel }),
  })
  process.stdout.write(json === true ? formatJson(report) : renderSweep(report))
  const thresholds = report.points.flatMap((point) => point.thresholds)
  return exitCodeOf({ isVerified: report.verification.ok, thresholds })
}

/** Says at which point the input is bad. */
async function at<T>(values: Point, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof UsageError)) throw cause
    throw new UsageError(`At ${nameOf({ values })}: ${cause.message}`, { cause })
  }
}

/** The command that repeats a point by itself. */
function pointCommand(own: readonly Given[], more: readonly string[]): string {
  const ofSweep = ['vary', 'modes', 'strict', 'lenient']
  const words = wordsOf(own.filter(({ name }) => !ofSweep.includes(name)))
  return commandLine(['', '', 'compare', ...words, ...more])
}

/** On trades of a file the question is how much of them nets, which `direct` cannot answer. */
function defaultModes({ replay }: SweepOptions): Mode[] {
  return replay === undefined ? ['netting', 'direct'] : ['netting']
}

function checkOptions(
  whole: SweepOptions,
  { command, own, chosen }: { command: Command; own: readonly Given[]; chosen: readonly Mode[] },
): void {
  if (whole.vary.length === 0)
    throw new UsageError(
      'A sweep varies an option; name one with --vary, like --vary orders=100..10000.',
    )
  checkVariables(whole.vary, { command, given: own })
  requireFigures(whole.threshold, chosen)
  if (whole.rpcUrl !== undefined && isHidden(whole.rpcUrl))
    throw new UsageError(
      'The address of the node had a secret in it, which is not stored; give it with --rpc-url.',
    )
  checkReports(whole.reports)
}

/** Makes the folder of a new sweep. */
async function startSweep(
  { vary, seed, reports }: SweepOptions,
  own: readonly Given[],
): Promise<SweepReport['sweep']> {
  const startedAt = new Date()
  const scenario = `sweep-${vary.map(({ name }) => name).join('-')}`
  return {
    id: createRun(reports, { scenario, seed, startedAt }).id,
    commit: await readCommit(),
    command: commandLine(process.argv),
    words: toStoredWords(own),
    startedAt: startedAt.toISOString(),
  }
}

function renderSweep(report: SweepReport): string {
  const results = report.points.flatMap((point) =>
    point.thresholds.map((result) => ({
      ...result,
      threshold: `${result.threshold} at ${nameOf(point)}`,
    })),
  )
  return `${renderSweepTerminal(report)}${renderThresholds(results)}`
}
