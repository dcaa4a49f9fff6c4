/**
 * Calls whose failure goes unnoticed. On the runtime what a failed call wrote before it reverted stays written.
 *
 * Not seen: whether the condition that looks at a flag does anything about it (`if (!ok) emit Failed()` passes), and flags that
 * a function of lib/ drops by itself.
 */
import { callOf, YUL_CALLS } from './calls.mjs'
import { flagReader } from './flags.mjs'
import { enclosing, nodesOf } from './program.mjs'

const KEEPS_WRITES = 'on the runtime an inner revert does not roll back what was written before it'
const INSTEAD = 'check first and write afterwards, and let a failing call fail the transaction'
/** Reverts by itself. */
const CHECKED_BY_SOLIDITY = 'transfer'

/**
 * Finds `try` and ignored results of calls: low-level ones in Solidity and assembly, internal functions that only hand the flag
 * on, and the `bool` of a call that answers nothing else.
 *
 * @param {{ program: import('./program.mjs').Program, isChecked: (path: string) => boolean }} options `isChecked` tells
 *   the files to judge
 * @returns {import('./faults.mjs').Fault[]}
 */
export function checkResults({ program, isChecked }) {
  const flags = flagReader(program)
  const nodes = program.units.flatMap(({ ast }) => [...nodesOf(ast)])
  const calls = nodes.filter(({ nodeType }) => nodeType === 'FunctionCall')
  const kindOf = (call) =>
    callOf(program, enclosing(program, call, 'ContractDefinition') ?? NO_CONTRACT, call)
  const faults = []
  const report = (check, node, text) => {
    if (isChecked(program.fileOf(node))) faults.push({ check, ...program.where(node), text })
  }

  const handedOn = new Set()
  const judge = (call, fate) => {
    if (fate === 'lost') {
      const text = `nothing looks at the success of \`${program.textOf(call)}\`: ${KEEPS_WRITES}; ${INSTEAD}.`
      report('call-result', call, text)
    }
    if (typeof fate !== 'number') return
    // The function hands the flag on, so that each of its calls is judged as the call was.
    const fn = enclosing(program, call, 'FunctionDefinition')
    if (handedOn.has(`${fn.id} ${fate}`)) return
    handedOn.add(`${fn.id} ${fate}`)
    const count = fn.returnParameters.parameters.length
    for (const outer of calls) {
      const called = kindOf(outer)
      if (called.kind === 'internal' && called.fn?.id === fn.id)
        judge(outer, flags.ofCall(outer, fate, count))
    }
  }

  for (const node of nodes) {
    if (node.nodeType === 'TryStatement') {
      const call = program.textOf(node.externalCall)
      report('try', node, `\`try ${call}\` goes on after a failure: ${KEEPS_WRITES}; ${INSTEAD}.`)
    }
    if (node.nodeType === 'YulFunctionCall' && YUL_CALLS.includes(node.functionName.name)) {
      judge(node, flags.ofYulCall(node))
    }
  }
  for (const call of calls) {
    const { kind, member } = kindOf(call)
    if (kind === 'low' && member !== CHECKED_BY_SOLIDITY) {
      judge(call, flags.ofCall(call, 0, member === 'send' ? 1 : 2))
    }
    const isBool = call.typeDescriptions.typeIdentifier === 't_bool'
    if (kind !== 'external' || !isBool || program.parent(call).nodeType !== 'ExpressionStatement')
      continue
    report(
      'call-result',
      call,
      `the answer of \`${program.textOf(call)}\` is ignored: false says that it failed, and ${KEEPS_WRITES}; ${INSTEAD}.`,
    )
  }
  return faults
}

/** Around a free function there is no contract, and nothing to override. */
const NO_CONTRACT = { linearizedBaseContracts: [] }
