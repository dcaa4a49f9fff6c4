/** What a contract does while it is constructed that matters to the runtime: calls, and registrations of deferrable functions. */
import {
  calleeOf,
  callOf,
  functionBySelector,
  lineage,
  YUL_CALLS,
  YUL_CREATIONS,
} from './calls.mjs'
import { executed } from './execution.mjs'
import { enclosing, unwrap } from './program.mjs'

/** Selector of `defer(bytes4,uint64)`; what refers to it registers a deferrable function. */
const DEFER = 'ac8f58f3'
const DEFER_LITERALS = [`0x${DEFER}`, 'defer(bytes4,uint64)']
/** The wrappers of the precompiles: what they do counts as done by the line that uses them. */
export const ARCOLOGY = 'contracts/arcology/'

/** @typedef {{ kind: 'call' | 'register', node: object }} Event creating a contract is a call */

/**
 * Reads off construction and functions of a program what they do.
 *
 * @param {import('./program.mjs').Program} program
 * @returns {{ constructionOf: (contract: object) => Event[], eventsOf: (contract: object, fn: object) => Event[] }}
 *   in the order in which they happen; of two branches both, the first one first
 */
export function eventReader(program) {
  const known = new Map()

  /** solc's order: arguments of the bases, then all initial values from the base down, then all constructors. */
  function constructionOf(contract) {
    const bases = lineage(program, contract)
    const fromBase = [...bases].reverse()
    const constructorOf = (base) => base.nodes.find(({ kind }) => kind === 'constructor')
    const argumentsOf = (base) =>
      [...base.baseContracts, ...(constructorOf(base)?.modifiers ?? [])].flatMap((specifier) => {
        const named = program.node(
          (specifier.baseName ?? specifier.modifierName).referencedDeclaration,
        )
        return named.nodeType === 'ContractDefinition' ? (specifier.arguments ?? []) : []
      })
    const initialValues = (base) =>
      base.nodes.flatMap((node) =>
        node.nodeType === 'VariableDeclaration' && node.value ? [node.value] : [],
      )
    const expressions = [...bases.flatMap(argumentsOf), ...fromBase.flatMap(initialValues)]
    return [
      // An expression runs like a body of its own.
      ...expressions.flatMap((body) => read(contract, { body, modifiers: [] })),
      ...fromBase.flatMap((base) => {
        const fn = constructorOf(base)
        return fn ? eventsOf(contract, fn) : []
      }),
    ]
  }

  function eventsOf(contract, fn) {
    const key = `${contract.id} ${fn.id}`
    if (!known.has(key)) {
      // A recursion adds nothing that its first round has not shown.
      known.set(key, [])
      known.set(key, read(contract, fn))
    }
    return known.get(key)
  }

  function read(contract, fn) {
    return [...executed({ program, contract, fn })].flatMap((node) => {
      if (registers(program, node)) return [{ kind: 'register', node }]
      if (node.nodeType === 'YulFunctionCall') {
        const isCall = [...YUL_CALLS, ...YUL_CREATIONS].includes(node.functionName.name)
        return isCall ? [{ kind: 'call', node }] : []
      }
      if (node.nodeType !== 'FunctionCall') return []
      const call = callOf(program, contract, node)
      if (call.kind === 'internal' && call.fn !== undefined) return inlined(contract, node, call.fn)
      // An internal function behind a variable may be any: it counts as one that calls.
      return ['none', 'push', 'pop'].includes(call.kind) ? [] : [{ kind: 'call', node }]
    })
  }

  function inlined(contract, node, fn) {
    const events = eventsOf(contract, fn)
    return program.fileOf(fn).startsWith(ARCOLOGY)
      ? events.map((event) => ({ ...event, node }))
      : events
  }

  return { constructionOf, eventsOf }
}

function registers(program, node) {
  if (node.nodeType === 'Literal') return DEFER_LITERALS.includes(node.value)
  return (
    node.nodeType === 'MemberAccess' &&
    program.node(node.referencedDeclaration)?.functionSelector === DEFER
  )
}

/**
 * The function that a registration makes deferrable.
 *
 * @param {import('./program.mjs').Program} program
 * @param {object} contract the deployed contract
 * @param {object} registration node of the event
 * @returns {object | undefined} `undefined` when the source does not say it as `IFoo.bar.selector`
 */
export function deferrableOf(program, contract, registration) {
  if (registration.nodeType !== 'FunctionCall') return undefined
  const callee = program.node(calleeOf(registration).referencedDeclaration)
  if (
    callee?.name !== 'defer' ||
    enclosing(program, callee, 'ContractDefinition')?.name !== 'Runtime'
  )
    return undefined
  const selector = selectorOf(program, registration.arguments[0])
  return selector && functionBySelector(program, contract, selector)
}

function selectorOf(program, expression) {
  const node = unwrap(expression)
  if (node.nodeType === 'MemberAccess' && node.memberName === 'selector') {
    return program.node(node.expression.referencedDeclaration)?.functionSelector
  }
  const declared =
    node.nodeType === 'Identifier' ? program.node(node.referencedDeclaration) : undefined
  return declared?.constant ? selectorOf(program, declared.value) : undefined
}
