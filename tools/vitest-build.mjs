/** Compiles loadgen/src before the tests: worker threads load loadgen/dist, not the sources. */
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { execPath, stderr } from 'node:process'
import { fileURLToPath } from 'node:url'

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..')
const EMITTED_WITH_TYPE_ERRORS = 2

export function setup() {
  const tsc = spawnSync(execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', ROOT], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (tsc.status === 0) return
  stderr.write(`${tsc.stdout}${tsc.stderr}`)
  if (tsc.status !== EMITTED_WITH_TYPE_ERRORS) throw new Error('`tsc -p .` failed: see above.')
  // The tests still tell something; `make build`, `make test` and `make lint` fail on the types.
  stderr.write('Type errors in loadgen/src: the tests run all the same.\n')
}
