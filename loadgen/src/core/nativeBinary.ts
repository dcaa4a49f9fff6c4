import { createRequire } from 'node:module'
import { LoadgenError } from './errors.js'

export const FOUNDRY_TOOLS = ['forge', 'anvil', 'cast'] as const
export type FoundryTool = (typeof FOUNDRY_TOOLS)[number]

/** npm's names of the processors, by Node's names. */
const ARCHITECTURES: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/**
 * The absolute path of a native Foundry binary. The npm wrappers of @foundry-rs/* exit 0 even when the tool fails, and stand
 * between a signal and the process, so the binary of the platform package is run directly.
 * @throws LoadgenError when the package of this platform is not installed.
 */
export function nativeBinary(tool: FoundryTool, options: nativeBinary.Options = {}): string {
  const platform = options.platform ?? process.platform
  const arch = options.arch ?? process.arch
  const name = `@foundry-rs/${tool}-${platform}-${ARCHITECTURES[arch] ?? arch}`
  try {
    return createRequire(import.meta.url).resolve(
      `${name}/bin/${platform === 'win32' ? `${tool}.exe` : tool}`,
    )
  } catch (cause) {
    throw new LoadgenError(
      `The package ${name} is not installed: run \`npm ci\` on a platform that Foundry supports.`,
      { cause },
    )
  }
}

export declare namespace nativeBinary {
  type Options = {
    /** Node's name of the operating system. Default: this one. */
    platform?: string | undefined
    /** Node's name of the processor. Default: this one. */
    arch?: string | undefined
  }
}
