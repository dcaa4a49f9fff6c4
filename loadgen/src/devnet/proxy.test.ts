import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { systemClock } from '../core/clock.js'
import { type HttpProxy, serveProxy } from './proxy.js'

let proxy: HttpProxy | undefined

async function serve(dispatch: (body: Buffer) => Promise<string>): Promise<string> {
  proxy = await serveProxy(dispatch, { host: '127.0.0.1', port: 0, clock: systemClock })
  return `http://127.0.0.1:${proxy.port}`
}

afterEach(async () => {
  await proxy?.close()
  proxy = undefined
})

/** A dispatch that answers when told to. */
function held() {
  let release: (answer: string) => void = () => {}
  const answer = new Promise<string>((resolve) => {
    release = resolve
  })
  let called: () => void = () => {}
  const arrived = new Promise<void>((resolve) => {
    called = resolve
  })
  return {
    arrived,
    release,
    dispatch: async (body: Buffer) => {
      if (body.toString() === 'quick') return 'at once'
      called()
      return answer
    },
  }
}

const post = (url: string, body: string | Buffer) => fetch(url, { method: 'POST', body })

test('default: hands over the body as it came and answers with what is said', async () => {
  const url = await serve(async (body) => body.toString('hex'))
  const bytes = Buffer.from([0xff, 0x00, 0x7b])
  const answer = await post(`${url}/any/path`, bytes)
  expect(await answer.text()).toBe('ff007b')
  expect(answer.headers.get('content-type')).toBe('application/json')
  expect(answer.headers.get('access-control-allow-origin')).toBe('*')
})

test('behavior: a preflight of a browser is answered', async () => {
  const answer = await fetch(await serve(async () => ''), { method: 'OPTIONS' })
  expect([answer.status, answer.headers.get('access-control-allow-headers')]).toEqual([204, '*'])
})

test('behavior: a call that waits keeps only its own connection waiting', async () => {
  const { dispatch, arrived, release } = held()
  const url = await serve(dispatch)
  const slow = post(url, 'slow')
  await arrived
  expect(await (await post(url, 'quick')).text()).toBe('at once')
  release('late')
  expect(await (await slow).text()).toBe('late')
})

test('behavior: a client that hangs up, in its body or while it waits, harms nobody', async () => {
  const { dispatch, arrived, release } = held()
  const url = await serve(dispatch)
  const { port } = new URL(url)

  const half = connect(Number(port), '127.0.0.1')
  await new Promise((sent) =>
    half.write('POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nhalf', sent),
  )
  half.destroy()

  const impatient = httpRequest(url, { method: 'POST' })
  const gone = new Promise((resolve) => impatient.once('error', resolve))
  impatient.end('slow')
  await arrived
  impatient.destroy()
  await gone
  release('for nobody')
  expect(await (await post(url, 'quick')).text()).toBe('at once')
})

test('behavior: close() lets a call under way end', async () => {
  const { dispatch, arrived, release } = held()
  const slow = post(await serve(dispatch), 'slow')
  await arrived
  const closed = proxy?.close()
  proxy = undefined
  release('late')
  expect(await (await slow).text()).toBe('late')
  await closed
})

test('behavior: close() does not wait for a call that does not end', async () => {
  const { dispatch, arrived } = held()
  const slow = expect(post(await serve(dispatch), 'slow')).rejects.toThrow('fetch failed')
  await arrived
  await proxy?.close()
  proxy = undefined
  await slow
})

test('error: a body over the limit', async () => {
  const url = await serve(async (body) => String(body.length))
  const limit = 64 * 1024 * 1024
  expect(await (await post(url, Buffer.alloc(limit))).text()).toBe(String(limit))
  const answer = await post(url, Buffer.alloc(limit + 1))
  expect(answer.status).toBe(413)
  expect(await answer.json()).toMatchInlineSnapshot(`
    {
      "error": {
        "code": -32600,
        "message": "The body is larger than 67108864 bytes; send several requests.",
      },
      "id": null,
      "jsonrpc": "2.0",
    }
  `)
})

test('error: a method other than POST', async () => {
  const answer = await fetch(await serve(async () => ''))
  expect(answer.status).toBe(405)
  expect(await answer.json()).toMatchInlineSnapshot(`
    {
      "error": {
        "code": -32600,
        "message": "JSON-RPC calls are sent with POST.",
      },
      "id": null,
      "jsonrpc": "2.0",
    }
  `)
})

test('error: a host that is not of this machine', async () => {
  await expect(
    serveProxy(async () => '', { host: '192.0.2.1', port: 0, clock: systemClock }),
  ).rejects.toThrow('Nothing can listen on 192.0.2.1, port 0 (EADDRNOTAVAIL).')
})
