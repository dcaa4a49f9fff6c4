/**
 * JSON of plain data, two spaces, a new line at the end. `schemaVersion` comes first and all other keys are sorted, so that
 * the same data gives the same bytes however it was built, and two reports can be compared line by line.
 */
export function formatJson(value: unknown): string {
  return `${JSON.stringify(sorted(value), undefined, 2)}\n`
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const rank = (key: string) => (key === 'schemaVersion' ? 0 : 1)
  const entries = Object.entries(value).sort(
    ([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0),
  )
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

/** One line of JSON in which a bigint n is `{"$n":"n"}`: no string can be mistaken for one. */
export function encodeLine(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'bigint' ? { $n: String(item) } : item,
  )
}

/** What {@link encodeLine} encoded. @throws SyntaxError for what is no such line. */
export function decodeLine(line: string): unknown {
  return JSON.parse(line, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || !('$n' in item)) return item
    if (typeof item.$n !== 'string' || !/^-?\d+$/.test(item.$n))
      throw new SyntaxError(`${String(item.$n)} is no integer`)
    return BigInt(item.$n)
  })
}
