import { accountFromKey, type DerivedAccount, deriveAccounts } from '../accounts/derive.js'
import { getNonces } from '../accounts/nonces.js'
import { signTransaction } from '../accounts/sign.js'
import { type Call, encodeAnswer } from '../chain/encode.js'
import { resultOf } from '../chain/receipts.js'
import { LoadgenError } from '../core/errors.js'
import { DEFAULT_RISK, toFeedAnswer } from '../core/marketRisk.js'
import { type MarketObservation, type PriceCourse, priceShare } from '../core/priceCourse.js'
import type { Hex, Mode, PerpDeployment, Plan } from '../core/types.js'
import type { MarketTerms } from '../report/planFiles.js'
import type { Setup } from '../report/runFiles.js'
import { gasLimits } from './gas.js'
import { marketCalls } from './marketOrders.js'
import { type MarketView, readNewest, viewMarket } from './marketView.js'
import type { Node } from './node.js'

/**
 * What goes on beside a workload whose prices have a course: the feeds' owner says new prices, an arbitrageur trades the pools to
 * them, and keepers liquidate who is below the maintenance margin. It acts between the blocks that the run makes.
 */
export type Market = {
  /**
   * Looks at the newest block, and sends what belongs beside a batch. When netting all of it goes into the batch's own block;
   * else the feeds have a block of their own before, since orders that are checked at once read them.
   */
  before(batch: number): Promise<void>
  /** After the last batch: liquidates until nobody is below, for a few blocks at most. @param seal settles what was sent. */
  finish(seal: () => Promise<void>): Promise<void>
  /** What was seen, ascending. */
  observed(): readonly MarketObservation[]
  /** Hashes of all that was sent. */
  hashes(): readonly Hex[]
}

/** Accounts that liquidate, at most: one for each liquidation of a block where that goes, so that none waits for another's nonce. */
const MAX_KEEPERS = 100
/** Blocks in which it liquidates after the plan, at most. */
const MAX_ROUNDS = 10
/** Digits of a share of the initial price that count. */
const SHARE_UNIT = 1_000_000_000n

/** Indices of the accounts behind a plan's traders, of the same seed. */
export function marketAccounts({ traders }: Pick<Plan, 'traders'>): {
  arbitrageur: number
  keepers: readonly number[]
} {
  const keepers = Math.min(MAX_KEEPERS, Math.ceil(traders / 10))
  return {
    arbitrageur: traders,
    keepers: Array.from({ length: keepers }, (_, i) => traders + 1 + i),
  }
}

export function createMarket(node: Node, options: createMarket.Options): Market {
  const { course, mode, setup, markets } = options
  const maxPriceMoveBps = BigInt(options.maxPriceMoveBps)
  const { rpc, chainId, gasPrice } = node
  const deployment = requireFeeds(setup.deployment)
  const { house } = deployment
  const limits = gasLimits(node.isEmulated)
  const orderGas = mode === 'netting' ? limits.changePosition : limits.swapped
  const owner = accountFromKey(node.privateKey)
  const [arbitrageur, ...keepers] = ownAccounts(options)
  const traders = setup.traders.slice(0, options.traders + 1)
  const risks = markets.map(({ risk }) => ({ ...DEFAULT_RISK, ...risk }))
  const observed: MarketObservation[] = []
  const hashes: Hex[] = []
  /** The batch whose prices the feeds say. */
  let priced = -1

  /** Prices beside a batch by market, WAD. */
  function targets(batch: number): bigint[] {
    const share = BigInt(Math.round(priceShare(course.path, batch) * Number(SHARE_UNIT)))
    return markets.map(({ price }) => (price * share) / SHARE_UNIT)
  }

  function answers(batch: number): Outgoing[] {
    return targets(batch).map((price, market) => {
      const feed = deployment.markets[market]?.feed as Hex
      const answer = toFeedAnswer(price, risks[market]?.feed?.decimals ?? 0)
      return { from: owner, call: encodeAnswer({ feed, answer }), gas: limits.transfer }
    })
  }

  function orders(view: MarketView, batch: number): Outgoing[] {
    const { trades, liquidations } = marketCalls(view, {
      ...{
        mode,
        house,
        risks,
        maxPriceMoveBps,
        targets: course.arbitrage ? targets(batch) : undefined,
      },
    })
    return [
      ...trades.map((call) => ({ from: arbitrageur, call, gas: orderGas })),
      ...liquidations.map((call, i) => {
        const from = keepers[i % keepers.length] as DerivedAccount
        return { from, call, gas: orderGas }
      }),
    ]
  }

  async function look(): Promise<MarketView> {
    const { blockSeconds } = course
    const view = await viewMarket(rpc, { deployment, traders, blockSeconds })
    const { block, below } = view
    observed.push({
      ...{ block, batch: priced, prices: view.prices },
      below: below.map(({ index }) => index),
    })
    return view
  }

  /** Sends calls, and says which time their block has. */
  async function send(calls: readonly Outgoing[]): Promise<void> {
    const { timestamp } = await readNewest(rpc)
    await rpc.call('evm_setNextBlockTimestamp', [timestamp + course.blockSeconds])
    const senders = [...new Set(calls.map(({ from }) => from.address))]
    const nonces = await getNonces(rpc, senders)
    const next = new Map(senders.map((sender, i) => [sender, nonces[i] as number]))
    const signed = calls.map(({ from, call, gas }) => {
      const nonce = next.get(from.address) as number
      next.set(from.address, nonce + 1)
      const { privateKey } = from
      return signTransaction({ ...call, nonce, gas, gasPrice, value: 0n }, { chainId, privateKey })
    })
    hashes.push(...signed.map(({ hash }) => hash))
    const method = 'eth_sendRawTransaction'
    const answers = await rpc.batch(signed.map(({ raw }) => ({ method, params: [raw] })))
    for (const answer of answers) resultOf(answer, method)
  }

  return {
    async before(batch) {
      if (mode === 'netting') {
        await send([...answers(batch), ...orders(await look(), batch)])
        priced = batch
        return
      }
      await send(answers(batch))
      await rpc.call('evm_mine')
      priced = batch
      await send(orders(await look(), batch))
    },
    async finish(seal) {
      let view = await look()
      for (let round = 0; view.below.length > 0 && round < MAX_ROUNDS; round++) {
        await send(orders(view, priced))
        await seal()
        view = await look()
      }
    },
    observed: () => observed,
    hashes: () => hashes,
  }
}

export declare namespace createMarket {
  type Options = {
    mode: Mode
    course: PriceCourse
    /** Traders of the plan. */
    traders: number
    setup: Pick<Setup, 'deployment' | 'accountSeed' | 'traders'>
    markets: MarketTerms['markets']
    maxPriceMoveBps: number
  }
}

type Outgoing = { from: DerivedAccount; call: Call; gas: bigint }

function ownAccounts({
  traders,
  setup,
}: createMarket.Options): [DerivedAccount, ...DerivedAccount[]] {
  const { arbitrageur, keepers } = marketAccounts({ traders })
  return deriveAccounts({
    ...{ seed: setup.accountSeed, offset: arbitrageur, count: 1 + keepers.length },
  }) as [DerivedAccount, ...DerivedAccount[]]
}

/** @throws LoadgenError for markets without a feed: the set-up of a plan whose prices have a course gives each one. */
function requireFeeds(deployment: Setup['deployment']): PerpDeployment & { risk: Hex } {
  if (deployment.product !== 'spot' && deployment.risk !== undefined) {
    const { risk } = deployment
    if (deployment.markets.every(({ feed }) => feed !== undefined)) return { ...deployment, risk }
  }
  throw new LoadgenError('Prices can have a course only where every market has a feed.')
}
