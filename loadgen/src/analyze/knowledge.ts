import { type AbiFunction, toFunctionSignature } from 'viem'
import type { Hex } from '../core/types.js'
import type { Chain } from './chain.js'
import type { ContractCode } from './code.js'
import { type Argument, selectorOf } from './encode.js'
import type { Knowledge } from './explain.js'
import { keyCandidates } from './keys.js'

/** A transaction that was sent, and what is known of it. */
export type Sent = { name: string; sender: Hex; args: readonly Argument[] }

/** Argument and sender candidates of set-up calls that are looked at: keys of keys multiply. */
const MOST_SETUP = 64

/** What explains the conflicts of a block: `sent` are its transactions, `prepared` those of the set-up. */
export function knowledge(options: {
  chain: Chain
  contracts: ReadonlyMap<string, Hex>
  codes: ReadonlyMap<string, ContractCode>
  prepared: readonly Sent[]
  sent: ReadonlyMap<Hex, Sent>
}): Knowledge {
  const { chain, contracts, codes, prepared, sent } = options
  const names = new Map([...contracts].map(([name, address]) => [address, name]))
  const contractOf = (address: Hex) => names.get(address.toLowerCase() as Hex)
  const codeOf = (address: Hex) => codes.get(contractOf(address) ?? '')
  const nameOf = (address: Hex) => {
    const index = chain.indexOf(address)
    return contractOf(address) ?? (index === undefined ? address : `$account:${index}`)
  }
  return {
    contractOf,
    nameOf,
    layoutOf: (address) => codeOf(address)?.layout,
    functionOf(address, selector) {
      const item = codeOf(address)?.abi.find(
        (entry): entry is AbiFunction =>
          entry.type === 'function' && selectorOf(entry) === selector,
      )
      return item === undefined ? undefined : toFunctionSignature(item)
    },
    candidates(transactions) {
      const own = transactions.flatMap((hash) => sent.get(hash) ?? [])
      const all = [...own, ...prepared.slice(0, MOST_SETUP)]
      return keyCandidates({
        addresses: [...all.map(({ sender }) => sender), ...contracts.values()],
        args: all.flatMap(({ args }) => args),
        nameOf,
      })
    },
  }
}
