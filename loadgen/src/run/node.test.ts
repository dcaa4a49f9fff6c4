import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { NodeError, UsageError } from '../core/errors.js'
import { openNode } from './node.js'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
})

/** A server of JSON-RPC with fixed answers; `sockets` counts the connections that are open. */
async function serve(answers: Readonly<Record<string, unknown>>) {
  const server = createServer(async (request, response) => {
    const { id, method } = JSON.parse((await request.toArray()).join(''))
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result: answers[method] }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closing.push(() => server.close())
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    sockets: () =>
      new Promise<number>((resolve, reject) =>
        server.getConnections((error, open) => (error ? reject(error) : resolve(open))),
      ),
  }
}

const options = {
  chainId: 118,
  privateKey: `0x${'1'.repeat(64)}`,
  gasPrice: 7n,
  makesBlocks: false,
  connections: 1,
} as const

test.each([
  ['anvil/v1.7.1', true],
  ['Anvil/v2', true],
  ['arcology/v2.0.0', false],
  ['Geth/anvil/v1', false],
])('default: %s on chain 118', async (client, isEmulated) => {
  const { url } = await serve({ eth_chainId: '0x76', web3_clientVersion: client })
  const node = await openNode({ ...options, url })
  const { rpc, ...facts } = node
  expect(facts).toEqual({
    ...{ chainId: 118, client, isEmulated, isStrict: false, gasPrice: 7n, makesBlocks: false },
    privateKey: options.privateKey,
  })
  await rpc.close()
})

test('default: a node that tells its conflicts is strict', async () => {
  const answers = { eth_chainId: '0x76', web3_clientVersion: 'anvil/v1', devnet_getConflicts: [] }
  const { url } = await serve(answers)
  const node = await openNode({ ...options, url })
  expect(node.isStrict).toBe(true)
  await node.rpc.close()
})

test('error: another chain, and no connection stays', async () => {
  const { url, sockets } = await serve({ eth_chainId: '0x1', web3_clientVersion: 'anvil/v1' })
  await expect(openNode({ ...options, url })).rejects.toEqual(
    new UsageError(`The node at ${url} is on chain 1, not on 118; give its id with --chain-id.`),
  )
  await expect.poll(sockets).toBe(0)
})

test('error: nobody there', async () => {
  const { url } = await serve({})
  closing.pop()?.()
  await expect(openNode({ ...options, url })).rejects.toEqual(
    new NodeError(`The node at ${url} cannot be reached (ECONNREFUSED).`, {
      facts: { reason: 'ECONNREFUSED' },
    }),
  )
})
