import type { Rpc } from '../chain/rpc.js'
import { CODES, type Outcome, type RpcRequest } from './jsonRpc.js'

/** Anvil, as the proxy talks to it. */
export type Upstream = {
  /** Sends a body as it came and returns Anvil's answer as it is. Throws NodeError. */
  pass(body: Buffer): Promise<string>
  /** Sends calls in one batch; outcomes in the order of the calls. Anvil's absence is an outcome too. */
  forward(calls: readonly Pick<RpcRequest, 'method' | 'params'>[]): Promise<Outcome[]>
}

export function createUpstream(rpc: Rpc): Upstream {
  return {
    pass: (body) => rpc.post(body),
    async forward(calls) {
      try {
        const answers = await rpc.batch(
          calls.map(({ method, params }) => ({ method, params: params as readonly unknown[] })),
        )
        return answers.map(({ result, error }) => (error === undefined ? { result } : { error }))
      } catch (error) {
        return calls.map(() => internalError(error))
      }
    },
  }
}

/** A fault that is not the client's, as an answer. */
export function internalError(error: unknown): Outcome {
  return { error: { code: CODES.internal, message: (error as Error).message } }
}
