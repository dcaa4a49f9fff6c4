import type { ChainEvent } from '../core/types.js'

/** A change of an account's realised profit and loss in a market, WAD. */
export type Realized = { account: string; market: number; amount: bigint }

/**
 * What an event changes of realised profit and loss: the price profit of a fill, less fees and funding; a keeper's reward is a
 * profit of the keeper. PerpNetting and PoolClearingHouse book them so (PositionTracker.updatePosition). Addresses in lower case.
 */
export function realizedBy(event: ChainEvent): readonly Realized[] {
  switch (event.type) {
    case 'OrderSettled':
      return [booking(event, event.realizedPnl)]
    case 'FeePaid':
      return [booking(event, -event.nettedFee - event.pooledFee)]
    case 'FundingPaid':
      return [booking(event, -event.amount)]
    case 'Liquidated': {
      const { keeper, market, fee, reward } = event
      return [booking(event, -fee), booking({ trader: keeper, market }, reward)]
    }
    default:
      return []
  }
}

function booking(event: { trader: string; market: number }, amount: bigint): Realized {
  return { account: event.trader.toLowerCase(), market: event.market, amount }
}
