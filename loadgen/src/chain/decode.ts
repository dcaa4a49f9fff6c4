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

/** The events that are read: IPerpEvents, the vault's bad debt, ISpotEvents (BatchCleared is the same), and Swap of a Uniswap V3 pool. */
export const EVENTS = parseAbi([
  'event OrderQueued(bytes32 indexed orderId, address indexed trader, uint16 indexed market, bool isOpen, bool isLong, uint256 size, uint256 limitPrice, uint256 deadline, bytes32 pid)',
  'event OrderSettled(bytes32 indexed orderId, address indexed trader, uint16 market, int256 baseDelta, int256 quoteDelta, uint256 netted, uint256 pooled, uint256 cancelled, int256 realizedPnl)',
  'event OrderRejected(bytes32 indexed orderId, address indexed trader, uint16 market, uint8 reason)',
  'event BatchCleared(uint16 indexed market, uint256 midPrice, uint256 longs, uint256 shorts, uint256 netted, uint256 pooled, uint256 poolQuote, uint160 sqrtPriceX96, uint256 orders)',
  'event LiquidationQueued(bytes32 indexed orderId, address indexed trader, uint16 indexed market, bool isLong, uint256 size, address keeper, bytes32 pid)',
  'event Liquidated(bytes32 indexed orderId, address indexed trader, uint16 indexed market, address keeper, uint256 fee, uint256 reward)',
  'event FeePaid(bytes32 indexed orderId, address indexed trader, uint16 indexed market, uint256 nettedFee, uint256 pooledFee)',
  'event FundingPaid(address indexed trader, uint16 indexed market, int256 amount)',
  'event BadDebt(address indexed trader, uint256 amount)',
  'event SwapQueued(bytes32 indexed orderId, address indexed trader, uint16 indexed market, bool buys, uint256 size, uint256 limitPrice, uint256 deadline, bytes32 pid)',
  'event SwapSettled(bytes32 indexed orderId, address indexed trader, uint16 market, int256 baseDelta, int256 quoteDelta, uint256 netted, uint256 pooled, uint256 cancelled)',
  'event SwapRejected(bytes32 indexed orderId, address indexed trader, uint16 market, uint8 reason)',
  'event Deposited(address indexed trader, uint256 amount)',
  'event Withdrawn(address indexed trader, uint256 amount)',
  'event Swap(address indexed sender, address indexed recipient, int256 amount0, int256 amount1, uint160 sqrtPriceX96, uint128 liquidity, int24 tick)',
])

/** Addresses whose logs {@link decodeLogs} reads: the deployment's own contracts and its pools. */
export function eventAddresses(deployment: Deployment): Hex[] {
  const { house, engine, netting, registry, router } = deployment
  const all = [
    house,
    ...(deployment.product === 'spot' ? [] : [deployment.vault]),
    ...[engine, netting, registry, router],
    ...deployment.markets.flatMap((market) =>
      'tracker' in market ? [market.pool, market.tracker] : [market.pool],
    ),
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

/**
 * Where the parameters of an event are: each fills one topic or one 32-byte word of data, because all are value types (Solidity
 * ABI specification, "Events").
 */
type EventShape = {
  name: EventName
  /** Topics, the event's own included. */
  topics: number
  /** Words of data. */
  words: number
  places: ReadonlyMap<string, { indexed: boolean; index: number }>
}

const BY_TOPIC = new Map<string, EventShape>(
  EVENTS.map((event) => [toEventSelector(event), shapeOf(event)]),
)

function shapeOf(event: (typeof EVENTS)[number]): EventShape {
  const places = new Map<string, { indexed: boolean; index: number }>()
  let topics = 1
  let words = 0
  for (const input of event.inputs) {
    const indexed = 'indexed' in input && input.indexed === true
    places.set(input.name, { indexed, index: indexed ? topics++ : words++ })
  }
  return { name: event.name, topics, words, places }
}

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
  const { data, topics } = log
  const fault = (what: string) =>
    new NodeError(
      `Log ${Number(log.logIndex)} of transaction ${log.transactionHash} is a malformed ${event.name}: ${what}.`,
    )
  if (topics.length !== event.topics || data.length !== 2 + 64 * event.words)
    throw fault(`${topics.length} topics and ${(data.length - 2) / 2} bytes`)

  const word = (name: string): Hex => {
    const { indexed, index } = event.places.get(name) as { indexed: boolean; index: number }
    return indexed ? (topics[index] as Hex) : `0x${data.slice(2 + 64 * index, 66 + 64 * index)}`
  }
  const uint = (name: string) => BigInt(word(name))
  const int = (name: string) => BigInt.asIntN(256, uint(name))
  const bool = (name: string) => uint(name) !== 0n
  const address = (name: string): Hex => `0x${word(name).slice(26)}`
  const trader = () => address('trader')
  const market = (): number => {
    const index = Number(word('market'))
    if (!(index < deployment.markets.length))
      throw fault(`it names market ${index} of ${deployment.markets.length}`)
    return index
  }

  switch (event.name) {
    case 'OrderQueued':
    case 'SwapQueued':
      return {
        type: 'OrderQueued',
        orderId: word('orderId'),
        trader: trader(),
        market: market(),
        ...(event.name === 'SwapQueued'
          ? { isOpen: true, isLong: bool('buys') }
          : { isOpen: bool('isOpen'), isLong: bool('isLong') }),
        size: uint('size'),
        limitPrice: uint('limitPrice'),
        deadline: uint('deadline'),
        pid: word('pid'),
      }
    case 'OrderSettled':
    case 'SwapSettled':
      return {
        type: 'OrderSettled',
        orderId: word('orderId'),
        trader: trader(),
        market: market(),
        baseDelta: int('baseDelta'),
        quoteDelta: int('quoteDelta'),
        netted: uint('netted'),
        pooled: uint('pooled'),
        cancelled: uint('cancelled'),
        realizedPnl: event.name === 'SwapSettled' ? 0n : int('realizedPnl'),
      }
    case 'OrderRejected':
    case 'SwapRejected': {
      const reason = REJECT_REASONS[Number(uint('reason'))]
      if (reason === undefined) throw fault(`it gives the reason ${uint('reason')}`)
      return {
        type: 'OrderRejected',
        orderId: word('orderId'),
        trader: trader(),
        market: market(),
        reason,
      }
    }
    case 'BatchCleared':
      return {
        type: 'BatchCleared',
        market: market(),
        midPrice: uint('midPrice'),
        longs: uint('longs'),
        shorts: uint('shorts'),
        netted: uint('netted'),
        pooled: uint('pooled'),
        poolQuote: uint('poolQuote'),
        sqrtPriceX96: uint('sqrtPriceX96'),
        orders: uint('orders'),
      }
    case 'LiquidationQueued':
      return {
        ...{ type: event.name, orderId: word('orderId'), trader: trader(), market: market() },
        ...{ isLong: bool('isLong'), size: uint('size') },
        ...{ keeper: address('keeper'), pid: word('pid') },
      }
    case 'Liquidated':
      return {
        ...{ type: event.name, orderId: word('orderId'), trader: trader(), market: market() },
        ...{ keeper: address('keeper'), fee: uint('fee'), reward: uint('reward') },
      }
    case 'FeePaid':
      return {
        ...{ type: event.name, orderId: word('orderId'), trader: trader(), market: market() },
        ...{ nettedFee: uint('nettedFee'), pooledFee: uint('pooledFee') },
      }
    case 'FundingPaid':
      return { type: event.name, trader: trader(), market: market(), amount: int('amount') }
    case 'BadDebt':
    case 'Deposited':
    case 'Withdrawn':
      return { type: event.name, trader: trader(), amount: uint('amount') }
    case 'Swap':
      return {
        type: 'Swap',
        pool: lower(log.address),
        market: marketOfPool,
        amount0: int('amount0'),
        amount1: int('amount1'),
        sqrtPriceX96: uint('sqrtPriceX96'),
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
