import type { Command } from 'commander'
import { deploy } from '../../chain/deploy.js'
import { UsageError } from '../../core/errors.js'
import { createLog } from '../../core/log.js'
import { formatJson } from '../../report/json.js'
import { settlementGas } from '../../run/gas.js'
import { createNodes } from '../nodes.js'
import {
  addLogOption,
  addMarketOptions,
  addNodeOptions,
  type LogOptions,
  type MarketOptions,
  type NodeOptions,
} from '../options.js'
import { oneOf } from '../parse.js'

const HOUSES = ['netting', 'direct'] as const

/** `deploy`: deploys one clearing house on a node and prints where everything is. */
export function addDeployCommand(program: Command): void {
  const command = program
    .command('deploy')
    .description('deploy a clearing house on a node and print its addresses as JSON')
    .option('--house <kind>', `one of ${HOUSES.join(', ')}`, oneOf(HOUSES), 'netting')
  addNodeOptions(command)
  addMarketOptions(command)
  addLogOption(command).action(async (options: DeployOptions) => {
    if (options.rpcUrl === undefined)
      throw new UsageError(
        'deploy needs a node that stays; give its address with --rpc-url (loadgen devnet serves one).',
      )
    const nodes = createNodes({
      ...options,
      connections: 2,
      strict: false,
      log: createLog({ level: options.logLevel }),
    })
    const node = await nodes.open()
    try {
      const deployment = await deploy(node.rpc, {
        mode: options.house,
        chainId: node.chainId,
        privateKey: node.privateKey,
        gasPrice: node.gasPrice,
        markets: Array.from({ length: options.markets }, () => ({
          price: options.price,
          quoteDepth: options.depth,
        })),
        maxPriceMoveBps: options.maxPriceMove,
        threads: options.threads,
        chunk: options.chunk,
        settlementGas: settlementGas(node.isEmulated),
      })
      process.stdout.write(formatJson(deployment))
    } finally {
      await nodes.close(node)
    }
  })
}

type DeployOptions = NodeOptions & MarketOptions & LogOptions & { house: (typeof HOUSES)[number] }
