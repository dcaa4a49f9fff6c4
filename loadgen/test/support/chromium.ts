import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** Names a browser that is elsewhere. */
const VARIABLE = 'CHROMIUM_PATH'
const PLACES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Says what to do where there is none. */
export const NO_CHROMIUM = `Pages need Chromium or Chrome to be looked at; none of ${PLACES.join(', ')} is there. Install one, or name it in ${VARIABLE}.`

/** No service of the browser's maker is asked for anything. */
const FLAGS = [
  ...['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-sync', '--disable-quic'],
  ...['--disable-background-networking', '--disable-component-update'],
]

/** Where the browser is; undefined where there is none. */
export function findChromium(): string | undefined {
  const named = process.env[VARIABLE]
  return named === undefined || named === '' ? PLACES.find((path) => existsSync(path)) : named
}

/** Starts it without a window, in a fresh profile. @throws Error where there is none. */
export async function startChromium(): Promise<Browser> {
  const path = findChromium()
  if (path === undefined) throw new Error(NO_CHROMIUM)
  return chromium.launch({ executablePath: path, args: FLAGS })
}
