/**
 * Holds every import of contracts/ against the table below and refuses cycles between files.
 * Biome does the same for loadgen/src (biome.json).
 */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { argv, exit, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

const PRODUCTION = [
  'types',
  'interfaces',
  'libraries',
  'arcology',
  'tokens',
  'vault',
  'netting',
  'risk',
  'perp',
  'periphery',
  'baseline',
  'spot',
]
const CORE = ['types', 'interfaces', 'libraries', 'arcology']

/** Folder of contracts/ -> the other folders it may import. Every folder may import itself. */
export const LAYERS = {
  types: [],
  interfaces: ['types'],
  libraries: ['types', 'interfaces'],
  arcology: [],
  tokens: CORE,
  vault: CORE,
  netting: CORE,
  risk: CORE,
  perp: [...CORE, 'netting'],
  periphery: [...CORE, 'netting', 'perp'],
  baseline: [...CORE, 'perp'],
  spot: [...CORE, 'netting'],
  // Compiled for another EVM than the rest, so it stands alone.
  emulation: [],
  test: [...PRODUCTION, 'emulation'],
}

/** Prefix of a third-party import -> the folders that may use it; null allows all of them. */
export const PACKAGES = { 'solady/': null, 'forge-std/': ['test'] }

/**
 * What a Solidity source imports, as written, comments left out.
 *
 * @param {string} source
 * @returns {string[]}
 */
export function importsOf(source) {
  // Comments become nothing and string literals stay: a `//` inside a string starts no comment.
  const code = source.replace(
    /("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g,
    (_, literal) => literal ?? ' ',
  )
  const statement = /(?<![\w$])import\s*(?:[^"';]*?from\s*)?["']([^"']+)["']/g
  return [...code.matchAll(statement)].map((match) => match[1])
}

/**
 * Checks a set of sources.
 *
 * @param {Record<string, string>} sources path below contracts/ (`perp/PerpNetting.sol`) -> source text
 * @returns {string[]} one sentence a fault, sorted; empty when the sources keep to the table
 */
export function checkLayers(sources) {
  const faults = []
  const graph = new Map()
  for (const [file, source] of Object.entries(sources)) {
    const edges = []
    for (const target of importsOf(source)) {
      if (target.startsWith('.')) edges.push(normalize(join(dirname(file), target)))
      const fault = target.startsWith('.')
        ? layerFault(file, edges.at(-1))
        : packageFault(file, target)
      if (fault) faults.push(fault)
    }
    graph.set(file, edges)
  }
  return [...faults, ...cycles(graph)].sort()
}

function layerFault(file, target) {
  const from = folderOf(file)
  const to = folderOf(target)
  for (const [path, folder] of [
    [file, from],
    [target, to],
  ]) {
    if (!Object.hasOwn(LAYERS, folder)) {
      return `${file} imports ${target}: ${path} is in no folder of the table in tools/check-layers.mjs.`
    }
  }
  if (from === to || LAYERS[from].includes(to)) return undefined
  const allowed = LAYERS[from].length > 0 ? LAYERS[from].join(', ') : 'nothing else'
  return `${file} imports ${target}: ${from}/ may import ${allowed}.`
}

function packageFault(file, target) {
  const prefix = Object.keys(PACKAGES).find((name) => target.startsWith(name))
  if (prefix === undefined) {
    const known = Object.keys(PACKAGES).join(', ')
    return `${file} imports ${target}: an import is relative or starts with ${known}.`
  }
  const folders = PACKAGES[prefix]
  if (folders === null || folders.includes(folderOf(file))) return undefined
  return `${file} imports ${target}: only ${folders.join(', ')} may import ${prefix}.`
}

/** Folder of contracts/ that a path is in; '' for a file that is in none. */
function folderOf(path) {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : ''
}

/** One sentence for each cycle that a depth-first walk closes. */
function cycles(graph) {
  const found = []
  const done = new Set()
  const path = []
  const visit = (file) => {
    const start = path.indexOf(file)
    if (start >= 0) {
      found.push(`Import cycle: ${[...path.slice(start), file].join(' -> ')}.`)
      return
    }
    if (done.has(file)) return
    path.push(file)
    for (const target of graph.get(file) ?? []) visit(target)
    path.pop()
    done.add(file)
  }
  for (const file of [...graph.keys()].sort()) visit(file)
  return found
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..', 'contracts')
  const files = readdirSync(root, { recursive: true })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.sol'))
  const sources = Object.fromEntries(
    files.map((file) => [file, readFileSync(join(root, file), 'utf8')]),
  )
  const faults = checkLayers(sources)
  for (const fault of faults) stderr.write(`${fault}\n`)
  if (faults.length > 0) exit(1)
  stdout.write(`${files.length} contracts keep to the import table.\n`)
}
