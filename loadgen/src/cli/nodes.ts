import { accountFromKey } from '../accounts/derive.js'
import { EMULATION, SYSTEM_ADDRESS } from '../chain/abi.generated.js'
import { UsageError } from '../core/errors.js'
import type { Log } from '../core/log.js'
import type { Hex } from '../core/types.js'
import { type Devnet, startDevnet } from '../devnet/devnet.js'
import { type Node, openNode } from '../run/node.js'
import { KEY_VARIABLE, type NodeOptions } from './options.js'

/** Key of Anvil's first well-known account: it pays on the embedded node, and is worth nothing anywhere else. */
const EMBEDDED_KEY: Hex = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80'

/** Where nodes come from. */
export type Nodes = {
  open(): Promise<Node>
  /** Closes a node; the embedded one ends. */
  close(node: Node): Promise<void>
  /** Ends whatever is still open. */
  closeAll(): Promise<void>
}

/**
 * The live node that the options name, or else a new embedded one each time.
 * @throws UsageError for a live node without a key.
 */
export function createNodes(
  options: NodeOptions & { connections: number; strict: boolean; log: Log },
): Nodes {
  const { rpcUrl, log, strict } = options
  const shared = {
    chainId: options.chainId,
    gasPrice: BigInt(options.gasPrice),
    connections: options.connections,
  }
  const devnets = new Map<Node, Devnet>()
  if (rpcUrl !== undefined) {
    const privateKey = requireKey(options.privateKey)
    return {
      open: () => openNode({ ...shared, url: rpcUrl, privateKey, makesBlocks: false }),
      close: (node) => node.rpc.close(),
      closeAll: async () => {},
    }
  }
  const privateKey = requireKey(options.privateKey ?? EMBEDDED_KEY)
  return {
    async open() {
      const devnet = await startDevnet({
        emulation: EMULATION,
        systemAddress: SYSTEM_ADDRESS,
        log: quiet(log),
        blockTimeMs: 0,
        strict,
      })
      try {
        const node = await openNode({
          ...shared,
          url: devnet.url,
          privateKey,
          makesBlocks: true,
        })
        devnets.set(node, devnet)
        return node
      } catch (error) {
        await devnet.stop()
        throw error
      }
    },
    async close(node) {
      await node.rpc.close()
      await devnets.get(node)?.stop()
      devnets.delete(node)
    },
    async closeAll() {
      await Promise.all([...devnets.values()].map((devnet) => devnet.stop()))
    },
  }
}

/** The node's everyday messages are of no interest in a run. */
function quiet(log: Log): Log {
  return log.child({ part: 'devnet' }, { level: log.isLevelEnabled('debug') ? 'debug' : 'warn' })
}

function requireKey(key: string | undefined): Hex {
  if (key === undefined)
    throw new UsageError(`A live node needs an account that pays; give its key in ${KEY_VARIABLE}.`)
  return `0x${Buffer.from(accountFromKey(key).privateKey).toString('hex')}`
}
