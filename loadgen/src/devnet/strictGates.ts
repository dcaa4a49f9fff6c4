import type { Rpc, RpcCall } from '../chain/rpc.js'
import { NodeError } from '../core/errors.js'
import type { Hex } from '../core/types.js'

/**
 * Puts, for one block, a gate in front of contracts: code that fails while the emulated runtime says so, and else runs the
 * contract's own code, which is moved aside.
 */
export type Gates = {
  /** @param codes The code of each contract, by address in lower case. */
  install(codes: ReadonlyMap<Hex, Hex>): Promise<void>
  /** Puts everything back. */
  remove(): Promise<void>
}

export function createGates(options: createGates.Options): Gates {
  const { rpc, gate } = options
  let installed: ReadonlyMap<Hex, Hex> = new Map()

  async function setCodes(calls: readonly RpcCall[]): Promise<void> {
    const refused = (await rpc.batch(calls)).find(({ error }) => error !== undefined)?.error
    if (refused !== undefined)
      throw new NodeError(`Anvil refused to set the code of a contract: ${refused.message}`)
  }

  return {
    async install(codes) {
      installed = codes
      await setCodes(
        [...codes].flatMap(([address, code]) => [
          setCode(aside(address, gate.mask), code),
          setCode(address, gate.code),
        ]),
      )
    },
    async remove() {
      const codes = installed
      installed = new Map()
      await setCodes(
        [...codes].flatMap(([address, code]) => [
          setCode(address, code),
          setCode(aside(address, gate.mask), '0x'),
        ]),
      )
    },
  }
}

export declare namespace createGates {
  type Options = {
    rpc: Rpc
    /** The gate, and what it finds the moved code by: its own address XOR this. */
    gate: Gate
  }
  type Gate = { code: Hex; mask: Hex }
}

/** Where the code of a contract stands meanwhile. */
function aside(address: Hex, mask: Hex): Hex {
  return `0x${(BigInt(address) ^ BigInt(mask)).toString(16).padStart(40, '0')}`
}

function setCode(address: Hex, code: Hex): RpcCall {
  return { method: 'anvil_setCode', params: [address, code] }
}
