import { createRpc } from '../chain/rpc.js'
import { UsageError } from '../core/errors.js'
import { withoutSecrets } from '../core/url.js'
import type { Setup } from '../report/runFiles.js'
import { requireDeployment } from './submission.js'

/**
 * Checks that further nodes, which transactions are sent to as well, are on the chain of the run.
 * @throws UsageError for one that is not, NodeError for one that does not answer.
 */
export async function checkEndpoints(
  urls: readonly string[],
  chain: { chainId: number; setup?: Pick<Setup, 'deployment' | 'mode'> | undefined },
): Promise<void> {
  for (const url of urls) {
    const rpc = createRpc(url)
    try {
      const chainId = Number(await rpc.call('eth_chainId'))
      if (chainId !== chain.chainId)
        throw new UsageError(
          `The node at ${withoutSecrets(url)} is on chain ${chainId}, not on ${chain.chainId} as the others are; leave out its --endpoint.`,
        )
      if (chain.setup !== undefined) await requireDeployment(rpc, chain.setup)
    } finally {
      await rpc.close()
    }
  }
}
