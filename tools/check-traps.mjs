/**
 * Holds production contracts against what the Arcology runtime punishes and other chains do not:
 *
 *   opcode        instructions outside of London, in compiled code
 *   basefee       BASEFEE, in compiled code
 *   try           try/catch
 *   call-result   a call whose success nothing looks at
 *   defer-first   a registration of a deferrable function that is not the first call of its deployment
 *   defer-once    a second one
 *   defer-writes  a plain storage write that a deferrable function reaches
 *
 * Compiles what forge has not compiled yet, so that the code it reads is the code of the sources.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import process, { argv, stderr, stdout } from 'node:process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { nativeBinary } from './native.mjs'
import { deployedContracts, readCodes } from './traps/artifacts.mjs'
import { checkDeferral } from './traps/deferral.mjs'
import { renderFaults } from './traps/faults.mjs'
import { checkOpcodes } from './traps/opcodes.mjs'
import { compileSources, indexProgram } from './traps/program.mjs'
import { checkResults } from './traps/results.mjs'
import { checkWrites } from './traps/writes.mjs'

/** Everything below contracts/ that is deployed on a runtime. */
export const PRODUCTION = /^contracts\/(?!(test|emulation|script)\/)/

/** Deferrable function -> function whose call has a target that no source here answers -> why it may be made. */
export const ACCEPTED = {
  'SpotNettingEngine.queueSwapRequest': {
    'SafeTransferLib.safeTransferFrom':
      'the token that is sold, which whoever lists the market chooses: ISpotNettingEngine says which tokens keep the deferral',
  },
}

/**
 * All checks on one program.
 *
 * @param {object} options
 * @param {import('./traps/program.mjs').Program} options.program
 * @param {readonly import('./traps/opcodes.mjs').Code[]} options.codes compiled code of its contracts
 * @param {(path: string) => boolean} options.isChecked the files to judge
 * @param {typeof ACCEPTED} [options.accepted]
 * @returns {{ faults: import('./traps/faults.mjs').Fault[], deferrable: string[] }} what was found, and the functions whose
 *   writes were followed
 */
export function checkTraps({ program, codes, isChecked, accepted }) {
  const writes = checkWrites({ program, isChecked, accepted })
  const faults = [
    ...checkOpcodes({ codes, lineAt: program.lineAt }),
    ...checkResults({ program, isChecked }),
    ...checkDeferral({ program, isChecked }),
    ...writes.faults,
  ]
  return { faults, deferrable: writes.deferrable }
}

/** The production sources below `root` by path. */
export function productionSources(root) {
  const files = readdirSync(join(root, 'contracts'), { recursive: true })
    .map((file) => `contracts/${file.replaceAll('\\', '/')}`)
    .filter((file) => file.endsWith('.sol') && PRODUCTION.test(file))
  return Object.fromEntries(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]))
}

async function forgeBuild(root) {
  const forge = spawn(nativeBinary('forge'), ['build', '--skip', 'contracts/test/**'], {
    cwd: root,
  })
  const [[status], out, err] = await Promise.all([
    once(forge, 'close'),
    text(forge.stdout),
    text(forge.stderr),
  ])
  if (status !== 0) throw new Error(`forge build failed:\n${out}${err}`)
}

async function understand(root) {
  return indexProgram(compileSources({ sources: productionSources(root), root }))
}

async function main() {
  const root = join(dirname(fileURLToPath(import.meta.url)), '..')
  const isChecked = (path) => PRODUCTION.test(path)
  // Forge first: it is a process of its own, and solc does not let go of this one.
  const [, program] = await Promise.all([forgeBuild(root), understand(root)])
  const contracts = deployedContracts({ program, isChecked })
  const codes = readCodes({ root, program, contracts })
  const { faults, deferrable } = checkTraps({ program, codes, isChecked, accepted: ACCEPTED })
  for (const line of renderFaults(faults)) stderr.write(`${line}\n`)
  if (faults.some(({ check }) => check === 'defer-writes')) {
    stderr.write(
      'Not counted as writes: what stands behind a condition that only Runtime.isInDeferred() makes true, and what follows ' +
        '`if (!Runtime.isInDeferred()) return;`; see tools/traps/deferred.mjs.\n',
    )
  }
  if (faults.length > 0) return 1
  stdout.write(
    `${contracts.length} contracts avoid the runtime's traps; deferrable: ${deferrable.join(', ')}.\n`,
  )
  for (const [root, calls] of Object.entries(ACCEPTED)) {
    for (const [fn, reason] of Object.entries(calls))
      stdout.write(`Accepted: ${root} calls ${fn}: ${reason}.\n`)
  }
  return 0
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await main()
  } catch (error) {
    stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
