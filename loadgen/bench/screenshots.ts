/**
 * Draws docs/example/report.html from its report.json and takes the pictures of it in docs/images. With --run it makes the
 * report.json first, by the command that `make bench` runs.
 */
import { spawnSync } from 'node:child_process'
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { renderReport } from '../src/html/report.js'
import { parseRunReport } from '../src/report/runReport.js'
import { startChromium } from '../test/support/chromium.js'

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
const MAIN = join(ROOT, 'loadgen/dist/cli/main.js')
const DATA = join(ROOT, 'docs/example/report.json')
const PAGE = join(ROOT, 'docs/example/report.html')
const IMAGES = join(ROOT, 'docs/images')

const RUN = [
  ...['compare', '--traders', '1000', '--orders', '5000', '--modes', 'netting,keeper,direct'],
  ...['--seed', '1'],
]
const DESKTOP = { viewport: { width: 1000, height: 1000 }, deviceScaleFactor: 1.5 }
const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 1.5 }

type Picture = {
  name: string
  look: BrowserContextOptions
  /** What it shows: as far as the links to the sections, one element, or what fits the window. */
  shows: 'head' | 'window' | { selector: string }
}
const PICTURES: readonly Picture[] = [
  { name: 'report-light', look: { ...DESKTOP, colorScheme: 'light' }, shows: 'head' },
  { name: 'report-dark', look: { ...DESKTOP, colorScheme: 'dark' }, shows: 'head' },
  { name: 'report-phone', look: { ...PHONE, colorScheme: 'light' }, shows: 'window' },
  {
    ...{ name: 'report-netting', look: { ...DESKTOP, colorScheme: 'light' } },
    shows: { selector: 'section[aria-labelledby="netting"]' },
  },
  {
    ...{ name: 'report-latency-phone', look: { ...PHONE, colorScheme: 'dark' } },
    shows: { selector: 'section[aria-labelledby="latency"] figure' },
  },
]

/** Runs the example, in a folder of its own, and keeps its report. */
function run(): void {
  const folder = mkdtempSync(join(tmpdir(), 'example-'))
  try {
    const args = ['--enable-source-maps', MAIN, ...RUN]
    const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' })
    if (status !== 0) throw new Error(`The example ended with exit code ${status}.`)
    const id = readFileSync(join(folder, 'reports/latest'), 'utf8').trim()
    copyFileSync(join(folder, 'reports', id, 'report.json'), DATA)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

async function takePictures(): Promise<void> {
  const browser = await startChromium()
  try {
    for (const { name, look, shows } of PICTURES) {
      const page = await browser.newPage(look)
      await page.goto(pathToFileURL(PAGE).href)
      const path = join(IMAGES, `${name}.png`)
      const clip = await frameOf(page, shows)
      await page.screenshot({ path, ...(clip !== undefined && { clip, fullPage: true }) })
      process.stdout.write(`${relative(ROOT, path)}: ${statSync(path).size} bytes\n`)
    }
  } finally {
    await browser.close()
  }
}

type Frame = { x: number; y: number; width: number; height: number }

/** What of a page a picture shows; undefined for what fits the window. */
async function frameOf(page: Page, shows: Picture['shows']): Promise<Frame | undefined> {
  if (shows === 'window') return undefined
  const selector = shows === 'head' ? '.nav' : shows.selector
  const box = await page.locator(selector).first().boundingBox()
  if (box === null) throw new Error(`${PAGE} has no ${selector}.`)
  const { width } = page.viewportSize() ?? box
  if (shows === 'head') return { x: 0, y: 0, width, height: Math.floor(box.y) }
  return { x: 0, y: box.y - MARGIN, width, height: box.height + 2 * MARGIN }
}

/** Around an element, pixels. */
const MARGIN = 24

for (const folder of [dirname(DATA), IMAGES]) mkdirSync(folder, { recursive: true })
if (process.argv.includes('--run')) run()
writeFileSync(PAGE, renderReport(parseRunReport(readFileSync(DATA, 'utf8'), DATA)))
await takePictures()
