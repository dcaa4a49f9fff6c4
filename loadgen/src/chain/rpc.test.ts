import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NodeError, UsageError } from '../core/errors.js'
import { createRpc } from './rpc.js'

let respond: (response: ServerResponse, request: IncomingMessage) => void = () => {}
const server = createServer((request, response) => {
  request.resume()
  request.on('end', () => respond(response, request))
})
let host = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => {
  server.closeAllConnections()
  server.close()
})

/** A client whose address holds every kind of secret. */
const secret = () => createRpc(`http://me:s3cret@${host}/0123456789abcdef0123?key=s3cret`)

test('behavior: user and password of the address are sent as Basic credentials', async () => {
  respond = (response, request) =>
    response.end(JSON.stringify({ id: 1, result: [request.headers.authorization, request.url] }))
  const rpc = secret()
  expect(await rpc.call('x')).toEqual([
    `Basic ${Buffer.from('me:s3cret').toString('base64')}`,
    '/0123456789abcdef0123?key=s3cret',
  ])
  await rpc.close()
  const plain = createRpc(`http://${host}`)
  expect(await plain.call('x')).toEqual([null, '/'])
  await plain.close()
})

test.each<[what: string, respond: (response: ServerResponse) => void, says: string]>([
  ['refused', (r) => r.writeHead(401).end('who?'), 'answered with HTTP status 401.'],
  ['cut off', (r) => r.destroy(), 'cannot be reached (UND_ERR_SOCKET).'],
  ['no JSON', (r) => r.end('<html>'), 'answered with something that is not JSON.'],
])('error: %s: the message names the node, not its secrets', async (_, how, says) => {
  respond = how
  const rpc = secret()
  const error = await rpc.call('x').catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(NodeError)
  expect((error as NodeError).message).toBe(`The node at http://***@${host}/***?key=*** ${says}`)
  await expect(rpc.batch([{ method: 'x', params: [] }])).rejects.toThrow(says)
  await rpc.close()
})

test('error: the wait that a busy node asks for is among the facts', async () => {
  respond = (response) => response.writeHead(429, { 'retry-after': '7' }).end('busy')
  const rpc = createRpc(`http://${host}`)
  await expect(rpc.call('x')).rejects.toMatchObject({
    facts: { statusCode: 429, retryAfterMs: 7_000 },
  })
  await rpc.close()
})

test('error: no address of a node, and no secret in the message', () => {
  expect(() => createRpc('ftp://me:s3cret@node.example')).toThrow(
    new UsageError(
      '"ftp://***@node.example" is no address of a node; give one like http://127.0.0.1:8545.',
    ),
  )
  expect(() => createRpc('nowhere')).toThrow('"nowhere" is no address of a node')
})
