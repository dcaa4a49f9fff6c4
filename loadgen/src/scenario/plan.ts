import { UsageError } from '../core/errors.js'
import type { PriceCourse } from '../core/priceCourse.js'
import { createRng } from '../core/rng.js'
import type { Intent, Plan } from '../core/types.js'
import { createAccountBook, SETTLED_AFTER } from './accountBook.js'
import { createDesk, type Draft } from './desk.js'
import { checkAmount, checkInteger, checkNumber, checkSizes, MAX_AMOUNT } from './options.js'
import { type Phase, type PhaseOptions, type Terms, toPhases } from './phases.js'
import type { Bounds } from './sizes.js'
import { type PlanSource, toPlan } from './source.js'

const MAX_ORDERS = 10_000_000
/** The trader that is the whale, where there is one. */
const WHALE = 0

/**
 * Plans a seeded mix of opens, closes, deposits and withdrawals. The same options give the same plan, byte for byte.
 *
 * In a healthy run nothing of it is rejected: a close reduces a position that was opened at least two batches before and is
 * still open; an open stays within what the account carries; a withdrawal takes what the account can spare; an account has
 * at most one order a batch, or with Zipf's law over traders several opens or one close (accountBook.ts has the margins of
 * safety).
 * @throws UsageError for an option out of its range; its intents, when the options cannot be met together.
 */
export function openMix(options: openMix.Options): PlanSource {
  const { scenario, seed, traders, markets, collateral } = options
  const mostPerBatch =
    options.zipf?.traders === undefined ? traders - reservedOf(options).length : MAX_ORDERS
  check(options, mostPerBatch)
  const phases = toPhases({ ...options, mostPerBatch })
  const batches = phases.reduce((sum, phase) => sum + phase.batches.length, 0)
  return {
    head: {
      ...{ scenario, seed, traders, markets, batches, collateral },
      ...(options.priceCourse !== undefined && { priceCourse: options.priceCourse }),
    },
    intents: () => drawIntents(options, phases),
  }
}

export declare namespace openMix {
  type Options = Terms & {
    scenario: string
    seed: string
    /** Accounts, 1 to 1,000,000. */
    traders: number
    /** Opens and closes together, 1 to 10,000,000. Deposits and withdrawals come on top, by their shares. */
    orders: number
    /** Markets, 1 to 1,000. */
    markets: number
    /** Opens and closes of one batch, 1 to `traders` (without the whale): an account has at most one a batch. */
    perBatch: number
    /** Initial mark price by market, WAD, > 0. */
    prices: readonly bigint[]
    /** What each account deposits before the measured part, token units. */
    collateral: bigint
    /** Decimals of the collateral token, 0 to 18. Default 6. */
    collateralDecimals?: number | undefined
    /**
     * Exponents of Zipf's law, 0 to 10, by which opens spread over markets and over traders, the first the busiest. Default:
     * evenly. Over traders it lifts the bound of `perBatch`.
     */
    zipf?: { markets?: number | undefined; traders?: number | undefined } | undefined
    /** Trader 0 opens one order of these sizes in every so many batches and does nothing else but deposit and withdraw. */
    whale?: { everyBatches: number; sizes: Bounds } | undefined
    /** Exposure that an account may plan, as a multiple of its collateral: 0.1 to 20. Default 2. */
    leverage?: number | undefined
    /** How the price feeds go. Default: they stand, or there are none. */
    priceCourse?: PriceCourse | undefined
    /** Parts of the plan that differ in their terms, in order. */
    phases?: readonly PhaseOptions[] | undefined
  }
}

/** {@link openMix} with its intents in a list. */
export function createPlan(options: openMix.Options): Plan {
  return toPlan(openMix(options))
}

function* drawIntents(options: openMix.Options, phases: readonly Phase[]): Generator<Intent> {
  const { traders, markets, prices, collateral, whale } = options
  const rng = createRng(options.seed, 'plan')
  const unit = 10n ** BigInt(18 - (options.collateralDecimals ?? 6))
  const { leverage } = options
  const book = createAccountBook({
    ...{ traders, markets, prices, leverage, collateral: collateral * unit },
  })
  const reserved = reservedOf(options)
  const { zipf } = options
  const desk = createDesk({ book, rng, traders, markets, collateral, unit, zipf, reserved })
  let [batch, index] = [0, 0]

  for (const phase of phases) {
    const totals = count(phase)
    const done = { orders: 0, closes: 0, whales: 0, longs: 0, deposits: 0, withdrawals: 0 }
    for (const inBatch of phase.batches) {
      book.startBatch(batch)
      // What the first batches cannot close yet spreads over the rest.
      const left = phase.orders - done.orders
      const wanted = Math.ceil(((totals.closes - done.closes) * inBatch) / left)
      const closes = desk.closes(Math.min(wanted, inBatch))
      done.orders += inBatch
      done.closes += closes.length

      const whales: Draft[] = []
      const isWhales = whale !== undefined && batch % whale.everyBatches === 0
      if (isWhales && closes.length < inBatch) whales.push(desk.openFor(WHALE, whale.sizes))
      done.whales += whales.length

      const opened = done.orders - done.closes - done.whales
      const longs = Math.round(opened * phase.longShare) - done.longs
      const amount = inBatch - closes.length - whales.length
      const opens = desk.opens({ amount, longs, sizes: phase.sizes })
      done.longs += longs

      const due = (total: number) => Math.floor((total * done.orders) / phase.orders)
      const deposits = due(totals.deposits) - done.deposits
      const withdrawals = due(totals.withdrawals) - done.withdrawals
      const transfers = [...desk.deposits(deposits), ...desk.withdrawals(withdrawals)]
      done.deposits += deposits
      done.withdrawals += withdrawals

      for (const draft of rng.shuffle<Draft>([...closes, ...whales, ...opens, ...transfers]))
        yield { index: index++, batch, ...draft, limitPrice: 0n }
      batch++
    }
    if (done.closes < totals.closes)
      throw new UsageError(
        `${phase.path}mix.close asks for ${totals.closes} closes, but only ${done.closes} find a position opened ${SETTLED_AFTER} ` +
          `batches before; take more batches (orders ÷ perBatch, now ${phase.batches.length}) or a smaller share of closes.`,
      )
  }
}

/** Traders that the desk leaves alone. */
function reservedOf({ whale }: openMix.Options): number[] {
  return whale === undefined ? [] : [WHALE]
}

function check(options: openMix.Options, mostPerBatch: number): void {
  const { traders, markets, prices, zipf = {}, whale } = options
  checkInteger('traders', traders, 1, 1_000_000)
  checkInteger('orders', options.orders, 1, MAX_ORDERS)
  checkInteger('markets', markets, 1, 1_000)
  const bound = zipf.traders === undefined ? ' (at most one order a trader and batch)' : ''
  checkInteger(`perBatch${bound}`, options.perBatch, 1, mostPerBatch)
  checkInteger('collateralDecimals', options.collateralDecimals ?? 6, 0, 18)
  checkAmount('collateral (token units)', options.collateral, 1n, MAX_AMOUNT)
  if (prices.length !== markets)
    throw new UsageError(`prices must name ${markets} markets; it names ${prices.length}.`)
  prices.forEach((price, i) => {
    checkAmount(`prices[${i}] (WAD)`, price, 1n, MAX_AMOUNT)
  })
  for (const [name, exponent = 0] of Object.entries(zipf))
    checkNumber(`zipf.${name}`, exponent, 0, 10)
  checkNumber('leverage', options.leverage ?? 2, 0.1, 20)
  checkPath(options.priceCourse?.path ?? [])
  if (whale === undefined) return
  checkInteger('whale.everyBatches', whale.everyBatches, 1, 1_000_000)
  checkSizes('whale.sizes', whale.sizes)
}

/** Moves come one after the other. */
function checkPath(path: PriceCourse['path']): void {
  let end = 0
  for (const [i, { fromBatch, batches, to }] of path.entries()) {
    checkInteger(`prices.path[${i}].fromBatch`, fromBatch, end, 1_000_000)
    checkInteger(`prices.path[${i}].batches`, batches, 1, 1_000_000)
    checkNumber(`prices.path[${i}].to`, to, 0.01, 100)
    end = fromBatch + batches
  }
}

/** How often each action occurs. Opens are the orders that are no closes. */
function count({ orders, mix }: Phase): Record<'closes' | 'deposits' | 'withdrawals', number> {
  const share = (weight: number) => Math.round((orders * weight) / (mix.open + mix.close))
  return {
    closes: share(mix.close),
    deposits: share(mix.deposit),
    withdrawals: share(mix.withdraw),
  }
}
