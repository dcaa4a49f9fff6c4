import { get } from 'node:http'
import { afterEach, expect, test, vi } from 'vitest'
import { html } from '../html/escape.js'
import { type PageServer, type Part, servePage } from './server.js'

const servers: PageServer[] = []
const readers: AbortController[] = []
afterEach(async () => {
  for (const reader of readers.splice(0)) reader.abort()
  await Promise.all(servers.splice(0).map((server) => server.close()))
})

const LAST = { title: 'The end', main: html`<h1>All</h1>`, text: 'It has ended.' }

async function serve(options: Partial<servePage.Options> = {}): Promise<PageServer> {
  const server = await servePage({
    ...{ port: 0, title: 'Live', read: () => [], everyMs: 5 },
    ...options,
  })
  servers.push(server)
  return server
}

function part(name: string, text: string): Part {
  return { name, markup: html`<p>${text}</p>` }
}

type Reader = {
  /** What came so far: the event's name and its data. */
  events: [name: string, data: unknown][]
  /** Closes the connection, as a page does that has the last event. */
  leave(): void
}

async function follow({ url }: PageServer, page = ''): Promise<Reader> {
  const leaving = new AbortController()
  readers.push(leaving)
  const { body } = await fetch(`${url}events?page=${page}`, { signal: leaving.signal })
  const events: Reader['events'] = []
  void read(body, events).catch((error: unknown) => {
    if (!leaving.signal.aborted) throw error
  })
  return { events, leave: () => leaving.abort() }
}

async function read(body: Response['body'], events: Reader['events']): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  for await (const bytes of body ?? []) {
    text += decoder.decode(bytes, { stream: true })
    const messages = text.split('\n\n')
    text = messages.pop() ?? ''
    for (const message of messages) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(message) ?? []
      if (name !== undefined && data !== undefined) events.push([name, JSON.parse(data)])
    }
  }
}

test('default: the page holds the present parts, and its policy lets its own script run alone', async () => {
  const server = await serve({ read: () => [{ ...part('status', 'a < b'), isStatus: true }] })
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/)
  const answer = await fetch(server.url)
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect(answer.headers.get('content-security-policy')).toBe("frame-ancestors 'none'")
  const text = await answer.text()
  expect(text).toMatch(
    /<div data-part="status" data-version="[\w-]{12}" role="status"><p>a &lt; b<\/p><\/div>/,
  )
  expect(text).toMatch(/script-src &#39;sha256-[\w+/]+=&#39;; connect-src &#39;self&#39;/)
  expect(text.match(/<script/g)).toHaveLength(1)
})

test('behavior: a reader gets all parts, then those that changed', async () => {
  let count = 1
  const server = await serve({ read: () => [part('fixed', 'x'), part('count', String(count))] })
  const { events } = await follow(server)
  await vi.waitUntil(() => events.length > 0)
  count = 2
  await vi.waitUntil(() => events.length > 1)
  const markup = (text: string) => ({ version: expect.any(String), markup: `<p>${text}</p>` })
  expect(events).toEqual([
    ['parts', { fixed: markup('x'), count: markup('1') }],
    ['parts', { count: markup('2') }],
  ])
})

test('behavior: nothing is drawn while nobody looks', async () => {
  const draw = vi.fn(() => [])
  const server = await serve({ read: draw, everyMs: 1 })
  // Each answer is several turns of the timer away from the one before.
  for (let i = 0; i < 20; i++) await fetch(`${server.url}nowhere`)
  expect(draw).not.toHaveBeenCalled()
})

test('behavior: the end waits until each reader has it and has left', async () => {
  const server = await serve({ lastMs: 60_000 })
  const [one, other] = [await follow(server), await follow(server)]
  let isOver = false
  const over = server.end(LAST).then(() => {
    isOver = true
  })
  for (const { events } of [one, other])
    await vi.waitUntil(() => events.some(([name]) => name === 'end'))
  expect(one.events.at(-1)).toEqual([
    'end',
    { title: 'The end', markup: '<h1>All</h1>', text: 'It has ended.' },
  ])
  one.leave()
  await fetch(server.url)
  expect(isOver).toBe(false)
  other.leave()
  await over
})

test('behavior: the end waits for a page that was just loaded, which gets it at once', async () => {
  const server = await serve({ lastMs: 60_000 })
  const id = /data-page="(\d+)"/.exec(await (await fetch(server.url)).text())?.[1]
  let isOver = false
  const over = server.end(LAST).then(() => {
    isOver = true
  })
  const { events, leave } = await follow(server, id)
  await vi.waitUntil(() => events.length > 0)
  expect(events.map(([name]) => name)).toEqual(['end'])
  expect(isOver).toBe(false)
  leave()
  await over
})

test('behavior: the end waits no longer than it may for a reader that stays', async () => {
  const server = await serve({ lastMs: 50 })
  const { events } = await follow(server)
  await server.end(LAST)
  await vi.waitUntil(() => events.some(([name]) => name === 'end'))
})

test('behavior: without a reader the end waits for nobody; a page loaded then is the last one, without a script', async () => {
  const server = await serve({ lastMs: 600_000 })
  await server.end(LAST)
  const text = await (await fetch(server.url)).text()
  expect(text).toContain('<h1>All</h1>')
  expect(text).not.toContain('<script')
})

test('error: another path, another method, and another name of the machine, as a foreign page would use', async () => {
  const { url } = await serve()
  expect((await fetch(`${url}elsewhere`)).status).toBe(404)
  expect((await fetch(url, { method: 'POST' })).status).toBe(405)
  const statusAt = (host: string) =>
    new Promise((resolve, reject) => {
      get(url, { headers: { host } }, (answer) => {
        answer.resume()
        resolve(answer.statusCode)
      }).once('error', reject)
    })
  expect(await statusAt('evil.example')).toBe(403)
  expect(await statusAt('localhost:80')).toBe(200)
})

test('behavior: closes although readers stay', async () => {
  const server = await serve()
  await follow(server)
  await server.close()
  await server.close()
  await expect(fetch(server.url)).rejects.toThrow()
})
