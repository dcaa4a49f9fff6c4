/** Solidity sources as solc understood them: syntax trees whose nodes know their parent, their file and their line. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import solc from 'solc'

/** As in foundry.toml; an import that they do not resolve fails the compilation. */
const REMAPPINGS = ['solady/=lib/solady/src/']
/** What hangs on a node without being a part of what it does. */
const NO_CHILDREN = ['documentation', 'externalReferences', 'overrides', 'typeDescriptions']

/**
 * Runs solc. Without `settings.outputSelection` it only parses and resolves, which takes a fifth of the time.
 *
 * @param {{ sources: Record<string, string>, root: string, settings?: object }} options path below `root` -> text; the
 *   folder in which imports are looked up; settings of solc's standard JSON that differ from the default
 * @returns {{ output: object, texts: Record<string, string> }} solc's output, and the text of every file that took part
 * @throws {Error} with solc's messages when the sources do not compile
 */
export function compileSources({ sources, root, settings = {} }) {
  const texts = { ...sources }
  const read = (path) => {
    try {
      texts[path] = readFileSync(join(root, path), 'utf8')
      return { contents: texts[path] }
    } catch (error) {
      return { error: error.message }
    }
  }
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(
      Object.entries(sources).map(([path, content]) => [path, { content }]),
    ),
    settings: {
      remappings: REMAPPINGS,
      evmVersion: 'london',
      outputSelection: { '*': { '': ['ast'] } },
      ...settings,
    },
  }
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: read }))
  const errors = (output.errors ?? []).filter(({ severity }) => severity === 'error')
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join('\n'))
  return { output, texts }
}

/**
 * Indexes what {@link compileSources} answered.
 *
 * @param {{ output: object, texts: Record<string, string> }} compiled
 * @returns {Program}
 *
 * @typedef {object} Program
 * @property {{ path: string, ast: object }[]} units the source files
 * @property {object[]} contracts every ContractDefinition
 * @property {(id: number) => object | undefined} node a declaration by its id
 * @property {(node: object) => object | undefined} parent
 * @property {(node: object) => string} fileOf
 * @property {(path: string, offset: number) => number} lineAt line of a byte of a file, from 1
 * @property {(node: object) => { file: string, line: number }} where
 * @property {(node: object) => string} textOf the node's source in one short line
 */
export function indexProgram({ output, texts }) {
  const units = Object.entries(output.sources).map(([path, { ast }]) => ({ path, ast }))
  const paths = Object.fromEntries(
    Object.entries(output.sources).map(([path, { id }]) => [id, path]),
  )
  const bytes = Object.fromEntries(units.map(({ path }) => [path, Buffer.from(texts[path])]))
  const byId = new Map()
  const parents = new Map()
  const contracts = []
  for (const { ast } of units) {
    for (const node of nodesOf(ast)) {
      if (node.id !== undefined) byId.set(node.id, node)
      if (node.nodeType === 'ContractDefinition') contracts.push(node)
      for (const child of childrenOf(node)) parents.set(child, node)
    }
  }
  const fileOf = (node) => paths[spanOf(node).file]
  const lineAt = (path, offset) => {
    let line = 1
    for (
      let at = bytes[path].indexOf(10);
      at >= 0 && at < offset;
      at = bytes[path].indexOf(10, at + 1)
    )
      line++
    return line
  }
  return {
    units,
    contracts,
    node: (id) => byId.get(id),
    parent: (node) => parents.get(node),
    fileOf,
    lineAt,
    where: (node) => ({ file: fileOf(node), line: lineAt(fileOf(node), spanOf(node).start) }),
    textOf: (node) => {
      const { start, end } = spanOf(node)
      const text = bytes[fileOf(node)].toString('utf8', start, end).replace(/\s+/g, ' ')
      return text.length > 60 ? `${text.slice(0, 57)}...` : text
    },
  }
}

/** Where a node stands: bytes of a file, by solc's number of the file. */
export function spanOf(node) {
  const [start, length, file] = node.src.split(':').map(Number)
  return { start, end: start + length, file }
}

/** The parts of a node in the order of the source, which is the order of their execution but for assignments. */
export function childrenOf(node) {
  return Object.entries(node)
    .filter(([key]) => !NO_CHILDREN.includes(key))
    .flatMap(([, value]) => value)
    .filter((value) => typeof value?.nodeType === 'string')
    .sort((a, b) => spanOf(a).start - spanOf(b).start)
}

/** A node and all below it. */
export function* nodesOf(node) {
  yield node
  for (const child of childrenOf(node)) yield* nodesOf(child)
}

/** The closest node above `node` for which `accepts` holds. */
export function ancestorOf(program, node, accepts) {
  let above = program.parent(node)
  while (above !== undefined && !accepts(above)) above = program.parent(above)
  return above
}

/** A node of a given type above `node`. */
export function enclosing(program, node, nodeType) {
  return ancestorOf(program, node, (above) => above.nodeType === nodeType)
}

/** `(x)` is x. */
export function unwrap(expression) {
  const isBracket = expression.nodeType === 'TupleExpression' && !expression.isInlineArray
  return isBracket && expression.components.length === 1
    ? unwrap(expression.components[0])
    : expression
}
