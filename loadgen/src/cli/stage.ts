import { basename, join } from 'node:path'
import { type Command, Option } from 'commander'
import { UsageError } from '../core/errors.js'
import { MODES, type Mode } from '../core/types.js'
import { isHidden } from '../core/url.js'
import { openPlan, type StoredPlan } from '../report/planFiles.js'
import { hasRecord } from '../report/records.js'
import { loadSetup } from '../report/runFiles.js'
import { findRun } from '../report/store.js'
import { lockRun } from '../run/lock.js'
import type { Node } from '../run/node.js'
import { keyOfShard } from '../run/shardStage.js'
import { isSigned } from '../run/signedFile.js'
import { openSubmission, type Submission } from '../run/submission.js'
import { addMetricsOption, type LiveOptions } from './live.js'
import { addLogOption, addNodeOptions, type LogOptions, type NodeOptions } from './options.js'
import { mode } from './parse.js'
import { inSession, type Session } from './session.js'

/** Options of every command that carries out one stage of a run. */
export type StageOptions = NodeOptions &
  LiveOptions &
  LogOptions & {
    run?: string | undefined
    resume?: string | true | undefined
    mode?: Mode | undefined
    connections: number
    reports: string
    json?: boolean | undefined
  }

export function addStageOptions(
  command: Command,
  { defaultMode }: { defaultMode: string },
): Command {
  command
    .option('--run <id>', 'the run (default: the latest)')
    .option('--resume [run]', 'go on with a run where this stage was cut short')
    .addOption(
      new Option('--mode <mode>', `one of ${MODES.join(', ')} (default: ${defaultMode})`).argParser(
        mode,
      ),
    )
  addNodeOptions(command)
  addMetricsOption(command)
  return addLogOption(command)
}

/** A run of which a stage is to be carried out. */
export type ChosenRun = { id: string; folder: string; plan: StoredPlan; isResumed: boolean }

/** @throws UsageError when there is no such run. */
export async function chooseRun(
  options: Pick<StageOptions, 'run' | 'resume' | 'reports'>,
): Promise<ChosenRun> {
  const { run, resume, reports } = options
  const wanted = run ?? (typeof resume === 'string' ? resume : 'latest')
  const folder = await findRun(reports, wanted)
  return {
    ...{ id: basename(folder), folder, plan: await openPlan(folder) },
    isResumed: resume !== undefined,
  }
}

/**
 * Does the work of a stage of a run on the live node that the options name, and keeps other processes out of the run meanwhile.
 * @param folder of the run.
 * @throws UsageError when they name no node, and when another process works on the run.
 */
export async function onLiveNode<T>(
  folder: string,
  options: StageOptions,
  work: (node: Node, session: Session) => Promise<T>,
): Promise<T> {
  const { rpcUrl } = options
  if (rpcUrl === undefined)
    throw new UsageError(
      'A stage needs a node that stays; give its address with --rpc-url (loadgen devnet serves one).',
    )
  return inSession({ ...options, strict: false }, async (session) => {
    const unlock = lockRun(folder)
    try {
      const node = await session.nodes.open()
      try {
        return await work(node, session)
      } finally {
        await session.nodes.close(node)
      }
    } finally {
      unlock()
    }
  })
}

/**
 * Does the work of a stage on a mode that is signed, on the node of its set-up unless the options name another way to it.
 * @throws UsageError when no mode is signed, or it is not clear which is meant.
 */
export async function onSubmission<T>(
  chosen: ChosenRun,
  options: StageOptions,
  work: (node: Node, submission: Submission, session: Session) => Promise<T>,
): Promise<T> {
  const mode = options.mode ?? openMode(chosen)
  const folder = join(chosen.folder, mode)
  if (!isSigned(folder))
    throw new UsageError(`The mode ${mode} of run ${chosen.id} is not signed yet; sign it first.`)
  const { url } = await loadSetup(folder)
  const rpcUrl = options.rpcUrl ?? (isHidden(url) ? undefined : url)
  const key = await keyOfShard(chosen.folder)
  return onLiveNode(chosen.folder, { ...options, ...key, rpcUrl }, async (node, session) => {
    const { log, live } = session
    live.startMode(mode)
    const submission = await openSubmission(node, {
      ...{ folder, plan: chosen.plan, onSample: live.onSample },
      onTornLine: (bytes) =>
        log.warn({ bytes }, 'the last line of the journal was cut off and is left out'),
    })
    try {
      return await work(node, submission, session)
    } finally {
      await submission.close()
    }
  })
}

/** The one mode that is signed and has no record. */
function openMode({ id, folder }: ChosenRun): Mode {
  const signed = MODES.filter((mode) => isSigned(join(folder, mode)))
  const open = signed.filter((mode) => !hasRecord(join(folder, mode)))
  const [first, second] = open.length > 0 ? open : signed
  if (first === undefined)
    throw new UsageError(`No mode of run ${id} is signed yet; sign one first.`)
  if (second !== undefined)
    throw new UsageError(`The run ${id} has the modes ${signed.join(', ')}; give one with --mode.`)
  return first
}
