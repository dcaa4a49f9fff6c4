import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { decodeFunctionData, parseTransaction, toFunctionSelector } from 'viem'
import { CALLS } from '../../src/chain/encode.js'
import type { Hex } from '../../src/core/types.js'

/** What a proxy has seen of a request. */
export type SeenRequest = {
  /** Number of the request, from 1. */
  number: number
  /** Number among the requests that carry transactions, from 1; undefined for any other. */
  send: number | undefined
  /** Raw transactions in it. */
  raws: readonly Hex[]
  /** Names of the functions that they call; undefined for a creation, say. */
  calls: readonly (string | undefined)[]
  body: string
}

/**
 * What goes wrong with a request. `lost`: the node gets it, its answer is thrown away and the connection cut. `status` and
 * `answered`: the node does not get it from the proxy, which answers itself. `late`: the answer is kept back for so long.
 */
export type Fault =
  | { kind: 'lost' }
  | { kind: 'status'; status: number; retryAfter?: string }
  | { kind: 'answered'; answer: string }
  | { kind: 'late'; ms: number }

/** A gateway on loopback between a load generator and a node, where things go wrong. */
export type FaultProxy = {
  url: string
  /** Requests, requests with transactions, and faults so far. */
  seen(): { requests: number; sends: number; faults: number }
  close(): Promise<void>
}

/**
 * @param target address of the node. While nobody is there, connections are cut.
 * @param decide asked, and awaited, before a request goes to the node.
 */
export async function startFaultProxy(
  target: string,
  decide: (request: SeenRequest) => Fault | undefined | Promise<Fault | undefined>,
): Promise<FaultProxy> {
  const seen = { requests: 0, sends: 0, faults: 0 }

  async function handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = (await incoming.toArray()).join('')
    const number = ++seen.requests
    const raws = /"(eth_sendRawTransaction|arn_sendRawTransactions)"/.test(body)
      ? (body.match(/0x[0-9a-f]+/g) as Hex[])
      : []
    const send = raws.length > 0 ? ++seen.sends : undefined
    const fault = await decide({ number, send, raws, calls: raws.map(calleeOf), body })
    if (fault !== undefined) seen.faults++
    if (fault?.kind === 'status') {
      const { status, retryAfter } = fault
      response.writeHead(status, retryAfter === undefined ? {} : { 'retry-after': retryAfter })
      return void response.end('not now')
    }
    if (fault?.kind === 'answered') return void response.end(fault.answer)
    const answer = await forward(target, body)
    if (fault?.kind === 'late') await new Promise((resolve) => setTimeout(resolve, fault.ms))
    if (answer === undefined || fault?.kind === 'lost') return void incoming.socket.destroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
  }

  const server = createServer((incoming, response) => {
    // Who hung up gets no answer, and whoever waits for one that is late need not be waited for at the end.
    handle(incoming, response).catch(() => incoming.socket.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen: () => ({ ...seen }),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const SELECTORS = new Set<string>(CALLS.map((call) => toFunctionSelector(call)))

function calleeOf(raw: Hex): string | undefined {
  const { data = '0x', to } = parseTransaction(raw)
  if (to == null || !SELECTORS.has(data.slice(0, 10))) return undefined
  return decodeFunctionData({ abi: CALLS, data }).functionName
}

/** The node's answer; undefined when there is none. */
function forward(target: string, body: string): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' }
    const outgoing = request(target, { method: 'POST', headers }, (answer) => {
      answer
        .toArray()
        .then((parts) => resolve(Buffer.concat(parts)))
        .catch(() => resolve(undefined))
    })
    outgoing.once('error', () => resolve(undefined))
    outgoing.end(body)
  })
}
