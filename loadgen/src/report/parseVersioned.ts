import { UsageError } from '../core/errors.js'
import type { Shape } from './shape.js'

/**
 * Reads a file of JSON that has a schemaVersion.
 * @param json Its content.
 * @throws UsageError for what is no JSON, has another shape, or is of a newer version.
 */
export function parseVersioned(json: string, options: parseVersioned.Options): unknown {
  const { where, what, version, shape } = options
  let value: unknown
  try {
    value = JSON.parse(json)
  } catch (cause) {
    throw new UsageError(`"${where}" is no ${what}: it is not valid JSON.`, { cause })
  }
  const { schemaVersion: found } = Object(value) as { schemaVersion?: unknown }
  if (typeof found === 'number' && found > version)
    throw new UsageError(
      `"${where}" has schemaVersion ${found}, of a newer version of this tool; this one reads ${version}.`,
    )
  const fault = shape(value, '')
  if (fault !== undefined) throw new UsageError(`"${where}" is no ${what}: ${fault}.`)
  return value
}

export declare namespace parseVersioned {
  type Options = {
    /** Path of the file, for messages. */
    where: string
    /** What it should be: `report`. */
    what: string
    /** The newest version that can be read. */
    version: number
    shape: Shape
  }
}
