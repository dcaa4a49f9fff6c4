/**
 * What a deferrable function writes outside of the deferred transaction.
 *
 * Not seen: what such a function READS and another one writes, which conflicts as well; balances that it moves; a foreign
 * contract behind an interface that a contract of ours implements too.
 */
import { callOf, functionBySelector, labelOf } from './calls.mjs'
import { ARCOLOGY, deferrableOf, eventReader } from './construction.mjs'
import { outsideDeferred } from './deferred.mjs'
import { executed } from './execution.mjs'
import { unwrap } from './program.mjs'

const STORAGE = /^t_mapping\$|_storage(_ptr)?$/
const SLOT_INSTRUCTIONS = ['sstore', 'tstore']
const LEAVING_INSTRUCTIONS = ['call', 'callcode', 'delegatecall', 'create', 'create2']
const ENDS_DEFERRAL =
  'two calls of one generation conflict on it, and the runtime then stops deferring the function for good'

/**
 * Follows every function that a contract registers as deferrable, through internal calls (inheritance resolved for the
 * deployed contract), libraries and the contracts that implement a called interface, and finds what can write a plain slot.
 * Skips `view` and `pure` functions, which cannot, and what only the deferred transaction runs: {@link outsideDeferred}.
 *
 * @param {object} options
 * @param {import('./program.mjs').Program} options.program
 * @param {(path: string) => boolean} options.isChecked the files whose contracts are judged and implement interfaces
 * @param {Record<string, Record<string, string>>} [options.accepted] deferrable function (`Contract.function`) -> function
 *   that makes a call which no source here answers -> why it may
 * @returns {{ faults: import('./faults.mjs').Fault[], deferrable: string[] }} what was found, and where it looked
 */
export function checkWrites({ program, isChecked, accepted = {} }) {
  const { constructionOf } = eventReader(program)
  const live = outsideDeferred(program)
  const deployable = program.contracts.filter(
    (contract) =>
      contract.contractKind === 'contract' &&
      !contract.abstract &&
      isChecked(program.fileOf(contract)),
  )
  const faults = []
  const deferrable = []
  const used = new Set()
  const report = (node, text) =>
    faults.push({ check: 'defer-writes', ...program.where(node), text })

  for (const contract of deployable) {
    for (const { kind, node } of constructionOf(contract)) {
      if (kind !== 'register') continue
      const root = deferrableOf(program, contract, node)
      if (root === undefined) {
        report(
          node,
          `which function of ${contract.name} this registers cannot be told: write Runtime.defer(IFoo.bar.selector, gas) with a ` +
            'function that the contract has, so that what it writes can be checked.',
        )
        continue
      }
      deferrable.push(`${contract.name}.${root.name}`)
      follow(contract, root)
    }
  }
  for (const [root, calls] of Object.entries(accepted)) {
    for (const fn of Object.keys(calls)) {
      if (used.has(`${root} ${fn}`)) continue
      const text = `${root} is allowed the unknown call of ${fn} but makes none: take it out of the table.`
      faults.push({ check: 'defer-writes', file: 'tools/check-traps.mjs', text })
    }
  }
  return { faults, deferrable }

  function follow(contract, root) {
    const name = `${contract.name}.${root.name}`
    const seen = new Set()
    const queue = [{ context: contract, fn: root, path: [name] }]
    const enter = (context, fn, path) => {
      const key = `${context.id} ${fn.id}`
      if (seen.has(key)) return
      seen.add(key)
      queue.push({ context, fn, path: [...path, labelOf(program, fn)] })
    }
    for (const { context, fn, path } of queue) {
      const via = path.length > 1 ? ` (${path.join(' > ')})` : ''
      for (const node of executed({ program, contract: context, fn, live })) {
        const slot = writtenSlot(program, node)
        if (slot !== undefined) {
          report(
            node,
            `the deferrable ${name} writes ${slot}${via}: ${ENDS_DEFERRAL}; keep it in a container or cumulative of ` +
              `${ARCOLOGY}, or write it where Runtime.isInDeferred() holds.`,
          )
          continue
        }
        const step = stepOf(context, node)
        for (const target of step.targets) enter(target.context, target.fn, path)
        if (step.unknown === undefined) continue
        if (accepted[name]?.[labelOf(program, fn)] !== undefined) {
          used.add(`${name} ${labelOf(program, fn)}`)
          continue
        }
        report(
          node,
          `the deferrable ${name} ${step.unknown}${via}, and what that writes is not known here: if it is a plain slot, ` +
            `${ENDS_DEFERRAL}; do it where Runtime.isInDeferred() holds, or accept it with a reason in tools/check-traps.mjs.`,
        )
      }
    }
  }

  /** Where a node leads: functions to follow, and in words what cannot be followed. */
  function stepOf(context, node) {
    if (node.nodeType === 'YulFunctionCall') {
      const { name } = node.functionName
      return {
        targets: [],
        unknown: LEAVING_INSTRUCTIONS.includes(name) ? `runs ${name} in assembly` : undefined,
      }
    }
    const call =
      node.nodeType === 'FunctionCall' ? callOf(program, context, node) : { kind: 'none' }
    const text = `\`${program.textOf(node)}\``
    if (call.kind === 'create') return { targets: [], unknown: `creates a contract by ${text}` }
    if (call.kind === 'low') {
      // Only the wrappers of the precompiles are there: containers and cumulatives have conflict rules of their own.
      const isHarmless = call.member === 'staticcall' || program.fileOf(node).startsWith(ARCOLOGY)
      return { targets: [], unknown: isHarmless ? undefined : `calls an address by ${text}` }
    }
    if (!['internal', 'library', 'external'].includes(call.kind) || call.isView)
      return { targets: [] }
    if (call.fn === undefined)
      return { targets: [], unknown: `calls a function variable by ${text}` }
    if (call.kind !== 'external') return { targets: [{ context, fn: call.fn }] }
    const targets = deployable
      .filter((contract) => contract.linearizedBaseContracts.includes(call.to.id))
      .map((contract) => ({
        context: contract,
        fn: functionBySelector(program, contract, call.fn.functionSelector),
      }))
    return {
      targets,
      unknown: targets.length > 0 ? undefined : `calls ${labelOf(program, call.fn)} by ${text}`,
    }
  }
}

/** In words the storage that a node writes by itself; `undefined` when it writes none. */
function writtenSlot(program, node) {
  switch (node.nodeType) {
    case 'Assignment':
      return storageOf(program, node.leftHandSide)
    case 'UnaryOperation':
      return ['++', '--', 'delete'].includes(node.operator)
        ? storageOf(program, node.subExpression)
        : undefined
    case 'FunctionCall':
      return /^t_function_array(push|pop)_/.test(
        node.expression.typeDescriptions?.typeIdentifier ?? '',
      )
        ? `the array \`${program.textOf(node.expression.expression)}\``
        : undefined
    case 'YulFunctionCall':
      return SLOT_INSTRUCTIONS.includes(node.functionName.name)
        ? `a slot by ${node.functionName.name} in assembly`
        : undefined
    default:
      return undefined
  }
}

function storageOf(program, expression) {
  const target = unwrap(expression)
  const slot = `the slot \`${program.textOf(target)}\``
  if (target.nodeType === 'TupleExpression') {
    return target.components.flatMap((part) => (part && storageOf(program, part)) ?? []).at(0)
  }
  const variable = program.node(target.referencedDeclaration)
  // A local variable of storage type is a pointer: assigning it writes nothing.
  if (variable?.stateVariable) return variable.mutability === 'mutable' ? slot : undefined
  const base = target.expression ?? target.baseExpression
  return STORAGE.test(base?.typeDescriptions?.typeIdentifier ?? '') ? slot : undefined
}
