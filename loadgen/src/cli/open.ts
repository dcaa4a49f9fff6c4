import { spawn } from 'node:child_process'
import { LoadgenError } from '../core/errors.js'

/** How long an opener that fails takes to say so; one that still runs then has become the browser. */
const PATIENCE_MS = 2_000

const OPENERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ['open'],
  // `start` takes its first argument for the title of a window.
  win32: ['cmd', '/c', 'start', ''],
}

/**
 * Opens a file with the program that the platform has for it.
 * @throws LoadgenError when there is none, or it fails.
 */
export async function openFile(path: string, options: openFile.Options = {}): Promise<void> {
  const { platform = process.platform, env = process.env } = options
  const [program = '', ...before] = OPENERS[platform] ?? ['xdg-open']
  const failed = (why: string, cause?: unknown) =>
    new LoadgenError(`"${path}" could not be opened (${program} ${why}); open it in a browser.`, {
      cause,
    })
  await new Promise<void>((resolve, reject) => {
    const child = spawn(program, [...before, path], { env, detached: true, stdio: 'ignore' })
    const timer = setTimeout(resolve, PATIENCE_MS)
    child.on('error', (cause) => reject(failed('is not installed', cause)))
    child.on('exit', (code) => (code === 0 ? resolve() : reject(failed('failed'))))
    child.on('close', () => clearTimeout(timer))
    child.unref()
  })
}

export declare namespace openFile {
  type Options = {
    platform?: NodeJS.Platform | undefined
    /** Default: that of the process. */
    env?: NodeJS.ProcessEnv | undefined
  }
}
