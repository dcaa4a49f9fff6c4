import { createSignPool } from '../accounts/signPool.js'
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
  const pool = createSignPool({
    seed: options.accountSeed,
    chainId: node.chainId,
    workers: options.workers,
  })
  try {
    let setup: Omit<Setup, 'setupVersion'>
    if (hasSetup(folder)) {
      setup = await loadSetup(folder)
      await requireDeployment(node.rpc, setup)
    } else {
      const { deployment, addresses } = await setUp(node, { ...options, pool, limits })
      setup = {
        mode: options.mode,
        url: withoutSecrets(node.rpc.url),
        environment: readEnvironment(node),
        accountSeed: options.accountSeed,
        traders: addresses,
        deployment,
        before: await readSnapshot(node.rpc, { deployment, traders: addresses }),
      }
      await saveSetup(folder, setup)
    }
    const { deployment, traders } = setup
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
