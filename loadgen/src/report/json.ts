/**
 * JSON of plain data, two spaces, a new line at the end. `schemaVersion` comes first and all other keys are sorted, so that
 * the same data gives the same bytes however it was built, and two reports can be compared line by line. A list of plain values
 * takes one line, and so does an item of a list that holds nothing but plain values: a point of a curve is a line.
 */
export function formatJson(value: unknown): string {
  return `${format(value, '')}\n`
}

function format(value: unknown, indent: string): string {
  if (isPlain(value)) return JSON.stringify(value)
  const inner = `${indent}  `
  const block = (open: string, lines: readonly string[], close: string) =>
    lines.length === 0
      ? open + close
      : `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${indent}${close}`
  if (Array.isArray(value)) {
    if (value.every(isPlain)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`
    return block(
      '[',
      value.map((item) => (isFlat(item) ? formatFlat(item) : format(item, inner))),
      ']',
    )
  }
  const entries = sortedEntries(value as object)
  const lines = entries.map(([key, item]) => `${JSON.stringify(key)}: ${format(item, inner)}`)
  return block('{', lines, '}')
}

function formatFlat(value: object): string {
  const entries = sortedEntries(value).map(
    ([key, item]) => `${JSON.stringify(key)}: ${JSON.stringify(item)}`,
  )
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`
}

/** Undefined fields are left out, as JSON does. */
function sortedEntries(value: object): [string, unknown][] {
  const rank = (key: string) => (key === 'schemaVersion' ? 0 : 1)
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0))
}

function isPlain(value: unknown): boolean {
  return typeof value !== 'object' || value === null
}

function isFlat(value: unknown): value is object {
  return !isPlain(value) && !Array.isArray(value) && Object.values(value as object).every(isPlain)
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
