import type { Abi } from 'viem'
import type {
  ChainSnapshot,
  Hex,
  InsuranceSnapshot,
  MarketRiskSnapshot,
  PerpDeployment,
} from '../core/types.js'
import { artifacts } from './abi.generated.js'
import type { Read, ReadAll } from './reads.js'

const VIEWS_OF_A_MARKET = 4

/** Reads what each market took in fees and funding, and the insurance fund. Nothing where the deployment has no risk registry. */
export async function readRisk(
  read: ReadAll,
  deployment: PerpDeployment,
): Promise<{ markets: MarketRiskSnapshot[]; insurance: InsuranceSnapshot } | undefined> {
  const { risk, house, vault, netting = house } = deployment
  if (risk === undefined) return undefined
  // The baseline keeps its fees itself, under the same function.
  const fees = artifacts.PerpNetting.abi as Abi
  const answers = await read(
    deployment.markets.flatMap(({ tracker }, id): Read[] => [
      { to: netting, abi: fees, functionName: 'accountOf', args: [id] },
      { to: risk, abi: artifacts.RiskRegistry.abi as Abi, functionName: 'riskOf', args: [id] },
      trackerView(tracker, 'fundingCollected'),
      trackerView(tracker, 'openInterest'),
    ]),
  )
  const markets = deployment.markets.map((_, id): MarketRiskSnapshot => {
    const from = id * VIEWS_OF_A_MARKET
    const [account, terms, fundingCollected, sides] = answers.slice(from, from + VIEWS_OF_A_MARKET)
    const [protocolFees, insuranceFees] = account as readonly [bigint, bigint]
    const [longs, shorts] = sides as readonly [bigint, bigint]
    const { protocolShareBps } = terms as Pick<MarketRiskSnapshot, 'protocolShareBps'>
    return {
      ...{ protocolFees, insuranceFees, protocolShareBps },
      ...{ fundingCollected: fundingCollected as bigint, longs, shorts },
    }
  })
  const ofHouse = { to: house, abi: artifacts.PerpClearingHouse.abi as Abi, args: [] }
  const ofVault = { to: vault, abi: artifacts.CollateralVault.abi as Abi, args: [] }
  const [fund, uncovered, badDebt, paidIn] = (await read([
    { ...ofHouse, functionName: 'insuranceFund' },
    { ...ofHouse, functionName: 'uncoveredBadDebt' },
    { ...ofVault, functionName: 'totalBadDebt' },
    { ...ofVault, functionName: 'paidIn' },
  ])) as [bigint, bigint, bigint, bigint]
  return { markets, insurance: { fund, uncovered, badDebt, paidIn } }
}

/** A snapshot's markets with what was read of their risk. */
export function withRisk(
  markets: ChainSnapshot['markets'],
  risk: readonly MarketRiskSnapshot[] | undefined,
): ChainSnapshot['markets'] {
  if (risk === undefined) return markets
  return markets.map((market, id) => ({ ...market, risk: risk[id] }))
}

function trackerView(tracker: Hex, functionName: string): Read {
  return { to: tracker, abi: artifacts.PositionTracker.abi as Abi, functionName, args: [] }
}
