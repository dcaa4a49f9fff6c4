/**
 * Which branches only the deferred transaction takes.
 *
 * Recognised: a call of `isInDeferred` of contracts/arcology/Runtime.sol, or a local variable that holds its answer and
 * nothing else ever, alone or under `!`, `&&`, `||`, as the condition of an `if`, a `?:`, the left of `&&`, or a
 * `require`; and what follows `if (!Runtime.isInDeferred()) return;` (or revert) in its block. Everything else counts as
 * running in the parallel generation.
 */
import { calleeOf } from './calls.mjs'
import { childrenOf, enclosing, nodesOf, unwrap } from './program.mjs'

const RUNTIME = { file: 'contracts/arcology/Runtime.sol', fn: 'isInDeferred' }
const BLOCKS = ['Block', 'UncheckedBlock']

/**
 * The parts of a node that can run when the transaction is NOT deferred; for {@link executed}.
 *
 * @param {import('./program.mjs').Program} program
 * @returns {(node: object) => object[]}
 */
export function outsideDeferred(program) {
  return (node) => {
    const { nodeType } = node
    if (nodeType === 'IfStatement' || nodeType === 'Conditional') {
      const [yes, no] =
        nodeType === 'IfStatement'
          ? [node.trueBody, node.falseBody]
          : [node.trueExpression, node.falseExpression]
      const branches = [
        ...(means(program, node.condition, true) ? [] : [yes]),
        ...(no && !means(program, node.condition, false) ? [no] : []),
      ]
      return [node.condition, ...branches]
    }
    if (nodeType === 'BinaryOperation' && node.operator === '&&') {
      return means(program, node.leftExpression, true)
        ? [node.leftExpression]
        : [node.leftExpression, node.rightExpression]
    }
    if (BLOCKS.includes(nodeType)) {
      const end = node.statements.findIndex((statement) => leavesUnlessDeferred(program, statement))
      return end < 0 ? node.statements : node.statements.slice(0, end + 1)
    }
    return childrenOf(node)
  }
}

/** Whether an expression of this `value` proves that the transaction is deferred. */
function means(program, expression, value) {
  const node = unwrap(expression)
  if (node.nodeType === 'UnaryOperation' && node.operator === '!') {
    return means(program, node.subExpression, !value)
  }
  if (node.nodeType === 'BinaryOperation' && ['&&', '||'].includes(node.operator)) {
    const sides = [node.leftExpression, node.rightExpression]
    const proves = (side) => means(program, side, value)
    return (node.operator === '&&') === value ? sides.some(proves) : sides.every(proves)
  }
  return value && asksTheRuntime(program, node)
}

function asksTheRuntime(program, node) {
  if (node.nodeType === 'FunctionCall') {
    const fn = program.node(calleeOf(node).referencedDeclaration)
    return fn?.name === RUNTIME.fn && program.fileOf(fn) === RUNTIME.file
  }
  if (node.nodeType !== 'Identifier') return false
  const variable = program.node(node.referencedDeclaration)
  const statement = variable && program.parent(variable)
  if (statement?.nodeType !== 'VariableDeclarationStatement') return false
  if (statement.declarations.length !== 1 || !statement.initialValue) return false
  return asksTheRuntime(program, unwrap(statement.initialValue)) && !isAssigned(program, variable)
}

function isAssigned(program, variable) {
  const body =
    enclosing(program, variable, 'FunctionDefinition') ??
    enclosing(program, variable, 'ModifierDefinition')
  const names = (node) => [...nodesOf(node)].some((at) => at.referencedDeclaration === variable.id)
  return [...nodesOf(body)].some((node) => {
    if (node.nodeType === 'InlineAssembly') {
      return node.externalReferences.some(({ declaration }) => declaration === variable.id)
    }
    return node.nodeType === 'Assignment' && names(node.leftHandSide)
  })
}

function leavesUnlessDeferred(program, statement) {
  if (statement.nodeType === 'IfStatement') {
    return means(program, statement.condition, false) && leaves(statement.trueBody)
  }
  if (statement.nodeType !== 'ExpressionStatement') return false
  const { expression } = statement
  if (expression.nodeType !== 'FunctionCall') return false
  const isRequire = ['require', 'assert'].includes(calleeOf(expression).name)
  return isRequire && means(program, expression.arguments[0], true)
}

/** Whether a statement always ends its function: what runs last in it is a return or a revert. */
function leaves(statement) {
  if (BLOCKS.includes(statement.nodeType)) return statement.statements.some(leaves)
  if (['Return', 'RevertStatement'].includes(statement.nodeType)) return true
  const call = statement.nodeType === 'ExpressionStatement' ? statement.expression : undefined
  return call?.nodeType === 'FunctionCall' && calleeOf(call).name === 'revert'
}
