/**
 * Where the native Foundry binaries are. The one place that knows.
 *
 * The npm wrappers of @foundry-rs/* exit 0 even when the tool fails, so nothing here ever runs them: the platform
 * package that npm installed beside the wrapper holds the real binary.
 *
 * On the command line, `node tools/native.mjs forge` prints the path.
 */
import { createRequire } from 'node:module'
import { arch, argv, exit, platform, stderr, stdout } from 'node:process'
import { fileURLToPath } from 'node:url'

const TOOLS = ['forge', 'anvil', 'cast']
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' }

/**
 * The absolute path of a native Foundry binary.
 *
 * @param {string} tool 'forge', 'anvil' or 'cast'
 * @returns {string}
 * @throws {Error} one sentence, when the tool is unknown or its platform package is not installed
 */
export function nativeBinary(tool) {
  if (!TOOLS.includes(tool)) {
    throw new Error(`"${tool}" is no Foundry tool; it is one of ${TOOLS.join(', ')}.`)
  }
  const name = `@foundry-rs/${tool}-${platform}-${ARCHITECTURES[arch] ?? arch}`
  const file = platform === 'win32' ? `${tool}.exe` : tool
  try {
    return createRequire(import.meta.url).resolve(`${name}/bin/${file}`)
  } catch (cause) {
    const advice = 'run `npm ci` on a platform that Foundry supports.'
    throw new Error(`The package ${name} is not installed: ${advice}`, { cause })
  }
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  try {
    stdout.write(`${nativeBinary(argv[2])}\n`)
  } catch (error) {
    stderr.write(`${error.message}\n`)
    exit(2)
  }
}
