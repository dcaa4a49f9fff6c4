/**
 * Instructions that the runtime does not have, or does not survive.
 *
 * Not seen: code that is not compiled from these sources (Uniswap's pools, tokens of others), or that a contract creates from bytes.
 */

/** Bytes that are instructions of London: from, to. 0xfe is INVALID, which it has by name. */
const LONDON = [
  [0x00, 0x0b],
  [0x10, 0x1d],
  [0x20, 0x20],
  [0x30, 0x48],
  [0x50, 0x5b],
  [0x60, 0xa4],
  [0xf0, 0xf5],
  [0xfa, 0xfa],
  [0xfd, 0xff],
]
const NAMES = {
  30: 'CLZ',
  73: 'BLOBHASH',
  74: 'BLOBBASEFEE',
  92: 'TLOAD',
  93: 'TSTORE',
  94: 'MCOPY',
  95: 'PUSH0',
}
const BASEFEE = 0x48
const INVALID = 0xfe
const PUSH1 = 0x60
const PUSH32 = 0x7f

/**
 * Code as solc describes it. `sourceMap` has an entry an instruction: so it says where the instructions end and the data begin
 * (constants, code of contracts to create, metadata), which bytes alone do not.
 *
 * @typedef {object} Code
 * @property {{ file: string, line: number, name: string }} contract where it is declared
 * @property {'creation' | 'runtime'} part
 * @property {string} object hex; libraries may still be to be linked
 * @property {string} sourceMap
 * @property {Record<string, string>} paths number of a source file in the map -> its path
 */

/**
 * Finds instructions outside of London, and BASEFEE, in compiled code. What a PUSH pushes is no instruction, nor is what
 * follows the last one.
 *
 * @param {object} options
 * @param {readonly Code[]} options.codes
 * @param {(path: string, offset: number) => number} options.lineAt line of a byte of a source
 * @returns {import('./faults.mjs').Fault[]} the first of each instruction and code
 * @throws {Error} when code and map do not fit each other: then nothing can be said
 */
export function checkOpcodes({ codes, lineAt }) {
  return codes.flatMap((code) => {
    const found = new Map()
    for (const instruction of instructionsOf(code)) {
      const { opcode } = instruction
      if (opcode !== BASEFEE && isLondon(opcode)) continue
      found.set(opcode, [...(found.get(opcode) ?? []), instruction])
    }
    return [...found.values()].map((all) => faultOf(code, all, lineAt))
  })
}

function faultOf({ contract, part, paths }, all, lineAt) {
  // The compiler's own helpers have no place in a source.
  const [{ opcode, at, place }] = all
  const file = paths[place?.file]
  const { file: declared, line: declaredLine, name } = contract
  const where = file
    ? { file, line: lineAt(file, place.start) }
    : { file: declared, line: declaredLine }
  const count = all.length > 1 ? `, the first of ${all.length},` : ''
  if (opcode === BASEFEE) {
    const text =
      `the ${part} code of ${name} reads the base fee (BASEFEE at byte ${at}${count}): the runtime's node crashes on it; ` +
      'do not read block.basefee, which is never charged there.'
    return { check: 'basefee', ...where, text }
  }
  const opcodeName = NAMES[opcode] ?? `0x${opcode.toString(16).padStart(2, '0')}`
  const text =
    `the ${part} code of ${name} has ${opcodeName} (at byte ${at}${count}), which is no instruction of London: the runtime reverts on ` +
    'it; compile the contract for london (compilation_restrictions in foundry.toml) and use no later instruction in assembly.'
  return { check: 'opcode', ...where, text }
}

/** The instructions of a code: opcode, byte, and where in the sources the compiler took them from. */
function* instructionsOf({ contract, part, object, sourceMap, paths }) {
  // An address of a library that is still to be linked is data of a PUSH.
  const bytes = Buffer.from(
    object.replace(/^0x/, '').replace(/__\$\w{34}\$__/g, '0'.repeat(40)),
    'hex',
  )
  if (bytes.length === 0) return
  let at = 0
  let last = { start: 0, file: -1 }
  let place
  for (const entry of sourceMap.split(';')) {
    const [start, , file] = entry.split(':')
    // An empty field repeats the one before.
    last = { start: start ? Number(start) : last.start, file: file ? Number(file) : last.file }
    if (paths[last.file] !== undefined) place = last
    const opcode = bytes[at]
    if (opcode === undefined) break
    yield { opcode, at, place }
    at += opcode >= PUSH1 && opcode <= PUSH32 ? opcode - PUSH1 + 2 : 1
  }
  // solc ends the instructions by INVALID where anything follows.
  if (at === bytes.length || bytes[at] === INVALID) return
  const name = `${contract.file}: the ${part} code of ${contract.name}`
  throw new Error(`${name} does not fit its source map; run \`make clean\`, then \`make build\`.`)
}

function isLondon(opcode) {
  return LONDON.some(([from, to]) => opcode >= from && opcode <= to)
}

/**
 * The code that one contract of solc's output has.
 *
 * @param {object} options
 * @param {Code['contract']} options.contract
 * @param {{ bytecode: object, deployedBytecode: object }} options.artifact
 * @param {Record<string, string>} options.paths
 * @returns {Code[]}
 */
export function codesOf({ contract, artifact, paths }) {
  const parts = { creation: artifact.bytecode, runtime: artifact.deployedBytecode }
  return Object.entries(parts).map(([part, { object, sourceMap }]) => ({
    contract,
    part,
    object,
    sourceMap,
    paths,
  }))
}
