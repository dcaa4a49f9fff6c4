import type { Command } from 'commander'
import { createRpc } from '../../chain/rpc.js'
import { readSnapshot } from '../../chain/snapshot.js'
import { EXIT } from '../../core/errors.js'
import type { ModeRecord } from '../../core/types.js'
import { type CheckResult, verifyRecord } from '../../metrics/verify.js'
import { formatJson } from '../../report/json.js'
import { loadModeRecords } from '../../report/store.js'
import { requireDeployment } from '../../run/submission.js'

/** `verify`: audits a stored run against its stored events, or against its chain. */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description(
      'audit a stored run against its stored events, or against its chain with --rpc-url',
    )
    .argument('[run]', 'id of the run', 'latest')
    .option('--run <id>', 'the same')
    .option('--reports <folder>', 'where runs are stored', 'reports')
    .option('--rpc-url <url>', "node of the run's chain: its state now is what must match")
    .option('--json', 'print the checks as JSON')
    .action(async (argument: string, options: VerifyOptions) => {
      const run = options.run ?? argument
      const checks: CheckResult[] = []
      for (const stored of await loadModeRecords(options.reports, run)) {
        const record = options.rpcUrl === undefined ? stored : await refresh(stored, options.rpcUrl)
        for (const check of verifyRecord(record).checks)
          checks.push({ ...check, name: `${record.mode}: ${check.name}` })
      }
      const ok = checks.every((check) => check.ok)
      process.stdout.write(
        options.json === true
          ? formatJson({ ok, checks })
          : `${checks.map(({ name, ok, detail }) => `${ok ? 'ok  ' : 'FAIL'} ${name}: ${detail}`).join('\n')}\n`,
      )
      process.exitCode = ok ? EXIT.ok : EXIT.fault
    })
}

type VerifyOptions = {
  run?: string | undefined
  reports: string
  rpcUrl?: string | undefined
  json?: boolean | undefined
}

/** The record with the chain's present state in place of the stored one. */
async function refresh(record: ModeRecord, url: string): Promise<ModeRecord> {
  const rpc = createRpc(url)
  try {
    const { deployment, traders } = record
    await requireDeployment(rpc, record)
    return { ...record, after: await readSnapshot(rpc, { deployment, traders }) }
  } finally {
    await rpc.close()
  }
}
