import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { runReport } from '../../test/fixtures/runReport.js'
import { createLiveRegistry } from '../live/registry.js'
import { startWatch, type Watch } from './watch.js'

let watch: Watch | undefined
afterEach(async () => {
  await watch?.close()
  watch = undefined
})

const onFault = vi.fn()

async function start(port = 0) {
  const registry = createLiveRegistry()
  const read = () => ({ command: 'loadgen run --watch', view: registry.view() })
  watch = await startWatch({ port, read, onFault, everyMs: 5 })
  const { url } = watch
  return { registry, watch, text: async () => (await fetch(url)).text() }
}

test('default: a page that shows the registry as it is, and then the report', async () => {
  const { registry, watch, text } = await start()
  expect(await text()).toContain('<code><span>loadgen run</span> <span>--watch</span></code>')
  registry.startMode('netting')
  registry.onProgress('submit', 30, 60)
  registry.onSample({ kind: 'sent', total: 30 })
  await vi.waitUntil(async () => (await text()).includes('30 of 60 (50 %)'))
  expect(await text()).toContain('Mode netting: sending transactions.')

  await watch.report(runReport())
  expect(await text()).toContain('mix-hand-20250102-030405')
  expect(onFault).not.toHaveBeenCalled()
})

test('behavior: when the run failed, the page says why', async () => {
  const { watch, text } = await start()
  await watch.fault('The node <went> away.')
  expect(await text()).toContain('<strong>The run failed.</strong> The node &lt;went&gt; away.')
})

test('error: the port is in use', async () => {
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port } = other.address() as AddressInfo
  await expect(start(port)).rejects.toMatchObject({
    exitCode: 2,
    message: `Port ${port} of 127.0.0.1 is in use; give another one with --watch, or 0 for any that is free.`,
  })
  await new Promise((resolve) => other.close(resolve))
})
