import { type Abi, decodeFunctionResult, encodeFunctionData } from 'viem'
import { artifacts } from '../chain/abi.generated.js'
import type { Rpc } from '../chain/rpc.js'
import { NodeError, UsageError } from '../core/errors.js'
import type { Deployment, Hex, PairAddresses } from '../core/types.js'
import { withoutSecrets } from '../core/url.js'

/** What of a deployment a keeper needs. */
export type House = Pick<Deployment, 'product' | 'house' | 'engine' | 'markets'>

/**
 * Reads from the chain what belongs to a clearing house that nets, or to a spot engine.
 * @throws UsageError when there is none at that address.
 */
export async function readHouse(rpc: Rpc, house: Hex): Promise<House> {
  const code = await rpc.call('eth_getCode', [house, 'latest'])
  if (code === '0x')
    throw new UsageError(
      `The node at ${withoutSecrets(rpc.url)} has no contract at ${house}; give another --house.`,
    )

  async function read(to: Hex, abi: Abi, functionName: string, args: readonly unknown[] = []) {
    const data = encodeFunctionData({ abi, functionName, args })
    const result = (await rpc.call('eth_call', [{ to, data }, 'latest'])) as Hex
    return decodeFunctionResult({ abi, functionName, data: result })
  }
  /** No other contract of ours answers this. */
  async function isSpotEngine(): Promise<boolean> {
    try {
      await read(house, artifacts.SpotNettingEngine.abi as Abi, 'escrowOf', [false, 1n, 0n])
      return true
    } catch (error) {
      if (error instanceof NodeError) throw error
      return false
    }
  }
  const ofHouse = artifacts.PerpClearingHouse.abi as Abi
  const ofRegistry = artifacts.MarketRegistry.abi as Abi
  try {
    const isSpot = await isSpotEngine()
    const engine = isSpot ? house : ((await read(house, ofHouse, 'ENGINE')) as Hex)
    const registry = (await read(house, ofHouse, 'REGISTRY')) as Hex
    const count = Number(await read(registry, ofRegistry, 'count'))
    const markets = await Promise.all(
      Array.from({ length: count }, async (_, id): Promise<PairAddresses> => {
        const market = (await read(registry, ofRegistry, 'get', [id])) as PairAddresses
        const { pool, baseToken, quoteToken } = market
        return { pool, baseToken, quoteToken }
      }),
    )
    return { product: isSpot ? 'spot' : 'perp', house, engine, markets }
  } catch (cause) {
    if (cause instanceof NodeError) throw cause
    throw new UsageError(
      `The contract at ${house} is no clearing house with queues: it does not answer ENGINE() and REGISTRY() as one would.`,
      { cause },
    )
  }
}
