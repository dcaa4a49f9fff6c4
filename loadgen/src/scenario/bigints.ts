export function abs(value: bigint): bigint {
  return value < 0n ? -value : value
}

export function min(a: bigint, b: bigint): bigint {
  if (a < b) return a
  return b
}

export function max(a: bigint, b: bigint): bigint {
  if (a > b) return a
  return b
}
