import { UsageError } from '../core/errors.js'
import { createRng } from '../core/rng.js'
import type { Action, Intent, Plan } from '../core/types.js'
import { createAccountBook, SETTLED_AFTER } from './accountBook.js'
import { createDesk, type Draft } from './desk.js'
import { checkAmount, checkInteger, checkNumber, MAX_AMOUNT, MAX_ORDER_SIZE } from './options.js'

/**
 * Plans a seeded mix of opens, closes, deposits and withdrawals. The same options give the same plan, byte for byte.
 *
 * In a healthy run nothing of it is rejected: a close reduces a position that was opened at least two batches before and is
 * still open; an open stays within what the account carries; a withdrawal takes what the account can spare; an account has
 * at most one order a batch (accountBook.ts has the margins of safety).
 * @throws UsageError for an option out of its range, and when the options cannot be met together.
 */
export function createPlan(options: createPlan.Options): Plan {
  const { scenario, seed, traders, orders, markets, perBatch, prices, collateral } = options
  const decimals = options.collateralDecimals ?? 6
  check(options, decimals)

  const rng = createRng(seed, 'plan')
  const unit = 10n ** BigInt(18 - decimals)
  const book = createAccountBook({ traders, markets, prices, collateral: collateral * unit })
  const desk = createDesk({ book, rng, traders, markets, collateral, unit, sizes: options.sizes })
  const totals = count(options)
  const batches = Math.ceil(orders / perBatch)
  const intents: Intent[] = []
  const done = { orders: 0, closes: 0, longs: 0, deposits: 0, withdrawals: 0 }

  for (let batch = 0; batch < batches; batch++) {
    book.startBatch(batch)
    const inBatch = Math.min(perBatch, orders - done.orders)
    // What the first batches cannot close yet spreads over the rest.
    const wanted = Math.ceil(((totals.closes - done.closes) * inBatch) / (orders - done.orders))
    const closes = desk.closes(Math.min(wanted, inBatch))
    done.orders += inBatch
    done.closes += closes.length

    const longs = Math.round((done.orders - done.closes) * options.longShare) - done.longs
    const opens = desk.opens(inBatch - closes.length, longs)
    done.longs += longs

    const deposits = Math.floor((totals.deposits * done.orders) / orders) - done.deposits
    const withdrawals = Math.floor((totals.withdrawals * done.orders) / orders) - done.withdrawals
    const transfers = [...desk.deposits(deposits), ...desk.withdrawals(withdrawals)]
    done.deposits += deposits
    done.withdrawals += withdrawals

    for (const draft of rng.shuffle<Draft>([...closes, ...opens, ...transfers]))
      intents.push({ index: intents.length, batch, ...draft, limitPrice: 0n })
  }
  if (done.closes < totals.closes)
    throw new UsageError(
      `mix.close asks for ${totals.closes} closes, but only ${done.closes} find a position opened ${SETTLED_AFTER} ` +
        `batches before; take more batches (orders ÷ perBatch, now ${batches}) or a smaller share of closes.`,
    )
  return { scenario, seed, traders, markets, batches, collateral, intents }
}

export declare namespace createPlan {
  type Options = {
    scenario: 'mix'
    seed: string
    /** Accounts, 1 to 1,000,000. */
    traders: number
    /** Opens and closes together, 1 to 10,000,000. Deposits and withdrawals come on top, by their shares. */
    orders: number
    /** Markets, 1 to 1,000. Opens spread over them evenly. */
    markets: number
    /** Opens and closes of one batch, 1 to `traders`: an account has at most one a batch. */
    perBatch: number
    /** Weights of the actions, each ≥ 0; only their proportions count. close ≤ open, and open > 0. */
    mix: Readonly<Record<Action, number>>
    /** Share of longs among the opens, 0 to 1. */
    longShare: number
    /** Base amount of an open, WAD, drawn log-uniformly, six significant digits. 0 < min ≤ max ≤ 2^96 − 1. */
    sizes: { min: bigint; max: bigint }
    /** Initial mark price by market, WAD, > 0. */
    prices: readonly bigint[]
    /** What each account deposits before the measured part, token units. */
    collateral: bigint
    /** Decimals of the collateral token, 0 to 18. Default 6. */
    collateralDecimals?: number | undefined
  }
}

/**
 * What each account deposits during the measured part, in token units by trader: it must hold that much besides
 * `plan.collateral`.
 */
export function depositTotals(plan: Plan): bigint[] {
  const totals = new Array<bigint>(plan.traders).fill(0n)
  for (const { action, trader, size } of plan.intents)
    if (action === 'deposit') totals[trader] = (totals[trader] as bigint) + size
  return totals
}

function check(options: createPlan.Options, decimals: number): void {
  const { traders, markets, mix, sizes, prices } = options
  checkInteger('traders', traders, 1, 1_000_000)
  checkInteger('orders', options.orders, 1, 10_000_000)
  checkInteger('markets', markets, 1, 1_000)
  checkInteger('perBatch (at most one order a trader and batch)', options.perBatch, 1, traders)
  for (const [action, weight] of Object.entries(mix))
    checkNumber(`mix.${action}`, weight, 0, 1_000_000)
  if (mix.open === 0 || mix.close > mix.open)
    throw new UsageError(
      `mix.open must be above 0 and at least mix.close, for only what was opened can be closed; ` +
        `they are ${mix.open} and ${mix.close}.`,
    )
  checkNumber('longShare', options.longShare, 0, 1)
  checkInteger('collateralDecimals', decimals, 0, 18)
  checkAmount('sizes.max (WAD)', sizes.max, 1n, MAX_ORDER_SIZE)
  checkAmount('sizes.min (WAD, at most sizes.max)', sizes.min, 1n, sizes.max)
  checkAmount('collateral (token units)', options.collateral, 1n, MAX_AMOUNT)
  if (prices.length !== markets)
    throw new UsageError(`prices must name ${markets} markets; it names ${prices.length}.`)
  prices.forEach((price, i) => {
    checkAmount(`prices[${i}] (WAD)`, price, 1n, MAX_AMOUNT)
  })
}

/** How often each action occurs. Opens are the orders that are no closes. */
function count({
  orders,
  mix,
}: createPlan.Options): Record<'closes' | 'deposits' | 'withdrawals', number> {
  const share = (weight: number) => Math.round((orders * weight) / (mix.open + mix.close))
  return {
    closes: share(mix.close),
    deposits: share(mix.deposit),
    withdrawals: share(mix.withdraw),
  }
}
