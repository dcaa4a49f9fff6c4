/**
 * A function can be deferred only when its constructor asks for it first of all, once, in a contract of top level.
 *
 * Of two branches both count, the first one first: a call in the branch that does not register is reported too. Not seen: how a
 * contract is deployed (CREATE2, or a factory that is no source here), and a selector that assembly puts together.
 */
import { entriesOf, labelOf } from './calls.mjs'
import { eventReader } from './construction.mjs'
import { ancestorOf, nodesOf } from './program.mjs'

const LOOPS = ['ForStatement', 'WhileStatement', 'DoWhileStatement']

/**
 * Finds registrations of deferrable functions that the runtime refuses or that end deferral.
 *
 * @param {{ program: import('./program.mjs').Program, isChecked: (path: string) => boolean }} options `isChecked` tells
 *   the files to judge
 * @returns {import('./faults.mjs').Fault[]}
 */
export function checkDeferral({ program, isChecked }) {
  const { constructionOf, eventsOf } = eventReader(program)
  const at = (node) => {
    const { file, line } = program.where(node)
    return `\`${program.textOf(node)}\`, ${file}:${line}`
  }
  const faults = []
  const report = (check, node, text) => faults.push({ check, ...program.where(node), text })

  const contracts = program.contracts.filter((contract) => isChecked(program.fileOf(contract)))
  for (const contract of contracts.filter(isRoot)) {
    const events = constructionOf(contract)
    const registrations = events.filter(({ kind }) => kind === 'register')
    const isCall = ({ kind, node }) =>
      kind === 'call' && registrations.every((other) => other.node !== node)
    const firstCall = events.find(isCall)
    for (const registration of registrations) {
      if (!firstCall || events.indexOf(registration) < events.indexOf(firstCall)) continue
      report(
        'defer-first',
        registration.node,
        `the constructor of ${contract.name} registers a deferrable function after another call (${at(firstCall.node)}): the ` +
          'runtime takes a registration only before every other external call of the deployment, those of bases and initial ' +
          'values included; make it the first, in a contract that is listed first among the bases.',
      )
    }
    const second = registrations[1] ?? registrations.find(({ node }) => isInLoop(node))
    if (second !== undefined) {
      report(
        'defer-once',
        second.node,
        `${contract.name} registers a second deferrable function: a block then has two deferred transactions that run in ` +
          'parallel with each other, and the scheduler drops the deferral of selectors that come after one with a single ' +
          'call; register one, and let the others queue for it.',
      )
    }
    for (const fn of entriesOf(program, contract)) {
      for (const { kind, node } of eventsOf(contract, fn)) {
        if (kind !== 'register') continue
        report(
          'defer-first',
          node,
          `${labelOf(program, fn)} registers a deferrable function outside of a constructor: the runtime refuses that; ` +
            'register in the constructor, before any other call there.',
        )
      }
    }
  }

  for (const contract of contracts) {
    for (const node of nodesOf(contract)) {
      const created =
        node.nodeType === 'NewExpression' && program.node(node.typeName.referencedDeclaration)
      if (created?.nodeType !== 'ContractDefinition') continue
      if (!constructionOf(created).some(({ kind }) => kind === 'register')) continue
      report(
        'defer-first',
        node,
        `${contract.name} creates ${created.name}, which registers a deferrable function: the runtime defers no contract that ` +
          'a contract created, and keeps the prepaid gas; deploy it by a transaction of its own.',
      )
    }
  }
  return faults

  /** Deployable, or nobody's base: what is only a base is judged in what derives from it, where the order is known. */
  function isRoot(contract) {
    if (contract.contractKind === 'interface') return false
    const isBase = contracts.some(
      (other) => other !== contract && other.linearizedBaseContracts.includes(contract.id),
    )
    return !contract.abstract || !isBase
  }

  function isInLoop(node) {
    return ancestorOf(program, node, ({ nodeType }) => LOOPS.includes(nodeType)) !== undefined
  }
}
