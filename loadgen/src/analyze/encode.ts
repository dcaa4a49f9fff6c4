import {
  type Abi,
  type AbiFunction,
  type AbiParameter,
  BaseError,
  encodeDeployData,
  encodeFunctionData,
  toFunctionSelector,
  toFunctionSignature,
} from 'viem'
import { UsageError } from '../core/errors.js'
import type { Hex } from '../core/types.js'
import type { ContractCode } from './code.js'
import type { Json } from './reader.js'
import type { CallSpec, ContractSpec } from './spec.js'
import { type Context, fill, toAbiValue, ValueError } from './values.js'

/** An argument with its placeholders filled, and its Solidity type. */
export type Argument = { parameter: AbiParameter; value: unknown }

/** A function of a contract that a spec calls. */
export type Target = {
  /** `transfer(address,uint256)`, or `receive()`. */
  signature: string
  /** undefined for receive(). */
  item: AbiFunction | undefined
}

/**
 * The function that a call names, by name or by signature.
 * @throws UsageError for one that the contract lacks or has several of.
 */
export function findFunction(abi: Abi, { at, contract, function: name }: CallSpec): Target {
  if (name === 'receive' && abi.some(({ type }) => type === 'receive'))
    return { signature: 'receive()', item: undefined }
  const functions = abi.filter((item): item is AbiFunction => item.type === 'function')
  const found = functions.filter(
    (item) => item.name === name || toFunctionSignature(item) === name.replace(/\s/g, ''),
  )
  const [item] = found
  if (item !== undefined && found.length === 1)
    return { signature: toFunctionSignature(item), item }
  const some = (items: readonly AbiFunction[]) => items.map(toFunctionSignature).join(', ')
  throw new UsageError(
    found.length === 0
      ? `${at}.function: ${contract} has no function "${name}", but ${some(functions) || 'none at all'}.`
      : `${at}.function: ${contract} has several functions "${name}"; give the signature: ${some(found)}.`,
  )
}

/** Call data and arguments of one transaction. @throws UsageError for arguments that the function does not take. */
export function encodeCall(
  call: CallSpec,
  { item }: Target,
  context: Context,
): { data: Hex; args: readonly Argument[] } {
  if (item === undefined) return { data: '0x', args: [] }
  const args = toArguments(call.args, item.inputs, `${call.at}.args`, context)
  return {
    args,
    data: guard(`${call.at}.args`, () =>
      encodeFunctionData({ abi: [item], args: args.map(({ value }) => value) }),
    ),
  }
}

/** Creation code with its arguments. @throws UsageError for arguments that the constructor does not take. */
export function encodeCreation(spec: ContractSpec, code: ContractCode, context: Context): Hex {
  const at = `contracts.${spec.name}.constructorArgs`
  const inputs = code.abi.find(({ type }) => type === 'constructor')
  const args = toArguments(
    spec.constructorArgs,
    inputs !== undefined && 'inputs' in inputs ? inputs.inputs : [],
    at,
    context,
  )
  if (args.length === 0) return code.bytecode
  return guard(at, () =>
    encodeDeployData({
      abi: code.abi,
      bytecode: code.bytecode,
      args: args.map(({ value }) => value),
    }),
  )
}

export function selectorOf(item: AbiFunction): Hex {
  return toFunctionSelector(item)
}

function toArguments(
  values: readonly Json[],
  inputs: readonly AbiParameter[],
  at: string,
  context: Context,
): Argument[] {
  if (values.length !== inputs.length)
    throw new UsageError(
      `${at} has ${values.length} values, and ${inputs.length} are taken${inputs.length === 0 ? '' : `: ${inputs.map(({ type, name }) => `${type} ${name ?? ''}`.trim()).join(', ')}`}.`,
    )
  return inputs.map((parameter, i) => ({
    parameter,
    value: guard(`${at}[${i}]`, () => toAbiValue(fill(values[i] as Json, context), parameter)),
  }))
}

/** Says where a value stands that cannot be encoded. */
function guard<T>(at: string, encode: () => T): T {
  try {
    return encode()
  } catch (cause) {
    if (!(cause instanceof ValueError || cause instanceof BaseError)) throw cause
    const text = cause instanceof BaseError ? cause.shortMessage : cause.message
    throw new UsageError(`${at}: ${text.replace(/\s+/g, ' ').replace(/\.?$/, '')}.`, { cause })
  }
}
