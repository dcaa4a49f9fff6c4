/** Compiled code as forge left it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codesOf } from './opcodes.mjs'
import { nodesOf } from './program.mjs'

/** The compiler profile of foundry.toml that what is deployed is built with. */
const PROFILE = 'london'

/**
 * Contracts that end up on a chain: those of the checked files that have code of their own, and what they create.
 *
 * @param {{ program: import('./program.mjs').Program, isChecked: (path: string) => boolean }} options
 * @returns {object[]} ContractDefinitions
 */
export function deployedContracts({ program, isChecked }) {
  const checked = program.contracts.filter((contract) => isChecked(program.fileOf(contract)))
  const created = checked.flatMap((contract) =>
    [...nodesOf(contract)]
      .filter(({ nodeType }) => nodeType === 'NewExpression')
      .map(({ typeName }) => program.node(typeName.referencedDeclaration))
      .filter((type) => type?.nodeType === 'ContractDefinition'),
  )
  return [...new Set([...checked, ...created])].filter(hasCode)
}

/** A library without external functions is part of what uses it. */
function hasCode({ contractKind, abstract, nodes }) {
  if (contractKind === 'library')
    return nodes.some(({ functionSelector }) => functionSelector !== undefined)
  return contractKind === 'contract' && !abstract
}

/**
 * Reads what forge compiled, by its own list of what is up to date.
 *
 * @param {{ root: string, program: import('./program.mjs').Program, contracts: readonly object[] }} options `root` has
 *   out/ and cache/
 * @returns {import('./opcodes.mjs').Code[]}
 * @throws {Error} one sentence, when a contract was not compiled
 */
export function readCodes({ root, program, contracts }) {
  const read = (...path) => JSON.parse(readFileSync(join(root, ...path), 'utf8'))
  const { files, paths: folders } = read('cache', 'solidity-files-cache.json')
  const builds = new Map()
  const pathsOf = (build) => {
    if (!builds.has(build))
      builds.set(build, read(folders.build_infos, `${build}.json`).source_id_to_path)
    return builds.get(build)
  }
  return contracts.flatMap((node) => {
    const contract = { ...program.where(node), name: node.name }
    const profiles = Object.assign(
      {},
      ...Object.values(files[contract.file]?.artifacts[node.name] ?? {}),
    )
    const entry = profiles[PROFILE] ?? Object.values(profiles)[0]
    if (entry === undefined)
      throw new Error(`${contract.file}: ${node.name} was not compiled; run \`make build\`.`)
    return codesOf({
      contract,
      artifact: read(folders.artifacts, entry.path),
      paths: pathsOf(entry.build_id),
    })
  })
}
