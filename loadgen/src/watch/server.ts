import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type Clock, systemClock } from '../core/clock.js'
import { closeNow, listen } from '../core/listen.js'
import { type Html, html, toMarkup } from '../html/escape.js'
import { page } from '../html/page.js'
import { CLIENT } from './client.js'

/** A piece of the live page that changes by itself. */
export type Part = {
  /** Letters and dashes; the same parts in the same order, always. */
  name: string
  markup: Html
  /** A screen reader tells when it changes: a sentence that seldom does. */
  isStatus?: boolean | undefined
}

/** What the live page becomes. */
export type LastPage = { title: string; main: Html /** Tells the reader so. */; text: string }

export type PageServer = {
  url: string
  /** Sends the last page and waits until all that look have it, but no longer than `lastMs`. */
  end(last: LastPage): Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'
/** Another name that leads here comes from a foreign page (DNS rebinding). */
const NAMES: ReadonlySet<string> = new Set([HOST, 'localhost'])
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': "frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

type Reader = { response: ServerResponse /** Versions by part. */; has: Map<string, string> }

/**
 * Serves a page on loopback that follows what `read` returns, by server-sent events
 * (https://html.spec.whatwg.org/multipage/server-sent-events.html).
 * @throws UsageError when the port cannot be had.
 */
export async function servePage(options: servePage.Options): Promise<PageServer> {
  const { title, read, everyMs = 500, lastMs = 2_000, clock = systemClock } = options
  const readers = new Set<Reader>()
  /** When pages were handed out whose script has not come back yet. */
  const expected = new Map<string, number>()
  let pages = 0
  let last: LastPage | undefined
  let onGone = () => {}
  let timer: NodeJS.Timeout | undefined

  function respond({ url, method, headers }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url ?? '/', `http://${HOST}`)
    const refuse = (status: number, text: string) =>
      response.writeHead(status, HEADERS).end(`${text}\n`)
    if (!NAMES.has((headers.host ?? '').replace(/:\d+$/, '')))
      refuse(403, 'This page is for the machine that it is on.')
    else if (method !== 'GET') refuse(405, 'This page can only be read.')
    else if (pathname === '/') sendPage(response)
    else if (pathname === '/events') follow(searchParams.get('page') ?? '', response)
    else refuse(404, 'The page is at /.')
  }

  function sendPage(response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/html; charset=utf-8' })
    if (last !== undefined) {
      response.end(page(last))
      return
    }
    const id = String(++pages)
    expected.set(id, clock.now())
    const main = html`<div data-page="${id}">
${read().map(
  (part) =>
    html`<div data-part="${part.name}" data-version="${versionOf(part)}"${part.isStatus && html` role="status"`}>${part.markup}</div>
`,
)}</div>`
    response.end(page({ title, main, script: CLIENT }))
  }

  function follow(id: string, response: ServerResponse): void {
    response.writeHead(200, { ...HEADERS, 'content-type': 'text/event-stream' })
    response.write('retry: 1000\n\n')
    const reader: Reader = { response, has: new Map() }
    readers.add(reader)
    expected.delete(id)
    response.once('close', () => {
      readers.delete(reader)
      if (isAlone()) onGone()
    })
    if (last === undefined) push([reader], read())
    else sendLast(reader, last)
  }

  function push(to: Iterable<Reader>, parts: readonly Part[]): void {
    const versions = new Map(parts.map((part) => [part.name, versionOf(part)]))
    for (const { response, has } of to) {
      // It has not even read what it was sent; later it gets what is new by then.
      if (response.writableNeedDrain) continue
      const fresh = parts.filter(({ name }) => has.get(name) !== versions.get(name))
      if (fresh.length === 0) continue
      for (const { name } of fresh) has.set(name, versions.get(name) as string)
      const data = fresh.map(({ name, markup }) => {
        return [name, { version: versions.get(name), markup: toMarkup(markup) }]
      })
      response.write(event('parts', Object.fromEntries(data)))
    }
  }

  function sendLast({ response }: Reader, { title, main, text }: LastPage): void {
    response.write(event('end', { title, markup: toMarkup(main), text }))
  }

  /** Pushes now and then; drawing takes at most a tenth of the time, however slow it is. */
  function goOn(): void {
    const before = clock.now()
    if (readers.size > 0) push(readers, read())
    timer = setTimeout(goOn, Math.max(everyMs, 9 * (clock.now() - before)))
  }

  function isAlone(): boolean {
    return readers.size === 0 && expected.size === 0
  }

  const server = createServer(respond)
  const port = await listen(server, { host: HOST, port: options.port, option: '--watch' })
  timer = setTimeout(goOn, everyMs)
  return {
    url: `http://${HOST}:${port}/`,
    async end(page) {
      clearTimeout(timer)
      last = page
      for (const reader of readers) sendLast(reader, page)
      for (const [id, atMs] of expected) if (clock.now() - atMs > lastMs) expected.delete(id)
      if (isAlone()) return
      const patience = new AbortController()
      const gone = new Promise<void>((resolve) => {
        onGone = resolve
      })
      // A page closes its connection when it has the last event.
      await Promise.race([gone, clock.sleep(lastMs, { signal: patience.signal })])
      patience.abort()
    },
    async close() {
      clearTimeout(timer)
      await closeNow(server)
    },
  }
}

export declare namespace servePage {
  type Options = {
    /** 0 takes any that is free. */
    port: number
    title: string
    /** The parts of this moment. */
    read: () => readonly Part[]
    /** Milliseconds between two looks at them. Default 500. */
    everyMs?: number | undefined
    /** Milliseconds that the end waits for readers. Default 2,000. */
    lastMs?: number | undefined
    clock?: Clock | undefined
  }
}

function versionOf({ markup }: Part): string {
  return createHash('sha1').update(toMarkup(markup)).digest('base64url').slice(0, 12)
}

function event(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}
