import { accountFromKey } from '../accounts/derive.js'
import { getNonces } from '../accounts/nonces.js'
import { signTransaction } from '../accounts/sign.js'
import { encodeSettle } from '../chain/encode.js'
import { readPending } from '../chain/snapshot.js'
import { systemClock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { Deployment, Hex } from '../core/types.js'
import type { Node } from './node.js'

/** Sends settle() from the run's own account. */
export type Keeper = {
  /** Sends one settle(); it is in the node's pool when this resolves. */
  send(): Promise<void>
  /** Settles until the queues are empty, a block each time. */
  finish(seal: () => Promise<void>): Promise<void>
  /** Hashes of all that was sent. */
  hashes(): readonly Hex[]
}

/** Calls of settle() without progress after which the keeper gives up. */
const MAX_IDLE = 3

export function createKeeper(node: Node, options: createKeeper.Options): Keeper {
  const { deployment, gas, patienceMs } = options
  const account = accountFromKey(node.privateKey)
  const hashes: Hex[] = []
  const call = encodeSettle(deployment.house)

  async function send(): Promise<void> {
    // Asked each time: on Arcology the nonce of an account that was the deferred transaction's may have moved by itself.
    const [nonce = 0] = await getNonces(node.rpc, [account.address])
    const { hash, raw } = signTransaction(
      { ...call, nonce, gas, gasPrice: node.gasPrice, value: 0n },
      { chainId: node.chainId, privateKey: account.privateKey },
    )
    hashes.push(hash)
    options.onSending?.(hash)
    await node.rpc.call('eth_sendRawTransaction', [raw])
  }

  return {
    send,
    hashes: () => hashes,
    async finish(seal) {
      let idle = 0
      let progressMs = systemClock.now()
      const isStuck = () =>
        patienceMs === undefined ? idle === MAX_IDLE : systemClock.now() - progressMs > patienceMs
      for (let left = await readPending(node.rpc, deployment); left > 0n; ) {
        await send()
        await seal()
        const now = await readPending(node.rpc, deployment)
        idle = now < left ? 0 : idle + 1
        if (idle === 0) progressMs = systemClock.now()
        if (isStuck())
          throw new NodeError(
            `settle() does not get further: ${now} orders are left in the queues after ${hashes.length} calls.`,
          )
        left = now
      }
    },
  }
}

export declare namespace createKeeper {
  type Options = {
    deployment: Pick<Deployment, 'house' | 'engine' | 'markets'>
    /** Gas limit of a settle(). */
    gas: bigint
    /**
     * Milliseconds without progress after which it gives up: for queues that others still fill. Default: three calls without
     * progress.
     */
    patienceMs?: number | undefined
    /** Called with the hash before a settle() goes out. */
    onSending?: ((hash: Hex) => void) | undefined
  }
}
