import type { Abi } from 'viem'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { artifacts, EMULATION, SYSTEM_ADDRESS } from '../src/chain/abi.generated.js'
import { deploy } from '../src/chain/deploy.js'
import { readsAt } from '../src/chain/reads.js'
import { createRpc, type Rpc } from '../src/chain/rpc.js'
import { readSnapshot } from '../src/chain/snapshot.js'
import { createLog } from '../src/core/log.js'
import { DEFAULT_RISK } from '../src/core/marketRisk.js'
import type { Hex, PerpDeployment } from '../src/core/types.js'
import { type Devnet, startDevnet } from '../src/devnet/devnet.js'
import { settlementGas } from '../src/run/gas.js'
import { FUNDED_KEY } from './support/cli.js'

const WAD = 10n ** 18n
const RISK = {
  ...{ nettedFeePpm: 100, pooledFeePpm: 500, protocolShareBps: 3_000, priceBandBps: 200 },
  ...{ maxDeviationBps: 1_000, feedMaxAge: 3_600, maxSkew: 500n * WAD },
}

let devnet: Devnet
let rpc: Rpc
beforeAll(async () => {
  devnet = await startDevnet({
    ...{ emulation: EMULATION, systemAddress: SYSTEM_ADDRESS, blockTimeMs: 0 },
    log: createLog({ level: 'warn' }),
  })
  rpc = createRpc(devnet.url)
})
afterAll(async () => {
  await rpc.close()
  await devnet.stop()
})

describe.each(['netting', 'direct'] as const)(
  'a house that is %s, with risk parameters',
  (mode) => {
    let deployment: PerpDeployment
    beforeAll(async () => {
      const market = { price: 2_000n * WAD, quoteDepth: 20_000_000n * WAD }
      deployment = await deploy(rpc, {
        ...{ mode, chainId: devnet.chainId, privateKey: FUNDED_KEY, gasPrice: 10n ** 9n },
        // The pool stands at 2,000, the feed of the second market 1 % above it.
        markets: [
          market,
          { ...market, risk: { ...RISK, feed: { price: 2_020n * WAD, decimals: 8 } } },
        ],
        ...{ maxPriceMoveBps: 500, threads: 0, chunk: 100, settlementGas: settlementGas(true) },
      })
    })

    async function read(to: Hex | undefined, abi: unknown, functionName: string, args: unknown[]) {
      expect(to, functionName).toMatch(/^0x[0-9a-f]{40}$/)
      const at = readsAt(rpc, Number(await rpc.call('eth_blockNumber')))
      const [answer] = await at([{ to: to as Hex, abi: abi as Abi, functionName, args }])
      return answer
    }
    const ofRisk = (functionName: string, market: number) =>
      read(deployment.risk, artifacts.RiskRegistry.abi, functionName, [market])

    test('the market that says nothing has the defaults; the other what was given', async () => {
      const [first, second] = deployment.markets
      expect(await ofRisk('riskOf', 0)).toEqual({ ...DEFAULT_RISK, feed: `0x${'0'.repeat(40)}` })
      const set = (await ofRisk('riskOf', 1)) as Record<string, unknown>
      expect({ ...set, feed: String(set.feed).toLowerCase() }).toEqual({
        ...{ ...DEFAULT_RISK, ...RISK },
        feed: second?.feed,
      })
      expect(first?.feed).toBeUndefined()
    })

    test('prices: the pool alone, and the pool with its feed', async () => {
      expect(await ofRisk('pricesOf', 0)).toMatchObject({ index: 0n, status: 0 })
      const { mark, index, status } = (await ofRisk('pricesOf', 1)) as {
        mark: bigint
        index: bigint
        status: number
      }
      // Within the band of 2 % the mark is the pool's price, to the width of a tick of 0.01 %.
      expect({ index, status }).toEqual({ index: 2_020n * WAD, status: 1 })
      expect(Math.abs(Number(mark) / 2e21 - 1)).toBeLessThan(1e-4)
    })

    test('trackers know who admits orders', async () => {
      const abi = artifacts.PositionTracker.abi
      for (const { tracker } of deployment.markets)
        expect(String(await read(tracker, abi, 'ADMISSION', [])).toLowerCase()).toBe(
          deployment.admission ?? deployment.house,
        )
      expect(deployment.admission === undefined).toBe(mode === 'direct')
    })

    test('the lens of a house that nets shows its markets; the baseline has none', async () => {
      if (mode === 'direct') return expect(deployment.lens).toBeUndefined()
      const abi = artifacts.PerpLens.abi
      const shown = await read(deployment.lens, abi, 'marketOf', [1])
      expect(shown).toMatchObject({ longs: 0n, queuedOrders: 0n, prices: { index: 2_020n * WAD } })
    })

    test('a snapshot has fees, funding and the insurance fund', async () => {
      const { markets, insurance } = await readSnapshot(rpc, { deployment, traders: [] })
      const nothing = {
        protocolFees: 0n,
        insuranceFees: 0n,
        fundingCollected: 0n,
        longs: 0n,
        shorts: 0n,
      }
      expect(markets.map(({ risk }) => risk)).toEqual([
        { ...nothing, protocolShareBps: 0 },
        { ...nothing, protocolShareBps: 3_000 },
      ])
      expect(insurance).toEqual({ fund: 0n, uncovered: 0n, badDebt: 0n, paidIn: 0n })
    })
  },
)
