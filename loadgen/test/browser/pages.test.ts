import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeInBrowser, overflowOf, tabThrough, violationsOf } from '../support/browser.js'
import { loadgen, temporaryFolder } from '../support/cli.js'
import { latestFolder } from '../support/runs.js'

const folder = temporaryFolder()
const TRADES = fileURLToPath(new URL('../fixtures/trades.csv', import.meta.url))
/** Three modes on a node that aborts conflicts, and an attacker: every section of a report has something to show. */
const COMPARE = [
  ...['compare', '--scenario', 'sandwich', '--traders', '60', '--modes', 'netting,keeper,direct'],
  ...['--seed', 'pages', '--reports', folder],
]
/** A market designer's question: what share of these trades nets at which batch interval? */
const INTERVALS = [
  ...['sweep', '--replay', TRADES, '--vary', 'batch-interval=200,1000', '--reports', folder],
]
/** Two modes over a workload's size. */
const SIZES = [
  ...['sweep', '--vary', 'orders=20,40', '--traders', '10', '--modes', 'netting,direct'],
  ...['--lenient', '--reports', folder],
]

/** The sections of a report, and the charts in each. */
const SECTIONS = {
  netting: ['Netting ratio per block, netting', 'Pool touches so far'],
  prices: ['Pool price'],
  slippage: [
    'Orders by their slippage',
    'Slippage of orders, netting',
    'Slippage of orders, direct',
  ],
  latency: ['Until the order is settled', 'Settlement latency over time, 99th percentile'],
  throughput: ['Orders settled so far', 'Rates, netting', 'Rates, keeper', 'Rates, direct'],
  gas: ['By the node’s receipts', 'By Arcology’s own gas schedule'],
  conflicts: ['Generations per block', 'Speed-up by threads'],
  outcomes: ['Orders that were not filled, by reason'],
  mev: ['The attacker’s profit'],
  verification: [],
  environment: [],
} as const

const PHONE = { width: 375, height: 812 }
const DESKTOP = { width: 1440, height: 900 }
/** A4 without its margins, at 96 pixels an inch. */
const PAPER = { width: 718, height: 1047 }

describeInBrowser('pages', ({ open }) => {
  const urls: Record<string, string> = {}
  beforeAll(async () => {
    const addressOf = (...path: string[]) => pathToFileURL(join(...path)).href
    const succeed = async (args: readonly string[]) => {
      const { code, complaint, stdout } = await loadgen(args)
      expect({ code, complaint }).toEqual({ code: 0, complaint: '' })
      return stdout
    }
    await succeed(COMPARE)
    urls.report = addressOf(await latestFolder(folder), 'report.html')
    for (const [name, args] of Object.entries({ intervals: INTERVALS, sizes: SIZES })) {
      const { sweep } = JSON.parse(await succeed([...args, '--json']))
      urls[name] = addressOf(folder, sweep.id, 'sweep.html')
    }
    urls.index = addressOf(folder, 'index.html')
    const [first, last] = [new URL(urls.report).pathname.split('/').at(-2) ?? '', 'latest']
    const page = join(folder, 'diff.html')
    const diff = await loadgen(['diff', first, last, '--reports', folder, '--html', page])
    expect(diff).toMatchObject({ code: 0, stderr: `${page}\n` })
    urls.diff = addressOf(page)
  })

  test('sweep: the page of the batch interval asks the question, and draws what netted beside what could', async () => {
    const { page, faults } = await open(urls.intervals ?? '', { viewport: DESKTOP })
    expect(await page.locator('h1').textContent()).toBe('What share of this flow nets at T?')
    expect(await page.locator('figure').count()).toBeGreaterThan(0)
    expect(await emptyCharts(page)).toEqual([])
    expect(faults).toEqual([])
  })

  test('index: a run is one click away', async () => {
    const { page, faults } = await open(urls.index ?? '', { viewport: DESKTOP })
    expect(faults).toEqual([])
    const own = new URL(urls.report ?? '').pathname.split('/').at(-2) ?? ''
    await page.locator('a', { hasText: own }).click()
    expect(page.url()).toBe(urls.report)
    expect(await page.locator('footer').textContent()).toContain(own)
  })

  test('report: every section shows its charts, its figures, and nothing that is no number', async () => {
    const { page, faults } = await open(urls.report ?? '', { viewport: DESKTOP })
    expect(await page.locator('main > section > h2').evaluateAll(idsOf)).toEqual(
      Object.keys(SECTIONS),
    )
    for (const [id, titles] of Object.entries(SECTIONS)) {
      const section = page.locator(`section[aria-labelledby="${id}"]`)
      const charts = await section.locator('figure h3').allTextContents()
      for (const title of titles)
        expect(
          charts.some((found) => found.startsWith(title)),
          `${title} in ${charts}`,
        ).toBe(true)
      expect((await section.textContent())?.length, id).toBeGreaterThan(100)
    }
    expect(await page.locator('main').textContent()).not.toMatch(/NaN|undefined|Infinity|\[object/)
    expect(await emptyCharts(page)).toEqual([])
    expect(faults).toEqual([])
  })

  test('diff: each figure of both runs, and a word for what became better and worse', async () => {
    const { page, faults } = await open(urls.diff ?? '', { viewport: DESKTOP })
    expect(await page.locator('h1').textContent()).toMatch(
      /^B against A: \d+ better, \d+ worse, \d+ the same$/,
    )
    expect(await page.locator('main > section > h2').evaluateAll(idsOf)).toEqual([
      'netting',
      'direct',
    ])
    const touches = page.locator('tr', {
      has: page.getByRole('rowheader', { name: 'pool touches' }),
    })
    expect(await touches.first().textContent()).toMatch(/^pool touches✓ better/)
    expect(await page.locator('main').textContent()).not.toMatch(/NaN|undefined|Infinity|\[object/)
    expect(faults).toEqual([])
  })

  describe.each(['report', 'intervals', 'sizes', 'index', 'diff'])('%s', (name) => {
    test.each([PHONE, DESKTOP])('fits into $width pixels', async (viewport) => {
      const { page, faults } = await open(urls[name] ?? '', { viewport })
      expect(await overflowOf(page)).toEqual([])
      await openAll(page)
      expect(await overflowOf(page)).toEqual([])
      expect(faults).toEqual([])
    })

    test.each(['light', 'dark'] as const)(
      'axe finds nothing wrong, contrast included, in %s',
      async (colorScheme) => {
        const { page } = await open(urls[name] ?? '', { viewport: DESKTOP, colorScheme })
        await openAll(page)
        expect(await violationsOf(page)).toEqual([])
      },
    )

    test('everything that can be clicked is reached by Tab', async () => {
      const { page } = await open(urls[name] ?? '', { viewport: DESKTOP })
      const all = await page.locator('a[href], summary, button').count()
      const reached = await tabThrough(page)
      expect(all).toBeGreaterThan(0)
      expect(reached.filter((markup) => /^<(a|summary|button)\b/.test(markup))).toHaveLength(all)
    })

    test('prints: all of it on paper, black on white, without what only a screen can use', async () => {
      const { page } = await open(urls[name] ?? '', { colorScheme: 'dark', viewport: PAPER })
      await page.emulateMedia({ media: 'print' })
      expect(await overflowOf(page)).toEqual([])
      expect(
        await page.evaluate<string[]>(
          `['color', 'backgroundColor'].map((name) => getComputedStyle(document.body)[name])`,
        ),
      ).toEqual(['rgb(0, 0, 0)', 'rgb(255, 255, 255)'])
      const pdf = await page.pdf({ format: 'A4' })
      expect(pdf.subarray(0, 5).toString()).toBe('%PDF-')
      expect(pagesOf(pdf)).toBeGreaterThan(0)
    })
  })

  test('report: Enter on a figure’s definition opens it', async () => {
    const { page } = await open(urls.report ?? '', { viewport: DESKTOP })
    const definition = page.locator('.card details').first()
    await definition.locator('summary').focus()
    expect(await definition.locator('p').isVisible()).toBe(false)
    await page.keyboard.press('Enter')
    expect(await definition.locator('p').isVisible()).toBe(true)
  })
})

function idsOf(elements: { id: string }[]): string[] {
  return elements.map(({ id }) => id)
}

/** Opens every definition and every table, so that they are checked too. */
async function openAll(page: Page): Promise<void> {
  await page.evaluate('document.querySelectorAll("details").forEach((it) => { it.open = true })')
}

/** Titles of charts whose picture holds no mark, or one that is not drawn for want of a number. */
function emptyCharts(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`[...document.querySelectorAll('figure')]
    .filter((figure) => {
      const marks = [...figure.querySelectorAll('svg g :is(path, rect, circle)')]
      return marks.length === 0 || figure.querySelector('svg').outerHTML.includes('NaN')
    })
    .map((figure) => figure.querySelector('h3').textContent)`)
}

function pagesOf(pdf: Buffer): number {
  return pdf.toString('latin1').match(/\/Type\s*\/Page\b(?!s)/g)?.length ?? 0
}
