import { accountsOf } from '../accounts/derive.js'
import { createSignPool, type SignPool } from '../accounts/signPool.js'
import { readSnapshot } from '../chain/snapshot.js'
import type { Mode } from '../core/types.js'
import { withoutSecrets } from '../core/url.js'
import { removeDrafts } from '../report/files.js'
import type { StoredPlan } from '../report/planFiles.js'
import { hasSetup, loadSetup, type Setup, saveSetup } from '../report/runFiles.js'
import { readEnvironment } from './environment.js'
import { gasLimits } from './gas.js'
import type { Node } from './node.js'
import type { OnProgress } from './progress.js'
import { type MarketSetup, setUp } from './setup.js'
import { isSigned } from './signedFile.js'
import { signPlan } from './signPlan.js'
import { requireDeployment } from './submission.js'

/**
 * Makes a chain ready for a mode of a plan (setup.json), unless that is done. A set-up that was killed begins again, with new
 * contracts.
 * @throws UsageError when the funder cannot pay, or the chain is another than that of the set-up; NodeError when something does
 * not go through.
 */
export async function setUpStage(node: Node, options: setUpStage.Options): Promise<Setup> {
  const { folder, pool } = options
  if (!hasSetup(folder)) {
    const limits = gasLimits(node.isEmulated)
    const { deployment, addresses } = await setUp(node, { ...options, pool, limits })
    await saveSetup(folder, {
      mode: options.mode,
      url: withoutSecrets(node.rpc.url),
      environment: readEnvironment(node),
      accountSeed: options.accountSeed,
      traders: addresses,
      deployment,
      before: await readSnapshot(node.rpc, { deployment, traders: addresses }),
    })
  }
  const setup = await loadSetup(folder)
  await requireDeployment(node.rpc, setup)
  return setup
}

export declare namespace setUpStage {
  type Options = Omit<signStage.Options, 'workers'> & {
    /** Signs for the plan's accounts. */
    pool: SignPool
    /** Generators that share the plan. Default: one does all of it. */
    shards?: number | undefined
  }
}

/** Threads that sign for the traders of a plan. */
export function signPoolOf(
  { chainId }: Node,
  { plan, accountSeed, workers }: Pick<signStage.Options, 'plan' | 'accountSeed' | 'workers'>,
): SignPool {
  return createSignPool({ ...accountsOf(accountSeed, plan.head.shard), chainId, workers })
}

/**
 * Makes a chain ready for a mode of a plan (setup.json) and signs the plan for it (transactions.txt, signed.jsonl). What of it is
 * there already is kept: nothing is signed twice. A set-up that was killed begins again, with new contracts.
 * @throws UsageError when the funder cannot pay, or the chain is another than that of the set-up; NodeError when something does
 * not go through.
 */
export async function signStage(node: Node, options: signStage.Options): Promise<void> {
  const { folder, plan } = options
  if (isSigned(folder)) return
  await removeDrafts(folder)
  const limits = gasLimits(node.isEmulated)
  const pool = signPoolOf(node, options)
  try {
    const { deployment, traders } = await setUpStage(node, { ...options, pool })
    const { intents, count } = plan
    await signPlan(node, {
      ...{ ...options, intents, count, deployment, addresses: traders, pool, limits },
    })
  } finally {
    await pool.close()
  }
}

export declare namespace signStage {
  type Options = {
    /** Folder of the mode. */
    folder: string
    plan: Pick<StoredPlan, 'head' | 'count' | 'intents'>
    mode: Mode
    markets: MarketSetup
    /** Seed of the accounts' keys: the same accounts in every mode. */
    accountSeed: string
    /** Signing threads; default one a core. */
    workers?: number | undefined
    onProgress: OnProgress
  }
}
