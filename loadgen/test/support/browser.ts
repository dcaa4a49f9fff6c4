import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, describe } from 'vitest'
import { findChromium, NO_CHROMIUM, startChromium } from './chromium.js'

/** A page, and what it did that no page of ours may do. */
export type OpenPage = {
  page: Page
  /** Errors of its console and its scripts, and requests that left it. */
  faults: string[]
}

export type Look = Pick<BrowserContextOptions, 'colorScheme' | 'viewport' | 'reducedMotion'>

export type Tabs = {
  /** Opens an address: a file, or one on loopback. */
  open(url: string, look?: Look): Promise<OpenPage>
}

/**
 * Tests that look at pages in a real browser, each in a fresh profile. Where no browser is installed they are skipped, with a
 * message; not in CI, where they fail.
 */
export function describeInBrowser(name: string, tests: (tabs: Tabs) => void): void {
  const isSkipped = findChromium() === undefined && (process.env.CI ?? '') === ''
  if (isSkipped) process.stderr.write(`Skipped: ${name}. ${NO_CHROMIUM}\n`)
  describe.skipIf(isSkipped)(name, () => {
    let browser: Browser
    beforeAll(async () => {
      browser = await startChromium()
    })
    afterAll(() => browser?.close())
    tests({
      async open(url, look = {}) {
        const context = await browser.newContext(look)
        const page = await context.newPage()
        const faults = watchFor(page, url)
        await page.goto(url)
        return { page, faults }
      },
    })
  })
}

/** The list grows while the page is open. */
function watchFor(page: Page, url: string): string[] {
  const faults: string[] = []
  // A file may load nothing else; a served page may ask its own server.
  const isOwn = (address: string) =>
    address.startsWith('data:') ||
    (url.startsWith('file:') ? address === url : new URL(address).origin === new URL(url).origin)
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning')
      faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`script: ${error.message}`))
  page.on('request', (request) => {
    if (!isOwn(request.url())) faults.push(`request: ${request.url()}`)
  })
  return faults
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
/** WCAG 2.2 at level AA, https://www.w3.org/TR/WCAG22/. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']

type AxeResult = { violations: { id: string; help: string; nodes: { html: string }[] }[] }

/** What axe (https://github.com/dequelabs/axe-core) finds wrong with a page: contrast, names, roles, structure. */
export async function violationsOf(page: Page): Promise<string[]> {
  // A page's policy lets no script run but its own; the inspector may.
  await page.evaluate(await readFile(AXE, 'utf8'))
  const { violations } = await page.evaluate<AxeResult>(
    `axe.run({ runOnly: ${JSON.stringify(TAGS)} })`,
  )
  return violations.map(
    ({ id, help, nodes }) =>
      `${id} (${help}), ${nodes.length}×, first: ${nodes[0]?.html.slice(0, 200)}`,
  )
}

/** What is wider than the window of a page, the boxes that scroll by themselves left out. */
export async function overflowOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const wide = document.scrollingElement.clientWidth
    if (document.scrollingElement.scrollWidth <= wide) return []
    const inBox = (element) => element.closest('.scroll, pre') !== null
    return [...document.body.querySelectorAll('*')]
      .filter((element) => !inBox(element) && element.getBoundingClientRect().right > wide + 1)
      .map((element) => element.outerHTML.slice(0, 120))
      .concat('the page is ' + document.scrollingElement.scrollWidth + ' wide in ' + wide)
  })()`)
}

/** Presses Tab until the focus leaves the page; the elements that had it, as markup. */
export async function tabThrough(page: Page): Promise<string[]> {
  const focused: string[] = []
  await page.evaluate('document.activeElement.blur()')
  for (;;) {
    await page.keyboard.press('Tab')
    const markup = await page.evaluate<string | null>(
      `document.activeElement === document.body || document.activeElement.dataset.reached === 'yes' ? null : (document.activeElement.dataset.reached = 'yes', document.activeElement.outerHTML.slice(0, 200))`,
    )
    if (markup === null) return focused
    focused.push(markup)
  }
}
