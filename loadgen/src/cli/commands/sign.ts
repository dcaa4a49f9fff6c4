import { join } from 'node:path'
import type { Command } from 'commander'
import { UsageError } from '../../core/errors.js'
import { MODES, type Mode } from '../../core/types.js'
import { hasSetup } from '../../report/runFiles.js'
import { doneMsOf, JOURNAL } from '../../run/journal.js'
import { accountSeedOf } from '../../run/planStage.js'
import { isSigned, TRANSACTIONS } from '../../run/signedFile.js'
import { signStage } from '../../run/signStage.js'
import { integer } from '../parse.js'
import {
  addStageOptions,
  type ChosenRun,
  chooseRun,
  onLiveNode,
  type StageOptions,
} from '../stage.js'

/** `sign`: the second stage of a run. */
export function addSignCommand(program: Command): void {
  const command = program
    .command('sign')
    .description('make a node ready for a planned run in one mode, and sign its transactions')
    .option('--workers <n>', 'signing threads (default: one a core)', integer(1, 256))
    .option('--reports <folder>', 'where runs are stored', 'reports')
  addStageOptions(command, { defaultMode: 'netting' }).action(async (options: SignOptions) => {
    const run = await chooseRun(options)
    const { mode = 'netting' } = options
    const folder = join(run.folder, mode)
    checkTurn(run, mode)
    const { plan } = run
    await onLiveNode(
      run.folder,
      { ...options, connections: CONNECTIONS },
      (node, { progress, live }) => {
        live.startMode(mode)
        return signStage(node, {
          ...{ folder, plan, mode, markets: plan.terms, accountSeed: accountSeedOf(plan.head) },
          ...{ workers: options.workers, onProgress: progress.on },
        })
      },
    )
    process.stdout.write(`${plan.count} transactions in ${join(folder, TRANSACTIONS)}\n`)
  })
}

type SignOptions = Omit<StageOptions, 'connections'> & { workers?: number | undefined }

/** Requests at a time. */
const CONNECTIONS = 8

/**
 * @throws UsageError when the mode was begun and is not resumed, and when another mode is signed whose transactions have not been
 * sent: the accounts are the same, and so would be the nonces.
 */
function checkTurn({ id, folder, isResumed }: ChosenRun, mode: Mode): void {
  const own = join(folder, mode)
  if (!isResumed && isSigned(own))
    throw new UsageError(`The mode ${mode} of run ${id} is signed already; submit it.`)
  if (!isResumed && hasSetup(own))
    throw new UsageError(
      `The mode ${mode} of run ${id} was cut short while it was signed; go on with --resume.`,
    )
  for (const other of MODES)
    if (other !== mode && isSigned(join(folder, other)) && !isSubmitted(join(folder, other)))
      throw new UsageError(
        `The mode ${other} of run ${id} is signed and not submitted; submit it first, for the accounts of both are the same.`,
      )
}

function isSubmitted(folder: string): boolean {
  return doneMsOf(join(folder, JOURNAL), 'submitted') !== undefined
}
