import { abs, divide, percentile, significant, sum } from './numbers.js'
import { type Fill, slippageBpsOf } from './prices.js'
import type { SlippageBin } from './series.js'

/** Bins of equal width; one more is open. */
const BINS = 59
/** Where the open bin begins: a few orders far out must not squeeze all others into one bin. */
const LAST_PERCENTILE = 99.5
const USD = 10n ** 36n

/** How many orders paid how much slippage. Empty without a fill; one open bin when all paid the same. */
export function slippageSeries(fills: readonly Fill[]): SlippageBin[] {
  const paid = fills.flatMap(({ order, mid }) => {
    const bps = slippageBpsOf(order, mid)
    return bps === null ? [] : [{ bps, volume: abs(order.baseDelta) * mid }]
  })
  const values = paid.map(({ bps }) => bps)
  const [low, high] = [percentile(values, 0), percentile(values, LAST_PERCENTILE)]
  if (low === null || high === null) return []
  const count = high > low ? BINS : 0
  const edges = Array.from({ length: count + 1 }, (_, i) =>
    i === count ? high : low + ((high - low) * i) / count,
  )
  const bins = edges.map((): typeof paid => [])
  for (const fill of paid) bins[binOf(fill.bps, edges)]?.push(fill)
  return bins.map((ofBin, i) => ({
    from: edges[i] as number,
    to: edges[i + 1] ?? null,
    orders: ofBin.length,
    volume: significant(
      divide(
        sum(ofBin, ({ volume }) => volume),
        USD,
      ) ?? 0,
    ),
  }))
}

/** The last bin that does not begin above the value. */
function binOf(value: number, edges: readonly number[]): number {
  let [from, to] = [0, edges.length]
  while (to - from > 1) {
    const middle = (from + to) >> 1
    if ((edges[middle] as number) <= value) from = middle
    else to = middle
  }
  return from
}
