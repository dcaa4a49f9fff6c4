import type { AbiParameter } from 'viem'
import type { Hex } from '../core/types.js'
import { isList, isObject, type Json, show } from './reader.js'

/** What placeholders in the arguments of a spec stand for. */
export type Context = {
  /** Address of an account by index. */
  account(index: number): Hex
  /** Address of a contract by its name in the spec; undefined for one that is not deployed (yet). */
  contract(name: string): Hex | undefined
  sender: Hex
  /** Of the transaction among those of its call, from 0. */
  index: number
  /** Of the measured block, from 0; 0 in set-up and constructors. */
  block: number
}

/** What is wrong with an argument; who reads the spec adds the place. */
export class ValueError extends Error {
  override name = 'ValueError'
}

/**
 * JSON with its placeholders replaced: `$sender`, `$index`, `$block`, `$account:<index>`, `$account:$index`,
 * `$contract:<name>`.
 * @throws ValueError for another text that begins with `$`.
 */
export function fill(json: Json, context: Context): Json {
  if (isList(json)) return json.map((entry) => fill(entry, context))
  if (isObject(json))
    return Object.fromEntries(
      Object.entries(json).map(([key, entry]) => [key, fill(entry, context)]),
    )
  return typeof json === 'string' && json.startsWith('$') ? placeholder(json, context) : json
}

function placeholder(text: string, context: Context): Json {
  if (text === '$sender') return context.sender
  if (text === '$index') return context.index
  if (text === '$block') return context.block
  if (text === '$account:$index') return context.account(context.index)
  const account = /^\$account:(\d{1,5})$/.exec(text)?.[1]
  if (account !== undefined) return context.account(Number(account))
  const contract = /^\$contract:(\w+)$/.exec(text)?.[1]
  const address = contract === undefined ? undefined : context.contract(contract)
  if (address !== undefined) return address
  if (contract !== undefined)
    throw new ValueError(`${text} is not deployed before; contracts are deployed in their order`)
  throw new ValueError(
    `${text} is none of $sender, $index, $block, $account:<index>, $account:$index, $contract:<name>`,
  )
}

/**
 * A JSON value as viem encodes it for a Solidity type. Numbers above 2^53 come as decimal or hexadecimal texts, a struct as a list
 * or as an object by field.
 * @throws ValueError for a value that the type cannot have.
 */
export function toAbiValue(json: Json, parameter: AbiParameter): unknown {
  const { type } = parameter
  const array = /^(.*)\[(\d*)\]$/.exec(type)
  if (array !== null) {
    const [, element = '', length = ''] = array
    if (!isList(json) || (length !== '' && json.length !== Number(length)))
      throw new ValueError(`${type} is a list${length && ` of ${length}`}, not ${show(json)}`)
    return json.map((entry) => toAbiValue(entry, { ...parameter, type: element }))
  }
  if (type === 'tuple') return toTuple(json, parameter)
  if (/^u?int\d*$/.test(type)) return toInteger(json, type)
  if (type === 'bool') {
    if (typeof json === 'boolean') return json
    throw new ValueError(`bool is true or false, not ${show(json)}`)
  }
  if (typeof json !== 'string') throw new ValueError(`${type} is a text, not ${show(json)}`)
  return json
}

function toTuple(json: Json, parameter: AbiParameter): unknown[] {
  const components = 'components' in parameter ? parameter.components : []
  if (isList(json) && json.length === components.length)
    return components.map((component, i) => toAbiValue(json[i] as Json, component))
  if (!isList(json) && isObject(json))
    return components.map((component) => {
      const entry = json[component.name ?? '']
      if (entry === undefined) throw new ValueError(`the field ${component.name} is absent`)
      return toAbiValue(entry, component)
    })
  throw new ValueError(
    `a struct is a list of ${components.length} values or an object by field, not ${show(json)}`,
  )
}

function toInteger(json: Json, type: string): bigint {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  if (typeof json === 'string' && /^(-?\d+|0x[0-9a-fA-F]+)$/.test(json)) return BigInt(json)
  throw new ValueError(
    `${type} is a whole number, as a text where it is above 2^53, not ${show(json)}`,
  )
}
