/** Says what is wrong with a value that stands at `path`; undefined when nothing is. */
export type Shape = (value: unknown, path: string) => string | undefined

const is =
  (what: string, test: (value: unknown) => boolean): Shape =>
  (value, path) =>
    test(value) ? undefined : `${path} must be ${what}`

export const text = is('a text', (value) => typeof value === 'string')
export const number = is('a number', (value) => typeof value === 'number')
export const integer = is('a whole number', (value) => Number.isSafeInteger(value))
export const bigint = is('a large integer', (value) => typeof value === 'bigint')
export const boolean = is('true or false', (value) => typeof value === 'boolean')
export const hex = is(
  'a 0x-prefixed hexadecimal',
  (value) => typeof value === 'string' && /^0x[0-9a-f]*$/i.test(value),
)

export function oneOf(values: readonly unknown[]): Shape {
  const [only, ...others] = values
  return is(others.length === 0 ? String(only) : `one of ${values.join(', ')}`, (value) =>
    values.includes(value),
  )
}

export function nullable(shape: Shape): Shape {
  return (value, path) => (value === null ? undefined : shape(value, path))
}

export function optional(shape: Shape): Shape {
  return (value, path) => (value === undefined ? undefined : shape(value, path))
}

export function list(shape: Shape): Shape {
  return (value, path) => {
    if (!Array.isArray(value)) return `${path} must be a list`
    return first(value.map((item: unknown, i) => () => shape(item, `${path}[${i}]`)))
  }
}

/** An object with any keys. */
export function dictionary(shape: Shape): Shape {
  return (value, path) =>
    isObject(value)
      ? first(
          Object.entries(value).map(
            ([key, item]) =>
              () =>
                shape(item, `${path}.${key}`),
          ),
        )
      : `${path} must be an object`
}

/** An object with every key of `T`. Keys that it does not name are let through. */
export function object<T>(keys: { [K in keyof Required<T>]: Shape }): Shape {
  return (value, path) => {
    if (!isObject(value)) return `${path === '' ? 'it' : path} must be an object`
    const prefix = path === '' ? '' : `${path}.`
    return first(
      Object.entries<Shape>(keys).map(
        ([key, shape]) =>
          () =>
            shape(value[key], `${prefix}${key}`),
      ),
    )
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const fault = check()
    if (fault !== undefined) return fault
  }
  return undefined
}
