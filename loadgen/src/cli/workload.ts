import { POOL_FEE } from '../chain/uniswap.js'
import { UsageError } from '../core/errors.js'
import { feedFault, type MarketRiskTerms } from '../core/marketRisk.js'
import { riskFault } from '../core/riskBounds.js'
import type { Plan } from '../core/types.js'
import type { MarketSetup } from '../run/setup.js'
import { readTrades } from '../scenario/csv.js'
import { openMix } from '../scenario/plan.js'
import { openReplay } from '../scenario/replay.js'
import { openSandwich } from '../scenario/sandwich.js'
import type {
  MixScenario,
  RiskAmount,
  SandwichScenario,
  SpotScenario,
} from '../scenario/scenario.js'
import { type PlanSource, toPlan } from '../scenario/source.js'
import { openSpot } from '../scenario/spot.js'
import type { MarketOptions, WorkloadOptions } from './options.js'
import { decimal } from './parse.js'
import { toBounds, toMix } from './scenario.js'

/** What is sent, and the markets that it needs. */
export type Workload = {
  source: PlanSource
  markets: MarketSetup
}

type Options = WorkloadOptions & MarketOptions

/**
 * The workload that the options describe, its intents made one by one. A replay starts its pool at the price of its first trade.
 * @throws UsageError for options that do not go together, for parameters of markets that their registry would not take, and for a
 *   malformed file.
 */
export async function openWorkload(options: Options): Promise<Workload> {
  const { source, price } = await openSource(options)
  const risk = riskOf(options, price)
  const market = { price, quoteDepth: options.depth, ...(risk !== undefined && { risk }) }
  return {
    source,
    markets: {
      markets: Array.from({ length: source.head.markets }, () => market),
      maxPriceMoveBps: options.maxPriceMove,
      threads: options.threads,
      chunk: options.chunk,
    },
  }
}

/** {@link openWorkload} with all intents in memory. */
export async function readWorkload(
  options: Options,
): Promise<{ plan: Plan; markets: MarketSetup }> {
  const { source, markets } = await openWorkload(options)
  return { plan: toPlan(source), markets }
}

async function openSource(options: Options): Promise<{ source: PlanSource; price: bigint }> {
  const { scenario, replay, price } = options
  if (scenario?.kind === 'replay' || replay !== undefined) return openTrades(options)
  if (scenario?.kind === 'sandwich') return { source: sandwichOf(scenario, options), price }
  if (scenario?.kind === 'spot') return { source: spotOf(scenario, options), price }
  return { source: mixOf(scenario, options), price }
}

function mixOf(scenario: MixScenario | undefined, options: Options): PlanSource {
  const { name = 'mix', zipf, bursts, whale, leverage, prices, phases } = scenario ?? {}
  return openMix({
    scenario: name,
    seed: options.seed,
    traders: options.traders,
    orders: options.orders,
    markets: options.markets,
    perBatch: perBatchOf(options),
    mix: options.mix,
    longShare: options.longShare,
    sizes: options.sizes,
    prices: new Array<bigint>(options.markets).fill(options.price),
    collateral: options.collateral,
    zipf,
    bursts,
    whale: whale && { everyBatches: whale.everyBlocks, sizes: toBounds(whale.sizes) },
    leverage,
    priceCourse: prices && {
      blockSeconds: prices.blockSeconds,
      path: prices.path.map(({ fromBlock, blocks, to }) => ({
        ...{ fromBatch: fromBlock, batches: blocks, to },
      })),
      arbitrage: prices.pools !== 'left-alone',
    },
    phases: phases?.map(({ share, blocks, mix, sizes, ...rest }) => ({
      ...rest,
      share,
      batches: blocks,
      ...(mix && { mix: toMix(mix) }),
      ...(sizes && { sizes: toBounds(sizes) }),
    })),
  })
}

const FEED_DECIMALS = 8
/** What a market with a feed must have besides the defaults; the feed is believed as long as a registry allows. */
const WITH_FEED = { maxDeviationBps: 2_000, feedMaxAge: 172_800 }
/** The band of one, unless a batch may not move the pool so far. */
const BAND_BPS = 500
const AMOUNTS: readonly RiskAmount[] = ['minOrderSize', 'maxOpenInterest', 'maxSkew']

/** Risk parameters of a scenario's markets, and their feed, which begins at the initial price; undefined for the defaults. */
function riskOf({ scenario, maxPriceMove }: Options, price: bigint): MarketRiskTerms | undefined {
  if (scenario?.kind !== 'mix') return undefined
  const { risk, prices } = scenario
  if (risk === undefined && prices === undefined) return undefined
  const { minOrderSize: _, maxOpenInterest: __, maxSkew: ___, ...bounds } = risk ?? {}
  const amounts = AMOUNTS.flatMap((name) => {
    const amount = risk?.[name]
    return amount === undefined ? [] : [[name, decimal(18)(amount)] as const]
  })
  const terms: MarketRiskTerms = {
    ...(prices && { ...WITH_FEED, priceBandBps: Math.min(BAND_BPS, maxPriceMove) }),
    ...bounds,
    ...Object.fromEntries(amounts),
    ...(prices && { feed: { price, decimals: prices.feedDecimals ?? FEED_DECIMALS } }),
  }
  const fault = riskFault(terms, { maxPriceMoveBps: maxPriceMove })
  if (fault !== undefined) throw new UsageError(`The scenario "${scenario.name}": risk.${fault}.`)
  checkFeed(terms.feed, scenario)
  return terms
}

/** A feed has to say the lowest price of its course too. */
function checkFeed(feed: MarketRiskTerms['feed'], { name, prices }: MixScenario): void {
  if (feed === undefined || prices === undefined) return
  const lowest = Math.min(1, ...prices.path.map(({ to }) => to))
  const price = (feed.price * BigInt(Math.round(lowest * 1e9))) / 10n ** 9n
  const fault = feedFault({ ...feed, price })
  if (fault !== undefined) throw new UsageError(`The scenario "${name}": ${fault}.`)
}

function sandwichOf(scenario: SandwichScenario, options: Options): PlanSource {
  return openSandwich({
    scenario: scenario.name,
    seed: options.seed,
    traders: options.traders,
    orders: options.orders,
    perBatch: perBatchOf(options),
    side: scenario.side,
    toleranceBps: scenario.toleranceBps,
    sizes: options.sizes,
    price: options.price,
    depth: options.depth,
    poolFee: POOL_FEE,
    maxPriceMoveBps: options.maxPriceMove,
    collateral: options.collateral,
  })
}

function spotOf(scenario: SpotScenario, options: Options): PlanSource {
  return openSpot({
    scenario: scenario.name,
    seed: options.seed,
    traders: options.traders,
    orders: options.orders,
    markets: options.markets,
    perBatch: perBatchOf(options),
    longShare: options.longShare,
    sizes: options.sizes,
    price: options.price,
    toleranceBps: scenario.toleranceBps,
  })
}

async function openTrades(options: Options): Promise<{ source: PlanSource; price: bigint }> {
  const { scenario, replay, limit } = options
  if (replay === undefined)
    throw new UsageError(
      `The scenario "${scenario?.name}" names no file of trades; give one with --replay.`,
    )
  const trades = await readTrades(replay, { limit })
  const { source, initialPrice } = openReplay({
    scenario: scenario?.name ?? 'replay',
    trades,
    seed: options.seed,
    traders: Math.min(options.traders, trades.length),
    intervalMs: options.batchInterval,
  })
  return { source, price: initialPrice }
}

function perBatchOf({ perBlock, orders, traders }: Options): number {
  return perBlock ?? Math.min(orders, Math.ceil(traders / 2))
}
