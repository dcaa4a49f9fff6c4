import { join } from 'node:path'
import { accountsOf } from '../accounts/derive.js'
import type { Rpc } from '../chain/rpc.js'
import { systemClock } from '../core/clock.js'
import { UsageError } from '../core/errors.js'
import type { Shard } from '../core/shard.js'
import { replaceTx, type TxTable } from '../core/txTable.js'
import type { Deployment, Intent, Mode, Plan } from '../core/types.js'
import { withoutSecrets } from '../core/url.js'
import { type Collector, startCollector } from '../receipts/collector.js'
import { loadSetup, type Setup } from '../report/runFiles.js'
import { gasLimits } from './gas.js'
import { JOURNAL, type Journal, openJournal } from './journal.js'
import { createKeeper, type Keeper } from './keeper.js'
import { watchInclusion } from './liveSamples.js'
import type { Node } from './node.js'
import type { OnSample } from './progress.js'
import { openSigned } from './signedFile.js'

/** A signed mode of a run, its journal, and the chain followed beside it: what submit and collect work on. */
export type Submission = {
  /** Folder of the mode. */
  folder: string
  mode: Mode
  setup: Setup
  intents(): Iterable<Intent>
  /** True when the order inside a block must be the plan's: then there is one request at a time. */
  isOrdered: boolean
  /** Present when this is the part of one of several generators. */
  shard: Shard | undefined
  /** Which accounts are the traders'. */
  accounts: ReturnType<typeof accountsOf>
  table: TxTable
  journal: Journal
  collector: Collector
  keeper: Keeper
  close(): Promise<void>
}

const POLL_MS = 20
/** How long the orders of other generators may keep the queues from getting shorter. */
const SHARED_PATIENCE_MS = 600_000

/**
 * Opens a mode whose transactions are signed, to submit them, to go on with that, or to collect.
 * @throws UsageError when its files are damaged, or its contracts are not on the node's chain.
 */
export async function openSubmission(
  node: Node,
  options: openSubmission.Options,
): Promise<Submission> {
  const { folder, plan } = options
  const setup = await loadSetup(folder)
  await requireDeployment(node.rpc, setup)
  const table = openSigned(folder, { count: plan.count })
  const journal = openJournal(join(folder, JOURNAL), { ...options, count: table.count })
  for (const healed of journal.ledger.healed()) replaceTx(table, healed.position, healed)
  const { onSample } = options
  const watch = onSample && watchInclusion({ table, ledger: journal.ledger, onSample })
  const collector = startCollector(node.rpc, {
    fromBlock: setup.before.blockNumber + 1,
    pollMs: POLL_MS,
    onBlock({ number, transactions, seenMs }, hashes) {
      if (transactions > 0 && journal.ledger.seenMs(number) === undefined)
        journal.add({ kind: 'block', number, seenMs })
      watch?.(hashes, seenMs)
    },
  })
  const keeper = createKeeper(node, {
    deployment: setup.deployment,
    patienceMs: plan.head.shard === undefined ? undefined : SHARED_PATIENCE_MS,
    gas: gasLimits(node.isEmulated).settle,
    onSending: (hash) => journal.add({ kind: 'settling', hash, atMs: systemClock.now() }),
  })
  return {
    ...{ folder, mode: setup.mode, setup, table, journal, collector, keeper },
    intents: plan.intents,
    accounts: accountsOf(setup.accountSeed, plan.head.shard),
    isOrdered: plan.head.ordered === true,
    shard: plan.head.shard,
    async close() {
      await collector.stop()
      journal.close()
    },
  }
}

export declare namespace openSubmission {
  type Options = {
    /** Folder of the mode. */
    folder: string
    plan: {
      head: Pick<Plan, 'ordered' | 'shard'>
      /** Number of intents. */
      count: number
      intents(): Iterable<Intent>
    }
    /** Told when the last line of the journal was cut off, with its bytes. */
    onTornLine?: ((bytes: number) => void) | undefined
    onSample?: OnSample | undefined
  }
}

/** @throws UsageError when a mode's clearing house is not on the chain of a node. */
export async function requireDeployment(
  rpc: Rpc,
  { deployment, mode }: { deployment: Deployment; mode: Mode },
): Promise<void> {
  const code = await rpc.call('eth_getCode', [deployment.house, 'latest'])
  if (code === '0x')
    throw new UsageError(
      `The node at ${withoutSecrets(rpc.url)} has no contract at ${deployment.house}, the clearing house of the mode ${mode}: it is not on the chain of the run.`,
    )
}
