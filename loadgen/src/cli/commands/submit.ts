import type { Command } from 'commander'
import { createRpc } from '../../chain/rpc.js'
import { EXIT, UsageError } from '../../core/errors.js'
import { createLog } from '../../core/log.js'
import { hashAt } from '../../core/txTable.js'
import { formatJson } from '../../report/json.js'
import type { Submission } from '../../run/submission.js'
import { type FileSubmission, submitFile } from '../../run/submitFile.js'
import { submitStage } from '../../run/submitStage.js'
import { OUTCOME } from '../../submit/ledger.js'
import { startLive } from '../live.js'
import { addReportOptions, addSendOptions, type SendOptions } from '../options.js'
import { integer } from '../parse.js'
import { createProgress } from '../progress.js'
import { readSending, requireEnough } from '../sending.js'
import { addStageOptions, chooseRun, onSubmission, type StageOptions } from '../stage.js'

/** `submit`: the third stage of a run, or any file of signed transactions. */
export function addSubmitCommand(program: Command): void {
  const command = program
    .command('submit')
    .description(
      'send the signed transactions of a run, or of a file, and wait until they are in blocks',
    )
    .option(
      '--file <path>',
      'sends this file instead: a raw transaction a line, a comma after each',
    )
    .option('--from <n>', 'with --file: the first transaction, from 0', integer(0, 1e9))
    .option('--to <n>', 'with --file: the one after the last', integer(0, 1e9))
  addSendOptions(command)
  addReportOptions(command)
  addStageOptions(command, { defaultMode: 'the one that is signed' }).action(
    async (options: SubmitStageOptions) => {
      const counts =
        options.file === undefined
          ? await submitRun(options)
          : await submitForeign(options.file, options)
      process.stdout.write(options.json === true ? formatJson(counts) : `${textOf(counts)}\n`)
      process.exitCode = counts.unanswered > 0 ? EXIT.fault : EXIT.ok
    },
  )
}

type SubmitStageOptions = StageOptions &
  SendOptions & {
    file?: string | undefined
    from?: number | undefined
    to?: number | undefined
  }

async function submitRun(options: SubmitStageOptions): Promise<FileSubmission> {
  if (options.from !== undefined || options.to !== undefined)
    throw new UsageError('--from and --to need --file; a run is submitted whole.')
  const run = await chooseRun(options)
  return onSubmission(run, options, async (node, submission, { progress, live }) => {
    if (!run.isResumed && submission.journal.ledger.announcedMs.some((ms) => !Number.isNaN(ms)))
      throw new UsageError(
        `The mode ${submission.mode} of run ${run.id} was submitted before, at least in part; go on with --resume.`,
      )
    const sending = readSending(options, { isEmbedded: false })
    if (!run.isResumed)
      requireEnough(sending, { transactions: run.plan.count * (run.plan.head.shard?.count ?? 1) })
    await submitStage(node, submission, {
      sending,
      ...{ method: options.submit, batchSize: options.batchSize, inFlight: options.connections },
      ...{ timeoutMs: options.timeout * 1_000, onProgress: progress.on, onSample: live.onSample },
    })
    await submission.collector.reach(Number(await node.rpc.call('eth_blockNumber')))
    return countOf(submission)
  })
}

async function submitForeign(path: string, options: SubmitStageOptions): Promise<FileSubmission> {
  const { rpcUrl, connections, json } = options
  if (rpcUrl === undefined)
    throw new UsageError('submit --file needs a node; give its address with --rpc-url.')
  if (options.executor === 'per-block')
    throw new UsageError('--executor per-block needs a run: a file has no blocks.')
  const sending = readSending(options, { isEmbedded: false, executor: 'closed' })
  const log = createLog({ level: options.logLevel })
  const live = await startLive(options, log)
  const progress = createProgress({ log, stream: process.stderr, isQuiet: json === true, live })
  const rpc = createRpc(rpcUrl, { connections })
  live.startMode('file')
  try {
    return await submitFile(rpc, {
      ...{ path, from: options.from, to: options.to, method: options.submit },
      ...{
        batchSize: options.batchSize,
        inFlight: connections,
        timeoutMs: options.timeout * 1_000,
      },
      ...{ sending, onProgress: progress.on, onSample: live.onSample },
    })
  } finally {
    progress.end()
    await Promise.all([rpc.close(), live.close()])
  }
}

function countOf({ journal, collector, table }: Submission): FileSubmission {
  const { transactions, sentences } = journal.ledger
  const counts = { sent: 0, accepted: 0, refused: 0, unanswered: 0, unsent: 0, included: 0 }
  for (const [position, outcome] of transactions.outcomes.entries()) {
    if (outcome === OUTCOME.unsent || outcome === OUTCOME.dropped) {
      counts.unsent++
      continue
    }
    counts.sent++
    if (outcome === OUTCOME.taken) counts.accepted++
    else if (outcome === OUTCOME.pending) counts.unanswered++
    else counts.refused++
    if (collector.blockOf(hashAt(table, position)) !== undefined) counts.included++
  }
  const refusedBy: Record<string, number> = {}
  for (const sentence of sentences.values()) refusedBy[sentence] = (refusedBy[sentence] ?? 0) + 1
  return { ...counts, refusedBy }
}

function textOf(submission: FileSubmission): string {
  const { sent, accepted, refused, unanswered, unsent, included, refusedBy } = submission
  const reasons = Object.entries(refusedBy).map(([sentence, count]) => `${count} × ${sentence}`)
  return [
    `${sent} sent: ${accepted} accepted, ${refused} refused, ${unanswered} without an answer; ${included} included${unsent > 0 ? `; ${unsent} never sent` : ''}`,
    ...reasons,
  ].join('\n')
}
