export function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

export function min(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

export function sum<T>(items: Iterable<T>, value: (item: T) => bigint): bigint {
  let total = 0n
  for (const item of items) total += value(item)
  return total
}

/** Digits after the point that {@link divide} computes exactly. */
const PRECISION = 10n ** 15n

/** numerator ÷ denominator as a number, cut after 15 decimals; null when the denominator is 0. */
export function divide(numerator: bigint, denominator: bigint): number | null {
  if (denominator === 0n) return null
  return Number((numerator * PRECISION) / denominator) / Number(PRECISION)
}

/** a ÷ b; null when either is undefined or b is 0. */
export function ratio(a: number | null | undefined, b: number | null | undefined): number | null {
  return a == null || b == null || b === 0 ? null : a / b
}

/** The smallest value that at least `percent` % of the values do not exceed (nearest rank); null for no values. */
export function percentile(values: readonly number[], percent: number): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)] ?? null
}

/** Items by a key, each group in the order of the items. */
export function groupBy<T, K>(items: Iterable<T>, key: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

/** How often each key occurs, the keys sorted. */
export function countBy<T>(items: Iterable<T>, key: (item: T) => string): Record<string, number> {
  const groups = [...groupBy(items, key)].sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(groups.map(([name, group]) => [name, group.length]))
}

/** Rounded to so many significant digits. */
export function significant(value: number, digits = 9): number {
  return Number(value.toPrecision(digits))
}

/** The items in order, in as few groups of equal size as there may be at most; the last group may be smaller. */
export function inGroups<T>(items: readonly T[], most: number): T[][] {
  const size = Math.max(1, Math.ceil(items.length / most))
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}
