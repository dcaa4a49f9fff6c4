/** What a call in a syntax tree calls, as seen from the contract that is deployed. */
import { enclosing, unwrap } from './program.mjs'

/** Members of an address that call it. */
const LOW_LEVEL = {
  barecall: 'call',
  barecallcode: 'callcode',
  baredelegatecall: 'delegatecall',
  barestaticcall: 'staticcall',
  send: 'send',
  transfer: 'transfer',
}
/** Solidity functions that are calls of precompiles. */
const PRECOMPILES = ['ecrecover', 'sha256', 'ripemd160']

/** Instructions that call another contract, as inline assembly names them. */
export const YUL_CALLS = ['call', 'callcode', 'delegatecall', 'staticcall']
export const YUL_CREATIONS = ['create', 'create2']

/**
 * Classifies a FunctionCall.
 *
 * - `internal`: `fn` runs in the same contract; `undefined` when it is called through a variable.
 * - `external`: a message to the contract type `to`, function `fn` (`undefined` through a variable); `isView` forbids writes.
 * - `library`: `fn` of a deployed library, by delegatecall, on the storage of the caller.
 * - `low`: `member` of an address. `create`: `new` of a contract. `precompile`: ecrecover and its like.
 * - `push`, `pop`: of an array in storage. `none`: no call at all (conversion, event, error, built-in).
 *
 * @param {import('./program.mjs').Program} program
 * @param {object} contract the deployed contract, which decides what overrides what
 * @param {object} call
 * @returns {{ kind: string, fn?: object, to?: object, member?: string, isView?: boolean }}
 */
export function callOf(program, contract, call) {
  if (call.kind !== 'functionCall') return { kind: 'none' }
  const callee = calleeOf(call)
  const type = callee.typeDescriptions.typeIdentifier
  const [, kind, mutability] = /^t_function_([a-z0-9]+)_([a-z]+)/.exec(type) ?? []
  const isView = mutability === 'view' || mutability === 'pure'
  const declaration = program.node(callee.referencedDeclaration)
  const fn = declaration?.nodeType === 'FunctionDefinition' ? declaration : undefined
  if (kind === 'internal') {
    return { kind, isView, fn: fn && dispatched(program, contract, callee, fn) }
  }
  if (kind === 'external') {
    return { kind, isView, fn, to: fn && enclosing(program, fn, 'ContractDefinition') }
  }
  if (kind === 'delegatecall') return { kind: 'library', isView, fn }
  if (kind === 'creation') {
    return { kind: 'create', to: program.node(callee.typeName.referencedDeclaration) }
  }
  if (kind === 'arraypush' || kind === 'arraypop') return { kind: kind.slice('array'.length) }
  if (PRECOMPILES.includes(kind)) return { kind: 'precompile' }
  if (Object.hasOwn(LOW_LEVEL, kind)) return { kind: 'low', member: LOW_LEVEL[kind] }
  return { kind: 'none' }
}

/** The called expression, without `{gas: …}` and brackets. */
export function calleeOf(call) {
  let callee = unwrap(call.expression)
  while (callee.nodeType === 'FunctionCallOptions') callee = unwrap(callee.expression)
  return callee
}

/** The contracts that a contract consists of, the most derived one first. */
export function lineage(program, contract) {
  return contract.linearizedBaseContracts.map((id) => program.node(id))
}

/** What runs in `contract` when it calls the virtual `definition` (function or modifier). */
export function overriding(program, contract, definition, bases = lineage(program, contract)) {
  for (const base of bases) {
    const found = base.nodes.find((node) => overrides(program, node, definition))
    if (found !== undefined) return found
  }
  return definition
}

function overrides(program, node, definition) {
  if (node.id === definition.id) return true
  const bases = node.baseFunctions ?? node.baseModifiers ?? []
  return bases.some((id) => overrides(program, program.node(id), definition))
}

function dispatched(program, contract, callee, fn) {
  if (callee.nodeType === 'Identifier') return overriding(program, contract, fn)
  const isSuper = callee.expression?.nodeType === 'Identifier' && callee.expression.name === 'super'
  // Named by its contract or library, or bound by `using for`: no other can run.
  if (!isSuper) return fn
  const bases = lineage(program, contract)
  const caller = bases.indexOf(enclosing(program, callee, 'ContractDefinition'))
  return overriding(program, contract, fn, bases.slice(caller + 1))
}

/** The function that a contract runs for a selector (8 digits); `undefined` when it has none. */
export function functionBySelector(program, contract, selector) {
  for (const base of lineage(program, contract)) {
    const found = base.nodes.find(
      (node) => node.nodeType === 'FunctionDefinition' && node.functionSelector === selector,
    )
    if (found !== undefined) return found
  }
  return undefined
}

/** The functions of a contract that can be called from outside, without those that others override. */
export function entriesOf(program, contract) {
  const entries = new Map()
  for (const node of lineage(program, contract).flatMap((base) => base.nodes)) {
    if (node.nodeType !== 'FunctionDefinition') continue
    const key = node.functionSelector ?? (['receive', 'fallback'].includes(node.kind) && node.kind)
    if (key && !entries.has(key)) entries.set(key, node)
  }
  return [...entries.values()]
}

/** `Contract.function`, for messages. */
export function labelOf(program, fn) {
  const contract = enclosing(program, fn, 'ContractDefinition')
  const name = fn.name || fn.kind || fn.nodeType
  return contract === undefined ? name : `${contract.name}.${name}`
}
