import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTransport, type Transport } from './transport.js'

let respond: (response: ServerResponse) => void = () => {}
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => respond(response))
})
let transport: Transport

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  transport = createTransport(
    `http://127.0.0.1:${(server.address() as AddressInfo).port}/rpc?key=1`,
    {
      ...{ connections: 1, timeoutMs: 200 },
    },
  )
})
afterAll(async () => {
  await transport.close()
  server.closeAllConnections()
  server.close()
})

const post = () => transport.post(Buffer.from('[]'))

test('default: an answer, to the address with its path', async () => {
  respond = (response) => response.end(response.req.url)
  expect(await post()).toEqual({ type: 'answer', body: Buffer.from('/rpc?key=1') })
})

test('behavior: user and password of the address are sent as Basic credentials', async () => {
  respond = (response) => response.end(response.req.headers.authorization)
  const { port } = server.address() as AddressInfo
  const options = { connections: 1, timeoutMs: 200 }
  const secured = createTransport(`http://me:pass@127.0.0.1:${port}`, options)
  expect(await secured.post(Buffer.from('[]'))).toEqual({
    type: 'answer',
    body: Buffer.from(`Basic ${Buffer.from('me:pass').toString('base64')}`),
  })
  await secured.close()
})

test.each([
  [429, { 'retry-after': '3' }, { isDelivered: false, isFinal: false, retryAfterMs: 3_000 }],
  [503, {}, { isDelivered: false, isFinal: false }],
  [502, {}, { isDelivered: true, isFinal: false }],
  [413, {}, { isDelivered: false, isFinal: true }],
])('behavior: HTTP status %i', async (status, headers, expected) => {
  respond = (response) => response.writeHead(status, headers).end('sorry')
  expect(await post()).toMatchObject({
    type: 'failure',
    reason: `HTTP status ${status}`,
    ...expected,
  })
})

test('behavior: JSON-RPC errors that come with status 400 or 500 are answers', async () => {
  respond = (response) => response.writeHead(500).end('{"error":{}}')
  expect(await post()).toMatchObject({ type: 'answer' })
})

test('behavior: a connection that breaks, and one that is silent: it may have been delivered', async () => {
  respond = (response) => response.destroy()
  expect(await post()).toMatchObject({ type: 'failure', isDelivered: true, isFinal: false })
  respond = () => {}
  expect(await post()).toMatchObject({ reason: 'UND_ERR_HEADERS_TIMEOUT', isDelivered: true })
  respond = (response) => response.end('[]')
  expect(await post()).toMatchObject({ type: 'answer' })
})

test('behavior: nobody there', async () => {
  const nowhere = createTransport('http://127.0.0.1:1', { connections: 1, timeoutMs: 500 })
  expect(await nowhere.post(Buffer.from('[]'))).toMatchObject({
    ...{ reason: 'ECONNREFUSED', isDelivered: false, isFinal: false },
  })
  await nowhere.close()
})
