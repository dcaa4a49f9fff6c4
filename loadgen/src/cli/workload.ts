import type { Plan } from '../core/types.js'
import type { MarketSetup } from '../run/setup.js'
import { readTrades } from '../scenario/csv.js'
import { createPlan } from '../scenario/plan.js'
import { createReplayPlan } from '../scenario/replay.js'
import type { MarketOptions, WorkloadOptions } from './options.js'

/**
 * The plan that the options describe, and the markets it needs. A replay starts its pool at the price of its first trade.
 * @throws UsageError for options that do not go together, and for a malformed file.
 */
export async function readWorkload(
  options: WorkloadOptions & MarketOptions,
): Promise<{ plan: Plan; markets: MarketSetup }> {
  const { replay, seed, traders } = options
  const { plan, price } =
    replay === undefined
      ? {
          plan: createPlan({
            scenario: 'mix',
            seed,
            traders,
            orders: options.orders,
            markets: options.markets,
            perBatch: options.perBlock ?? Math.min(options.orders, Math.ceil(traders / 2)),
            mix: options.mix,
            longShare: options.longShare,
            sizes: options.sizes,
            prices: new Array<bigint>(options.markets).fill(options.price),
            collateral: options.collateral,
          }),
          price: options.price,
        }
      : await replayOf(replay, options)
  return {
    plan,
    markets: {
      markets: new Array<{ price: bigint; quoteDepth: bigint }>(plan.markets).fill({
        price,
        quoteDepth: options.depth,
      }),
      maxPriceMoveBps: options.maxPriceMove,
      threads: options.threads,
      chunk: options.chunk,
    },
  }
}

async function replayOf(
  path: string,
  options: WorkloadOptions,
): Promise<{ plan: Plan; price: bigint }> {
  const trades = await readTrades(path, { limit: options.limit })
  const { plan, initialPrice } = createReplayPlan({
    trades,
    seed: options.seed,
    traders: Math.min(options.traders, trades.length),
    intervalMs: options.batchInterval,
  })
  return { plan, price: initialPrice }
}
