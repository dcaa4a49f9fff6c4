import { EventEmitter } from 'node:events'
import { createServer, type Server } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { listen } from './listen.js'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

function create(): Server {
  const server = createServer()
  servers.push(server)
  return server
}

test('default: any free port, which it returns', async () => {
  const server = create()
  const port = await listen(server, { host: '127.0.0.1', port: 0 })
  expect(server.address()).toMatchObject({ port, address: '127.0.0.1' })
  expect(port).toBeGreaterThan(0)
})

test('error: a port in use; the message names the option that gives the port, if any', async () => {
  const host = '127.0.0.1'
  const port = await listen(create(), { host, port: 0 })
  const sentence = (option?: string) => listen(create(), { host, port, option })
  await expect(sentence()).rejects.toMatchObject({
    exitCode: 2,
    message: `Port ${port} of ${host} is in use; give another one, or 0 for any that is free.`,
  })
  await expect(sentence('--watch')).rejects.toMatchObject({
    message: `Port ${port} of ${host} is in use; give another one with --watch, or 0 for any that is free.`,
  })
})

test('error: a port that only the system may open', async () => {
  const server = Object.assign(new EventEmitter(), {
    listen() {
      queueMicrotask(() => server.emit('error', Object.assign(new Error(), { code: 'EACCES' })))
      return server
    },
  })
  await expect(
    listen(server as unknown as Server, { host: '127.0.0.1', port: 80 }),
  ).rejects.toMatchObject({
    exitCode: 2,
    message: 'Port 80 of 127.0.0.1 may not be opened; give another one, or 0 for any that is free.',
  })
})

test('error: an address that is not of this machine', async () => {
  await expect(listen(create(), { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
    exitCode: 2,
    message: 'Nothing can listen on 192.0.2.1, port 0 (EADDRNOTAVAIL).',
  })
})
