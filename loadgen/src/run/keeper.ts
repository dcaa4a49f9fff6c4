import { accountFromKey } from '../accounts/derive.js'
import { getNonces } from '../accounts/nonces.js'
import { signTransaction } from '../accounts/sign.js'
import { encodeSettle } from '../chain/encode.js'
import { RpcRefusedError } from '../chain/rpc.js'
import { readPending } from '../chain/snapshot.js'
import { systemClock } from '../core/clock.js'
import { NodeError } from '../core/errors.js'
import type { Deployment, Hex } from '../core/types.js'
import { classify } from '../submit/classify.js'
import type { Node } from './node.js'

/** Sends settle() from the run's own account. */
export type Keeper = {
  /** Sends one settle(); it is in the node's pool when this resolves. */
  send(): Promise<void>
  /**
   * Sends some of them again, the same bytes, because no block holds them. Those that none ever will, as another transaction has
   * their nonce, are not among {@link hashes} any more.
   */
  sendAgain(hashes: readonly Hex[]): Promise<void>
  /** Settles until the queues are empty, a block each time. */
  finish(seal: () => Promise<void>): Promise<void>
  /** Hashes of all that was sent and can be in a block. */
  hashes(): readonly Hex[]
}

/** Calls of settle() without progress after which the keeper gives up. */
const MAX_IDLE = 3

export function createKeeper(node: Node, options: createKeeper.Options): Keeper {
  const { deployment, gas, patienceMs } = options
  const account = accountFromKey(node.privateKey)
  /** By hash: a settle() that was lost and is sent anew with the same nonce is the same one. */
  const raws = new Map<Hex, Hex>()
  let calls = 0
  const call = encodeSettle(deployment.house, deployment)

  async function send(): Promise<void> {
    // Asked each time: on Arcology the nonce of an account that was the deferred transaction's may have moved by itself.
    const [nonce = 0] = await getNonces(node.rpc, [account.address])
    const { hash, raw } = signTransaction(
      { ...call, nonce, gas, gasPrice: node.gasPrice, value: 0n },
      { chainId: node.chainId, privateKey: account.privateKey },
    )
    if (!raws.has(hash)) options.onSending?.(hash)
    raws.set(hash, raw)
    calls++
    await node.rpc.call('eth_sendRawTransaction', [raw])
  }

  async function sendAgain(hashes: readonly Hex[]): Promise<void> {
    for (const hash of hashes)
      try {
        await node.rpc.call('eth_sendRawTransaction', [raws.get(hash)])
      } catch (error) {
        if (!(error instanceof RpcRefusedError)) throw error
        const verdict = classify(String(error.facts.message))
        if (verdict === 'nonceUsed' && !(await hasTransaction(hash))) raws.delete(hash)
        else if (verdict === 'refused') throw error
      }
  }

  async function hasTransaction(hash: Hex): Promise<boolean> {
    return (await node.rpc.call('eth_getTransactionByHash', [hash])) !== null
  }

  return {
    send,
    sendAgain,
    hashes: () => [...raws.keys()],
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
            `settle() does not get further: ${now} orders are left in the queues after ${calls} calls.`,
          )
        left = now
      }
    },
  }
}

export declare namespace createKeeper {
  type Options = {
    deployment: Pick<Deployment, 'product' | 'house' | 'engine' | 'markets'>
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
