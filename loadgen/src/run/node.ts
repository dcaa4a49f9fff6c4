import { createRpc, type Rpc, RpcRefusedError } from '../chain/rpc.js'
import { UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import { withoutSecrets } from '../core/url.js'
import { createPatientRpc } from './patientRpc.js'

/** A node that a run works on. */
export type Node = {
  rpc: Rpc
  chainId: number
  /** web3_clientVersion. */
  client: string
  /** True for the embedded node: Anvil with the emulated precompiles. */
  isEmulated: boolean
  /** True for the embedded node in strict mode: it schedules and aborts as Arcology's runtime does, and tells how. */
  isStrict: boolean
  /** Pays for deployment, funding and settlement. */
  privateKey: Hex
  /** wei a unit of gas. */
  gasPrice: bigint
  /** True when the run makes the blocks itself (evm_mine): then a batch of the plan is exactly one block. */
  makesBlocks: boolean
}

/** Milliseconds that an answer of a live node may take, and that one may be away in the middle of a run. */
const LIVE_TIMEOUT_MS = 60_000
const PATIENCE_MS = 30_000
/** The same at the beginning, when the address may be the wrong one: there it must listen at least. */
const OPENING_PATIENCE_MS = 5_000

/**
 * Opens a node and checks that it is the chain that the run is meant for. From then on a live one is asked again for a while
 * when it does not answer.
 * @throws UsageError for another chain id, NodeError when the node does not answer.
 */
export async function openNode(options: openNode.Options): Promise<Node> {
  const { connections, makesBlocks } = options
  const rpc = createRpc(
    options.url,
    makesBlocks ? { connections } : { connections, timeoutMs: LIVE_TIMEOUT_MS },
  )
  const opening = makesBlocks
    ? rpc
    : createPatientRpc(rpc, { patienceMs: OPENING_PATIENCE_MS, isOpening: true })
  try {
    const chainId = Number(await opening.call('eth_chainId'))
    if (chainId !== options.chainId)
      throw new UsageError(
        `The node at ${withoutSecrets(options.url)} is on chain ${chainId}, not on ${options.chainId}; give its id with --chain-id.`,
      )
    const client = String(await opening.call('web3_clientVersion'))
    return {
      rpc: makesBlocks ? rpc : createPatientRpc(rpc, { patienceMs: PATIENCE_MS }),
      chainId,
      client,
      isEmulated: /^anvil\//i.test(client),
      privateKey: options.privateKey,
      gasPrice: options.gasPrice,
      makesBlocks,
      isStrict: await tellsSchedules(opening),
    }
  } catch (error) {
    await rpc.close()
    throw error
  }
}

/** Only the embedded node in strict mode has this method; any other refuses it. */
async function tellsSchedules(rpc: Rpc): Promise<boolean> {
  try {
    return Array.isArray(await rpc.call('devnet_getConflicts'))
  } catch (error) {
    if (error instanceof RpcRefusedError) return false
    throw error
  }
}

export declare namespace openNode {
  type Options = {
    url: string
    chainId: number
    privateKey: Hex
    gasPrice: bigint
    makesBlocks: boolean
    /** Parallel connections. */
    connections: number
  }
}
