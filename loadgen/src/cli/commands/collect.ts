import type { Command } from 'commander'
import { UsageError } from '../../core/errors.js'
import { loadPlan } from '../../report/planFiles.js'
import { collectStage } from '../../run/collectStage.js'
import { addCollectOptions, addReportOptions, type CollectOptions } from '../options.js'
import { integer } from '../parse.js'
import { addStageOptions, chooseRun, onSubmission, type StageOptions } from '../stage.js'

/** `collect`: the fourth stage of a run. */
export function addCollectCommand(program: Command): void {
  const command = program
    .command('collect')
    .description(
      'settle what a submitted run left in the queues, read its receipts and events, and write its record',
    )
    .option('--connections <n>', 'requests at a time', integer(1, 256), 8)
  addCollectOptions(command)
  addReportOptions(command)
  addStageOptions(command, { defaultMode: 'the one that is submitted' }).action(
    async (options: StageOptions & CollectOptions) => {
      const run = await chooseRun(options)
      const record = await onSubmission(
        run,
        options,
        async (node, submission, { progress, live }) => {
          if (submission.journal.ledger.doneMs('submitted') === undefined)
            throw new UsageError(
              `The mode ${submission.mode} of run ${run.id} is not submitted yet, or only in part; go on with submit --resume.`,
            )
          return collectStage(node, submission, {
            ...{ plan: await loadPlan(run.folder), receipts: options.receipts },
            ...{ timeoutMs: options.timeout * 1_000, onProgress: progress.on },
            onSample: live.onSample,
          })
        },
      )
      const { mode, signed, receipts, events } = record
      process.stdout.write(
        `${mode}: ${signed.length} signed, ${receipts.length} included, ${events.length} events\n`,
      )
    },
  )
}
