import { parseAbi, toEventSelector } from 'viem'
import { NodeError } from '../core/errors.js'
import { type ChainEvent, type Deployment, type Hex, REJECT_REASONS } from '../core/types.js'

/** A log as eth_getLogs and receipts give it. */
export type RpcLog = {
  address: Hex
  topics: readonly Hex[]
  data: Hex
  blockNumber: Hex
  logIndex: Hex
  transactionHash: Hex
}

/** The events that are read: IPerpEvents, and Swap of a Uniswap V3 pool. */
export const EVENTS = parseAbi([
  'event OrderQueued(bytes32 indexed orderId, address indexed trader, uint16 indexed market, bool isOpen, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline, bytes32 pid)',
  'event OrderSettled(bytes32 indexed orderId, address indexed trader, uint16 indexed market, int256 baseDelta, int256 quoteDelta, uint256 netted, uint256 pooled, uint256 cancelled, int256 realizedPnl)',
  'event OrderRejected(bytes32 indexed orderId, address indexed trader, uint16 indexed market, uint8 reason)',
  'event BatchCleared(uint16 indexed market, uint256 midPrice, uint256 longs, uint256 shorts, uint256 netted, uint256 pooled, uint256 poolQuote, uint160 sqrtPriceX96, uint256 orders)',
  'event Deposited(address indexed trader, uint256 amount)',
  'event Withdrawn(address indexed trader, uint256 amount)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
])

/** Addresses whose logs {@link decodeLogs} reads: the deployment's own contracts and its pools. */
export function eventAddresses(deployment: Deployment): Hex[] {
  const { house, vault, engine, netting, registry, router, markets } = deployment
  const all = [
    house,
    vault,
    engine,
    netting,
    registry,
    router,
    ...markets.flatMap(({ pool, tracker }) => [pool, tracker]),
  ]
  return [...new Set(all.filter((address) => address !== undefined).map(lower))]
}

/**
 * Reads the protocol's events and the pools' swaps from logs, in their order. Logs of other contracts (a second deployment on
 * the same chain, say) and other events are left out.
 * @throws NodeError for a log of ours that is malformed or names what the deployment does not have.
 */
export function decodeLogs(logs: readonly RpcLog[], options: decodeLogs.Options): ChainEvent[] {
  const { deployment } = options
  const own = new Set<string>(eventAddresses(deployment))
  const marketOfPool = new Map<string, number>(
    deployment.markets.map(({ pool }, market) => [lower(pool), market]),
  )
  const events: ChainEvent[] = []
  for (const log of logs) {
    const topic = log.topics[0]
    const event = topic === undefined ? undefined : BY_TOPIC.get(topic)
    if (event === undefined || !own.has(lower(log.address))) continue
    const market = marketOfPool.get(lower(log.address))
    if ((event.name === 'Swap') !== (market !== undefined)) continue
    events.push({
      ...position(log),
      ...readFields(event, log, deployment, market ?? 0),
    } as ChainEvent)
  }
  return events
}

export declare namespace decodeLogs {
  type Options = { deployment: Deployment }
}

type EventName = (typeof EVENTS)[number]['name']

/** Topics and 32-byte words of data that an event has: every parameter is a value type, so these are fixed. */
type EventShape = { name: EventName; topics: number; words: number }

const BY_TOPIC = new Map<string, EventShape>(
  EVENTS.map((event) => {
    const indexed = event.inputs.filter((input) => 'indexed' in input && input.indexed).length
    return [
      toEventSelector(event),
      { name: event.name, topics: 1 + indexed, words: event.inputs.length - indexed },
    ]
  }),
)

function position(log: RpcLog) {
  return {
    blockNumber: Number(log.blockNumber),
    logIndex: Number(log.logIndex),
    transactionHash: log.transactionHash,
  }
}

function readFields(
  event: EventShape,
  log: RpcLog,
  deployment: Deployment,
  marketOfPool: number,
): Fields {
  const fault = (what: string) =>
    new NodeError(
      `Log ${Number(log.logIndex)} of transaction ${log.transactionHash} is a malformed ${event.name}: ${what}.`,
    )
  const { data, topics } = log
  if (topics.length !== event.topics || data.length !== 2 + 64 * event.words)
    throw fault(`${topics.length} topics and ${(data.length - 2) / 2} bytes`)

  const word = (i: number): Hex => `0x${data.slice(2 + 64 * i, 66 + 64 * i)}`
  const uint = (i: number) => BigInt(word(i))
  const int = (i: number) => BigInt.asIntN(256, uint(i))
  const bool = (i: number) => uint(i) !== 0n
  const topic = (i: number) => topics[i] as Hex
  const address = (i: number): Hex => `0x${topic(i).slice(26)}`
  const market = (i: number): number => {
    const index = Number(topic(i))
    if (!(index < deployment.markets.length))
      throw fault(`it names market ${index} of ${deployment.markets.length}`)
    return index
  }

  switch (event.name) {
    case 'OrderQueued':
      return {
        type: 'OrderQueued',
        orderId: topic(1),
        trader: address(2),
        market: market(3),
        isOpen: bool(0),
        isLong: bool(1),
        size: uint(2),
        limitPrice: uint(3),
        deadline: uint(4),
        pid: word(5),
      }
    case 'OrderSettled':
      return {
        type: 'OrderSettled',
        orderId: topic(1),
        trader: address(2),
        market: market(3),
        baseDelta: int(0),
        quoteDelta: int(1),
        netted: uint(2),
        pooled: uint(3),
        cancelled: uint(4),
        realizedPnl: int(5),
      }
    case 'OrderRejected': {
      const reason = REJECT_REASONS[Number(uint(0))]
      if (reason === undefined) throw fault(`it gives the reason ${uint(0)}`)
      return {
        type: 'OrderRejected',
        orderId: topic(1),
        trader: address(2),
        market: market(3),
        reason,
      }
    }
    case 'BatchCleared':
      return {
        type: 'BatchCleared',
        market: market(1),
        midPrice: uint(0),
        longs: uint(1),
        shorts: uint(2),
        netted: uint(3),
        pooled: uint(4),
        poolQuote: uint(5),
        sqrtPriceX96: uint(6),
        orders: uint(7),
      }
    case 'Deposited':
    case 'Withdrawn':
      return { type: event.name, trader: address(1), amount: uint(0) }
    case 'Swap':
      return {
        type: 'Swap',
        pool: lower(log.address),
        market: marketOfPool,
        amount0: int(0),
        amount1: int(1),
        sqrtPriceX96: uint(2),
      }
  }
}

/** A ChainEvent without its position; distributes over the union. */
type Fields = ChainEvent extends infer Event
  ? Event extends ChainEvent
    ? Omit<Event, keyof ReturnType<typeof position>>
    : never
  : never

function lower(address: Hex): Hex {
  return address.toLowerCase() as Hex
}
