import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { createLiveRegistry } from './registry.js'
import { type MetricsServer, serveMetrics } from './server.js'

let server: MetricsServer | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

test('default: the figures of the moment, in the text format, on loopback', async () => {
  const registry = createLiveRegistry()
  server = await serveMetrics({ port: 0, families: registry.families })
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
  registry.startMode('netting')
  const read = async () => (await fetch(server?.url ?? '')).text()
  expect(await read()).toContain('loadgen_transactions_total{mode="netting",state="sent"} 0\n')
  registry.onSample({ kind: 'sent', total: 5 })
  expect(await read()).toContain('loadgen_transactions_total{mode="netting",state="sent"} 5\n')
  const { headers, status } = await fetch(server.url)
  expect([status, headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4; charset=utf-8',
  ])
})

test('error: another path or method', async () => {
  server = await serveMetrics({ port: 0, families: () => [] })
  expect((await fetch(new URL('/', server.url))).status).toBe(404)
  expect((await fetch(server.url, { method: 'POST' })).status).toBe(405)
})

test('behavior: closes although a scraper keeps its connection, and frees the port', async () => {
  const first = await serveMetrics({ port: 0, families: () => [] })
  expect((await fetch(first.url)).status).toBe(200)
  await first.close()
  await first.close()
  const port = Number(new URL(first.url).port)
  server = await serveMetrics({ port, families: () => [] })
  expect(server.url).toBe(first.url)
})

test('error: the port is in use', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(serveMetrics({ port, families: () => [] })).rejects.toMatchObject({
    exitCode: 2,
    message: `Port ${port} of 127.0.0.1 is in use; give another one with --metrics-port, or 0 for any that is free.`,
  })
  await new Promise((resolve) => other.close(resolve))
})
