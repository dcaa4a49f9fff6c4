/**
 * What becomes of a success flag: whether a condition looks at it before it is lost.
 *
 * Looked at: the condition of an `if`, a loop or a `?:`, or the first argument of `require` or `assert`, under any
 * `!`, `&&`, `||`, `==`. The flag is followed through local variables, into internal functions that take it as an argument, and to
 * the return value of its function, where the callers are judged in turn. A variable must be looked at after the call and
 * before it is assigned again, in the same round of a loop.
 */
import { calleeOf } from './calls.mjs'
import { ancestorOf, nodesOf, spanOf } from './program.mjs'

const LOOPS = ['ForStatement', 'WhileStatement', 'DoWhileStatement']
const FUNCTIONS = ['FunctionDefinition', 'ModifierDefinition']
const CONDITIONAL = [...LOOPS, 'IfStatement', 'Conditional']
const TRANSPARENT_OPERATORS = ['!', '&&', '||', '==', '!=']
const TRANSPARENT_INSTRUCTIONS = [
  'iszero',
  'not',
  'and',
  'or',
  'xor',
  'eq',
  'lt',
  'gt',
  'mul',
  'add',
  'sub',
]
const YUL_CONDITIONS = { YulIf: 'condition', YulForLoop: 'condition', YulSwitch: 'expression' }

/** @typedef {'checked' | 'lost' | number} Fate a number: it is the function's return value of this index */

/**
 * @param {import('./program.mjs').Program} program
 * @returns {{ ofCall: (call: object, index: number, count: number) => Fate, ofYulCall: (call: object) => Fate }}
 *   `ofCall`: the flag is value number `index` of the `count` that the call returns
 */
export function flagReader(program) {
  const following = new Set()
  return { ofCall, ofYulCall: yulUse }

  function ofCall(call, index, count) {
    if (count === 1) return use(call)
    const parent = outOfBrackets(call)
    if (parent.nodeType === 'VariableDeclarationStatement')
      return variable(parent.declarations[index], parent)
    if (parent.nodeType === 'Assignment')
      return assigned(parent.leftHandSide.components?.[index], parent)
    return parent.nodeType === 'Return' ? index : 'lost'
  }

  /** The fate of a flag that stands as an expression. */
  function use(expression) {
    const parent = program.parent(expression)
    const { nodeType } = parent
    if (CONDITIONAL.includes(nodeType) && parent.condition === expression) return 'checked'
    if (nodeType === 'Return') return 0
    if (nodeType === 'TupleExpression') {
      const above = program.parent(parent)
      if (parent.components.length > 1)
        return above.nodeType === 'Return' ? parent.components.indexOf(expression) : 'lost'
      return use(parent)
    }
    if (['UnaryOperation', 'BinaryOperation'].includes(nodeType)) {
      return TRANSPARENT_OPERATORS.includes(parent.operator) ? use(parent) : 'lost'
    }
    if (nodeType === 'VariableDeclarationStatement') return variable(parent.declarations[0], parent)
    if (nodeType === 'Assignment') return assigned(parent.leftHandSide, parent)
    const call = nodeType === 'MemberAccess' ? program.parent(parent) : parent
    return call.nodeType === 'FunctionCall' ? argument(call, expression) : 'lost'
  }

  function argument(call, expression) {
    const callee = calleeOf(call)
    const place = call.arguments.indexOf(expression)
    if (['require', 'assert'].includes(callee.name)) return place === 0 ? 'checked' : 'lost'
    const fn = program.node(callee.referencedDeclaration)
    if (fn?.nodeType !== 'FunctionDefinition') return 'lost'
    const { parameters } = fn.parameters
    const name = call.names?.[place]
    // `using for` passes what stands before the dot, which is no argument here, as the first one.
    const bound = parameters.length - call.arguments.length
    const index = name ? parameters.findIndex((one) => one.name === name) : place + bound
    return variable(parameters[index], fn.parameters) === 'checked' ? 'checked' : 'lost'
  }

  function assigned(target, assignment) {
    const declaration =
      target?.nodeType === 'Identifier' ? program.node(target.referencedDeclaration) : undefined
    // A flag kept in storage or in a struct is looked at elsewhere, if at all.
    return declaration && !declaration.stateVariable ? variable(declaration, assignment) : 'lost'
  }

  /** The fate of a flag that `declaration` holds once `from` has run. */
  function variable(declaration, from) {
    if (!declaration) return 'lost'
    const key = `${declaration.id} ${from.src}`
    if (following.has(key)) return 'lost'
    following.add(key)
    const fate = follow(declaration, from)
    following.delete(key)
    return fate
  }

  function follow(declaration, from) {
    const fn = ancestorOf(program, from, ({ nodeType }) => FUNCTIONS.includes(nodeType))
    const loop = ancestorOf(program, from, ({ nodeType }) => LOOPS.includes(nodeType))
    const scope = loop && isWithin(spanOf(loop), spanOf(fn)) ? loop : fn
    const after = spanOf(from).end
    let fate = fn.returnParameters?.parameters.indexOf(declaration) ?? -1
    if (fate < 0) fate = 'lost'
    for (const { node, at, isWrite } of mentions(declaration, scope)) {
      // A loop's own condition stands before its body and runs after it.
      const isCondition =
        scope.condition !== undefined && isWithin(spanOf(node), spanOf(scope.condition))
      if (at <= after && !isCondition) continue
      // What a later assignment overwrites is not what the function returns by its name.
      if (isWrite) return 'lost'
      const read = node.nodeType === 'YulIdentifier' ? yulUse(node) : use(node)
      if (read === 'checked') return 'checked'
      if (read !== 'lost') fate = read
    }
    return fate
  }

  /** Where a variable is read or written, in the order of execution within a statement. */
  function mentions(declaration, scope) {
    const found = []
    for (const node of nodesOf(scope)) {
      if (node.nodeType === 'Identifier' && node.referencedDeclaration === declaration.id) {
        const write = writeOf(node)
        found.push({
          node,
          at: write ? spanOf(write).end : spanOf(node).start,
          isWrite: write !== undefined,
        })
      }
      if (node.nodeType !== 'InlineAssembly') continue
      const sources = node.externalReferences
        .filter((use) => use.declaration === declaration.id)
        .map(({ src }) => src)
      for (const name of nodesOf(node.AST)) {
        if (name.nodeType !== 'YulIdentifier' || !sources.includes(name.src)) continue
        const isWrite = program.parent(name).variableNames?.includes(name) ?? false
        found.push({ node: name, at: spanOf(isWrite ? program.parent(name) : name).end, isWrite })
      }
    }
    return found.sort((a, b) => a.at - b.at)
  }

  /** The assignment that gives an identifier its value, if it is one's target. */
  function writeOf(identifier) {
    let node = identifier
    while (program.parent(node).nodeType === 'TupleExpression') node = program.parent(node)
    const parent = program.parent(node)
    return parent.nodeType === 'Assignment' && parent.leftHandSide === node ? parent : undefined
  }

  /** The fate of a flag that stands in inline assembly. */
  function yulUse(node) {
    const parent = program.parent(node)
    if (YUL_CONDITIONS[parent.nodeType] && parent[YUL_CONDITIONS[parent.nodeType]] === node)
      return 'checked'
    if (parent.nodeType === 'YulFunctionCall') {
      return TRANSPARENT_INSTRUCTIONS.includes(parent.functionName.name) ? yulUse(parent) : 'lost'
    }
    if (!['YulVariableDeclaration', 'YulAssignment'].includes(parent.nodeType)) return 'lost'
    const [target] = parent.variables ?? parent.variableNames
    const assembly = ancestorOf(program, node, ({ nodeType }) => nodeType === 'InlineAssembly')
    const reference = assembly.externalReferences.find(({ src }) => src === target.src)
    if (reference !== undefined) return variable(program.node(reference.declaration), parent)
    for (const name of nodesOf(assembly.AST)) {
      const isLater = spanOf(name).start >= spanOf(parent).end
      if (name.nodeType !== 'YulIdentifier' || name.name !== target.name || !isLater) continue
      if (program.parent(name).variableNames?.includes(name)) return 'lost'
      const fate = yulUse(name)
      if (fate !== 'lost') return fate
    }
    return 'lost'
  }

  function outOfBrackets(node) {
    const parent = program.parent(node)
    return parent.nodeType === 'TupleExpression' && parent.components.length === 1
      ? outOfBrackets(parent)
      : parent
  }
}

function isWithin(inner, outer) {
  return inner.start >= outer.start && inner.end <= outer.end
}
