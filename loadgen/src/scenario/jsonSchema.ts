import { LoadgenError } from '../core/errors.js'

/**
 * The part of JSON Schema (draft 2020-12) that scenario files need. `oneOf` chooses by the property whose value each of its
 * alternatives fixes with `const`. `title` says in words what a `pattern` allows, `examples` gives one.
 */
export type JsonSchema = {
  [keyword in (typeof KEYWORDS)[number]]?: unknown
} & {
  type?: 'object' | 'array' | 'string' | 'integer' | 'number'
  $ref?: string
  $defs?: Record<string, JsonSchema>
  oneOf?: readonly JsonSchema[]
  const?: string
  enum?: readonly string[]
  required?: readonly string[]
  properties?: Record<string, JsonSchema>
  items?: JsonSchema
  minItems?: number
  minimum?: number
  exclusiveMinimum?: number
  maximum?: number
  pattern?: string
  title?: string
  examples?: readonly string[]
}

const KEYWORDS = [
  ...['$schema', '$defs', '$ref', 'title', 'description', 'examples', 'oneOf', 'type', 'const'],
  ...['enum', 'required', 'properties', 'additionalProperties', 'items', 'minItems', 'minimum'],
  ...['exclusiveMinimum', 'maximum', 'pattern'],
] as const

/**
 * Holds a value against a schema.
 * @returns the first fault in one sentence without its full stop, beginning with the path (`phases[1].share`), or undefined.
 * @throws LoadgenError for a schema with a keyword that this does not know: it would check less than it says.
 */
export function findFault(schema: JsonSchema, value: unknown): string | undefined {
  const root = schema
  return check(schema, value, '')

  function check(given: JsonSchema, value: unknown, path: string): string | undefined {
    const schema = resolve(root, given)
    const unknown = Object.keys(schema).find(
      (word) => !(KEYWORDS as readonly string[]).includes(word),
    )
    if (unknown !== undefined) throw new LoadgenError(`The schema has the keyword "${unknown}".`)
    const name = path === '' ? 'it' : path
    if (schema.oneOf !== undefined) return checkOneOf(schema.oneOf, value, path)
    const allowed = schema.const === undefined ? schema.enum : [schema.const]
    if (allowed !== undefined)
      return allowed.some((word) => word === value)
        ? undefined
        : `${name} must be ${allowed.length > 1 ? 'one of ' : ''}${allowed.join(', ')}; it is ${show(value)}`
    switch (schema.type) {
      case 'object':
        return checkObject(schema, value, path)
      case 'array':
        return checkArray(schema, value, path)
      case 'string':
        return checkString(schema, value, name)
      case 'integer':
      case 'number':
        return checkNumber(schema, value, name)
      default:
        throw new LoadgenError(`The schema has no type at ${name}.`)
    }
  }

  function checkOneOf(alternatives: readonly JsonSchema[], value: unknown, path: string) {
    if (!isObject(value))
      return `${path === '' ? 'it' : path} must be an object; it is ${show(value)}`
    const resolved = alternatives.map((alternative) => resolve(root, alternative))
    const [first] = resolved
    const key = Object.keys(first?.properties ?? {}).find(
      (name) => first?.properties?.[name]?.const !== undefined,
    )
    if (key === undefined) throw new LoadgenError('An alternative of the schema fixes no property.')
    const words = resolved.map((alternative) => alternative.properties?.[key]?.const)
    const chosen = resolved[words.indexOf(value[key] as string)]
    if (chosen !== undefined) return check(chosen, value, path)
    return `${join(path, key)} must be one of ${words.join(', ')}; it is ${show(value[key])}`
  }

  function checkObject(schema: JsonSchema, value: unknown, path: string): string | undefined {
    if (!isObject(value))
      return `${path === '' ? 'it' : path} must be an object; it is ${show(value)}`
    const { properties = {}, required = [] } = schema
    const strange = Object.keys(value).find((key) => !Object.hasOwn(properties, key))
    if (strange !== undefined)
      return `${join(path, strange)} is no field; allowed are ${Object.keys(properties).join(', ')}`
    const missing = required.find((key) => value[key] === undefined)
    if (missing !== undefined) return `${join(path, missing)} is missing`
    for (const [key, item] of Object.entries(value)) {
      const fault = check(properties[key] as JsonSchema, item, join(path, key))
      if (fault !== undefined) return fault
    }
    return undefined
  }

  function checkArray({ items, minItems = 0 }: JsonSchema, value: unknown, path: string) {
    if (!Array.isArray(value) || value.length < minItems)
      return `${path} must be a list of at least ${minItems}; it is ${show(value)}`
    for (const [i, item] of value.entries()) {
      const fault = items && check(items, item, `${path}[${i}]`)
      if (fault !== undefined) return fault
    }
    return undefined
  }
}

/** The schema that a `$ref` names, with what stands beside the reference. @throws LoadgenError when it is not there. */
export function resolve(root: JsonSchema, { $ref, ...beside }: JsonSchema): JsonSchema {
  if ($ref === undefined) return beside
  const found = root.$defs?.[$ref.replace('#/$defs/', '')]
  if (found === undefined) throw new LoadgenError(`The schema refers to "${$ref}", which it lacks.`)
  return { ...resolve(root, found), ...beside }
}

function checkString({ pattern, title, examples }: JsonSchema, value: unknown, name: string) {
  if (typeof value === 'string' && (pattern === undefined || new RegExp(pattern).test(value)))
    return undefined
  const like = examples === undefined ? '' : `, like ${show(examples[0])}`
  return `${name} must be ${title ?? 'a text'}${like}; it is ${show(value)}`
}

function checkNumber(schema: JsonSchema, value: unknown, name: string): string | undefined {
  const { MIN_SAFE_INTEGER, MAX_SAFE_INTEGER } = Number
  const { type, minimum = MIN_SAFE_INTEGER, exclusiveMinimum, maximum = MAX_SAFE_INTEGER } = schema
  const isKind = type === 'integer' ? Number.isSafeInteger(value) : Number.isFinite(value)
  const isAbove = Number(value) > (exclusiveMinimum ?? Number.NEGATIVE_INFINITY)
  if (isKind && isAbove && Number(value) >= minimum && Number(value) <= maximum) return undefined
  const from =
    exclusiveMinimum === undefined ? `from ${minimum} to` : `above ${exclusiveMinimum}, at most`
  const kind = type === 'integer' ? 'a whole number' : 'a number'
  return `${name} must be ${kind} ${from} ${maximum}; it is ${show(value)}`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

/** A value as it stands in JSON, cut short. */
function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing'
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
