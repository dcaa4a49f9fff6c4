import { UsageError } from '../core/errors.js'

export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [key: string]: Json }

/** Reads the fields of a JSON object; each fault is one sentence with the file, the place and what is allowed there. */
export type Reader = {
  /** Where the object stands in the file, like `calls[0]`. */
  at: string
  has(field: string): boolean
  is(field: string, value: Json): boolean
  /** Refuses fields that nobody knows, which are misspelt ones. */
  only(fields: readonly string[]): void
  text(field: string): string
  /** A whole number; `fallback` where the field is absent. */
  integer(
    field: string,
    range: { min: number; max: number; fallback?: number | undefined },
    orElse?: string,
  ): number
  /** A number of wei as a number or a decimal text; 0 where the field is absent. */
  amount(field: string): bigint
  /** A list of anything. */
  values(field: string, options?: { isOptional?: boolean | undefined }): readonly Json[]
  /** A list of objects. */
  list(field: string, options?: { isOptional?: boolean | undefined }): Reader[]
  /** An object of objects. */
  entries(field: string): [name: string, reader: Reader][]
  /** `<file>: <place> <what is allowed>, not <what stands there>.` An empty field is the object itself. */
  fault(field: string, allowed: string): UsageError
}

/**
 * @param file what messages call the file.
 * @param at where the value stands in it; empty for the whole.
 * @throws UsageError for a value that is no object.
 */
export function createReader(value: Json, file: string, at: string): Reader {
  const object = isObject(value) ? value : undefined
  if (object === undefined)
    throw new UsageError(`${file}: ${at || 'the spec'} is an object, not ${show(value)}.`)
  const place = (field: string) => (at === '' || field === '' ? `${at}${field}` : `${at}.${field}`)
  const reader: Reader = {
    at,
    has: (field) => object[field] !== undefined,
    is: (field, expected) => object[field] === expected,
    only(fields) {
      const stranger = Object.keys(object).find((field) => !fields.includes(field))
      if (stranger !== undefined)
        throw new UsageError(
          `${file}: ${at || 'the spec'} has the field "${stranger}"; its fields are ${fields.join(', ')}.`,
        )
    },
    text(field) {
      const found = object[field]
      if (typeof found === 'string' && found !== '') return found
      throw reader.fault(field, 'is a text')
    },
    integer(field, { min, max, fallback }, orElse) {
      const found = object[field] === undefined ? fallback : object[field]
      if (typeof found === 'number' && Number.isInteger(found) && found >= min && found <= max)
        return found
      const allowed = `is a whole number from ${min} to ${max}`
      throw reader.fault(field, orElse === undefined ? allowed : `${allowed} ${orElse}`)
    },
    amount(field) {
      const found = object[field] ?? 0
      if (typeof found === 'number' && Number.isSafeInteger(found) && found >= 0)
        return BigInt(found)
      if (typeof found === 'string' && /^\d{1,77}$/.test(found)) return BigInt(found)
      throw reader.fault(field, 'is a whole number of wei, as a text where it is above 2^53')
    },
    values(field, { isOptional = false } = {}) {
      const found = object[field]
      if (found === undefined && isOptional) return []
      if (isList(found)) return found
      throw reader.fault(field, 'is a list')
    },
    list: (field, options) =>
      reader
        .values(field, options)
        .map((entry, i) => createReader(entry, file, `${place(field)}[${i}]`)),
    entries(field) {
      const found = object[field]
      if (found === undefined || !isObject(found)) throw reader.fault(field, 'is an object')
      return Object.entries(found).map(([name, entry]) => [
        name,
        createReader(entry, file, `${place(field)}.${name}`),
      ])
    },
    fault(field, allowed) {
      const found = field === '' ? value : object[field]
      return new UsageError(`${file}: ${place(field)} ${allowed}, not ${show(found)}.`)
    },
  }
  return reader
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A value as a message shows it: short. */
export function show(value: Json | undefined): string {
  if (value === undefined) return 'absent'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
