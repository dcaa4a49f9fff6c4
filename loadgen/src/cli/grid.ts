import { UsageError } from '../core/errors.js'

/** An option that a sweep varies, and the values that it takes, as they would stand on a command line. */
export type Variable = { name: string; values: readonly string[] }

/** One point of a grid: a value for each variable, in their order. */
export type Point = Readonly<Record<string, string>>

/** Most points of a sweep: each is a run of its own. */
const MAX_POINTS = 1_000
/** Points of a range that names no number of them. */
const DEFAULT_POINTS = 5
/** Ratio of its ends from which on a range is spaced by a factor, not by a distance. */
const GEOMETRIC_FROM = 10
/** Options whose range is not one of whole numbers, even when its ends are whole. */
const FRACTIONAL: ReadonlySet<string> = new Set(['longShare', 'price', 'depth', 'collateral'])
/** Significant digits of values between the ends. */
const DIGITS = 6

const FORM =
  'it is an option and its values, like orders=100,1000, longShare=0.5..1:6 (that many points) or batchInterval=100..10000*10 (that factor)'

/**
 * Reads what one `--vary` says: `name=a,b,c`, `name=a..b`, `name=a..b:n` or `name=a..b*k`. The name is the option's in camel case or as
 * it stands on the command line without its dashes.
 *
 * A range holds both its ends. Spaced by a factor it has the values a, a·k, a·k², …; with a number of points, or with neither, they
 * are spaced by one factor where b is at least ten times a, which must be above 0, else by one distance; without a number they are
 * five. Between whole ends values are whole, and those that fall together count once.
 * @throws UsageError for what is none of these.
 */
export function parseVary(text: string): Variable {
  const at = text.indexOf('=')
  const name = camelCase(text.slice(0, Math.max(0, at)).trim())
  const values = text.slice(at + 1).trim()
  if (at === -1 || !/^[a-z][A-Za-z]*$/.test(name) || values === '')
    throw new UsageError(`"${text}" is nothing to vary: ${FORM}.`)
  return {
    name,
    values: values.includes('..') ? expandRange(name, values, text) : list(values, text),
  }
}

function list(values: string, text: string): string[] {
  const items = values.split(',').map((value) => value.trim())
  if (items.includes('')) throw new UsageError(`"${text}" has an empty value: ${FORM}.`)
  const twice = items.find((value, i) => items.indexOf(value) !== i)
  if (twice !== undefined) throw new UsageError(`"${text}" names the value ${twice} twice.`)
  return items
}

const NUMBER = String.raw`(\d+(?:\.\d+)?)`
const RANGE = new RegExp(String.raw`^${NUMBER}\.\.${NUMBER}(?:([:*])${NUMBER})?$`)

function expandRange(name: string, values: string, text: string): string[] {
  const match = RANGE.exec(values)
  if (match === null) throw new UsageError(`"${text}" has no range of numbers: ${FORM}.`)
  const [, low = '', high = '', sign, spacing = ''] = match
  const [a, b] = [Number(low), Number(high)]
  if (a > b) throw new UsageError(`"${text}" falls from ${low} to ${high}; a range rises.`)
  const isWhole = !FRACTIONAL.has(name) && Number.isInteger(a) && Number.isInteger(b)
  const between = (sign === '*' ? byFactor : byCount)({ a, b, spacing, text }).map((value) =>
    isWhole ? String(Math.round(value)) : String(Number(value.toPrecision(DIGITS))),
  )
  // The ends are not rounded.
  return [...new Set([String(a), ...between, String(b)])]
}

type Range = { a: number; b: number; spacing: string; text: string }

/** Values between the ends that each are k times the one before. */
function byFactor({ a, b, spacing, text }: Range): number[] {
  const factor = Number(spacing)
  if (factor <= 1 || a === 0)
    throw new UsageError(
      `"${text}" never gets to its end: a factor is above 1, and its range starts above 0.`,
    )
  const values: number[] = []
  for (let value = a * factor; value < b; value *= factor) {
    values.push(value)
    if (values.length > MAX_POINTS) throw tooMany(text)
  }
  return values
}

/** Values between the ends, so many with them. */
function byCount({ a, b, spacing, text }: Range): number[] {
  const count = spacing === '' ? DEFAULT_POINTS : Number(spacing)
  if (!Number.isInteger(count) || count < 2)
    throw new UsageError(`"${text}" asks for ${spacing} points; a range has 2 or more.`)
  if (count > MAX_POINTS) throw tooMany(text)
  const isGeometric = a > 0 && b / a >= GEOMETRIC_FROM
  return Array.from({ length: count - 2 }, (_, i) => {
    const part = (i + 1) / (count - 1)
    return isGeometric ? a * (b / a) ** part : a + (b - a) * part
  })
}

function tooMany(text: string): UsageError {
  return new UsageError(`"${text}" has more than ${MAX_POINTS} values.`)
}

/** `long-share` is `longShare`. */
function camelCase(name: string): string {
  return name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/**
 * Every combination of values, the last variable changing fastest.
 * @throws UsageError for two variables of one name, and for more than 1,000 points.
 */
export function createGrid(variables: readonly Variable[]): Point[] {
  const names = variables.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  if (twice !== undefined) throw new UsageError(`--vary names ${twice} twice.`)
  const size = variables.reduce((product, { values }) => product * values.length, 1)
  if (size > MAX_POINTS)
    throw new UsageError(`The sweep has ${size} points; ${MAX_POINTS} is the most.`)
  return variables.reduce<Point[]>(
    (points, { name, values }) =>
      points.flatMap((point) => values.map((value) => ({ ...point, [name]: value }))),
    [{}],
  )
}
