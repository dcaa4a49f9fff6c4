/** The nodes of a function in the order in which they run, its modifiers around it. */
import { overriding } from './calls.mjs'
import { childrenOf } from './program.mjs'

/**
 * Yields what runs when `fn` is called, arguments before the call that takes them. Does not enter the functions it calls.
 *
 * @param {{ program: import('./program.mjs').Program, contract: object, fn: object, live?: (node: object) => object[] }}
 *   options the deployed contract decides which modifiers run; `live` picks the parts of a node that may run
 * @returns {Generator<object>}
 */
export function* executed({ program, contract, fn, live = childrenOf }) {
  const modifiers = (fn.modifiers ?? []).flatMap((invocation) => {
    const definition = program.node(invocation.modifierName.referencedDeclaration)
    // A constructor names its bases in the same place; construction.mjs runs those.
    if (definition.nodeType !== 'ModifierDefinition') return []
    return [{ invocation, definition: overriding(program, contract, definition) }]
  })
  yield* layer(0)

  function* layer(depth) {
    if (depth === modifiers.length) {
      if (fn.body) yield* evaluate(fn.body)
      return
    }
    const { invocation, definition } = modifiers[depth]
    for (const argument of invocation.arguments ?? []) yield* evaluate(argument)
    if (definition.body) yield* evaluate(definition.body, () => layer(depth + 1))
  }

  function* evaluate(node, placeholder) {
    if (node.nodeType === 'PlaceholderStatement') {
      yield* placeholder()
      return
    }
    for (const child of live(node)) yield* evaluate(child, placeholder)
    yield node
  }
}
