/**
 * The calls that the proxy does not simply pass on: those that put something into Anvil's pool, make a block, or change chain or
 * pool behind the block maker's back.
 */

/** Signed by the sender. Anvil's own Sync variants would wait for a block while they hold the block up. */
export const RAW_SEND = 'eth_sendRawTransaction'
export const ARCOLOGY_SEND = 'arn_sendRawTransactions'

/** Signed, or not signed at all, by Anvil. */
export const UNLOCKED_SENDS: ReadonlySet<string> = new Set([
  'eth_sendTransaction',
  'eth_sendUnsignedTransaction',
])

/** Sends that answer with the receipt, and the send in each of them. */
export const SYNC_SENDS: ReadonlyMap<string, string> = new Map([
  ['eth_sendRawTransactionSync', RAW_SEND],
  ['eth_sendTransactionSync', 'eth_sendTransaction'],
])

export const MINE: ReadonlySet<string> = new Set([
  'evm_mine',
  'evm_mine_detailed',
  'anvil_mine',
  'hardhat_mine',
])

/** Anvil forgets the emulation with these. */
export const RESET: ReadonlySet<string> = new Set(['anvil_reset', 'hardhat_reset'])

/** What these change is in no block. */
export const STATE: ReadonlySet<string> = new Set([
  'anvil_setBalance',
  'hardhat_setBalance',
  'tenderly_setBalance',
  'anvil_addBalance',
  'hardhat_addBalance',
  'tenderly_addBalance',
  'anvil_dealERC20',
  'hardhat_dealERC20',
  'anvil_setERC20Balance',
  'anvil_setERC20Allowance',
  'anvil_setCode',
  'hardhat_setCode',
  'anvil_setNonce',
  'hardhat_setNonce',
  'evm_setAccountNonce',
  'anvil_setStorageAt',
  'hardhat_setStorageAt',
])

export const ALONE: ReadonlySet<string> = new Set([
  ...RESET,
  'evm_snapshot',
  'anvil_snapshot',
  'evm_revert',
  'anvil_revert',
  'anvil_rollback',
  'anvil_reorg',
  'anvil_loadState',
  'hardhat_loadState',
  'anvil_dropTransaction',
  'hardhat_dropTransaction',
  'anvil_dropAllTransactions',
  'hardhat_dropAllTransactions',
  'anvil_removePoolTransactions',
])

export type MiningCall = 'setAuto' | 'setInterval' | 'getAuto' | 'getInterval'

/** Anvil never mines by itself here: what these set and read is the proxy's own mode. */
export const MODE: ReadonlyMap<string, MiningCall> = new Map([
  ['evm_setAutomine', 'setAuto'],
  ['anvil_setAutomine', 'setAuto'],
  ['evm_setIntervalMining', 'setInterval'],
  ['anvil_setIntervalMining', 'setInterval'],
  ['anvil_getAutomine', 'getAuto'],
  ['hardhat_getAutomine', 'getAuto'],
  ['anvil_getIntervalMining', 'getInterval'],
])

/** Answered with receipts, in which the runtime moves events. */
export const RECEIPTS: ReadonlySet<string> = new Set([
  'eth_getTransactionReceipt',
  'eth_getBlockReceipts',
])

/** Whether Anvil can answer without the proxy's help. */
export function isPassedOn(method: string): boolean {
  return !(
    method === RAW_SEND ||
    method === ARCOLOGY_SEND ||
    UNLOCKED_SENDS.has(method) ||
    SYNC_SENDS.has(method) ||
    MINE.has(method) ||
    STATE.has(method) ||
    ALONE.has(method) ||
    MODE.has(method)
  )
}
