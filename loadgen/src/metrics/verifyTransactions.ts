import type { ChainEvent, EventOf } from '../core/types.js'
import { type Check, type Evidence, firstDuplicate, firstFault, isSameAddress } from './check.js'
import { groupBy } from './numbers.js'
import type { TxTrace } from './trace.js'

/** Checks of transactions: from the plan to the block, and what deposits and withdrawals did. */
export const TRANSACTION_CHECKS: readonly Check[] = [
  {
    name: 'every signed transaction is accounted for once',
    run: ({ record, traces }) => {
      const signed = new Set(record.signed.map(({ hash }) => hash))
      const twice = (what: string, key: string | number | undefined) =>
        key === undefined ? undefined : `${what} ${key} occurs twice`
      const fault =
        twice(
          'signed hash',
          firstDuplicate(record.signed, ({ hash }) => hash),
        ) ??
        twice(
          'signed intent',
          firstDuplicate(record.signed, ({ intent }) => intent),
        ) ??
        twice(
          'submitted hash',
          firstDuplicate(record.submitted, ({ hash }) => hash),
        ) ??
        twice(
          'receipt',
          firstDuplicate(record.receipts, ({ hash }) => hash),
        ) ??
        doubledIntent(record) ??
        firstFault([...record.submitted, ...record.receipts], ({ hash }) =>
          signed.has(hash) ? undefined : `${hash} was never signed`,
        ) ??
        missingIntent(record) ??
        firstFault(traces, ({ hash, intent, sample }) =>
          sample !== undefined && sample.intent !== intent.index
            ? `${hash} was signed for intent ${intent.index} and sent for ${sample.intent}`
            : undefined,
        ) ??
        firstFault(traces, ({ hash, sample, receipt }) =>
          sample?.unsent !== undefined &&
          (receipt !== undefined || sample.acceptedMs !== undefined || sample.error !== undefined)
            ? `${hash} was never sent, and still ${receipt === undefined ? 'answered' : `in block ${receipt.blockNumber}`}`
            : undefined,
        )
      const by = (outcome: TxTrace['outcome']) => traces.filter((t) => t.outcome === outcome).length
      const looked =
        `${record.signed.length} signed: ${by('included')} included, ${by('failed')} failed, ` +
        `${by('dropped')} dropped, ${by('unsent')} unsent, ${by('lost')} lost`
      const anew = record.healed === undefined ? '' : `, ${record.healed.length} signed anew`
      return { looked: looked + anew, fault }
    },
  },
  {
    name: 'no transaction is lost',
    run: ({ traces }) => ({
      looked: `${traces.length} transactions`,
      fault: firstFault(traces, ({ hash, intent, outcome }) =>
        outcome === 'lost'
          ? `${hash} (intent ${intent.index}) is in no block and was not refused`
          : undefined,
      ),
    }),
  },
  {
    name: 'times are in order',
    needs: 'one clock',
    run: ({ record, traces }) => {
      const seen = new Map(record.blocks.map(({ number, seenMs }) => [number, seenMs]))
      return {
        looked: `${record.receipts.length} receipts in ${record.blocks.length} blocks`,
        fault: firstFault(traces, ({ hash, sample, receipt }) => {
          if (receipt === undefined) return undefined
          const seenMs = seen.get(receipt.blockNumber)
          if (seenMs === undefined)
            return `block ${receipt.blockNumber} of ${hash} was not collected`
          return sample !== undefined && seenMs < sample.sentMs
            ? `${hash} was sent after its block ${receipt.blockNumber} was seen`
            : undefined
        }),
      }
    },
  },
  {
    name: 'every deposit and withdrawal is as planned',
    product: 'perp',
    run: ({ record, traces }) => {
      const events = record.events.filter((event) => isTransfer(event))
      const byHash = groupBy(events, ({ transactionHash }) => transactionHash)
      const transfers = traces.filter(({ isOrder, outcome }) => !isOrder && outcome === 'included')
      const known = new Set(transfers.map(({ hash }) => hash))
      return {
        looked: `${transfers.length} transfers`,
        fault:
          firstFault(transfers, ({ hash, intent }) => {
            const [event, ...others] = byHash.get(hash) ?? []
            const type = intent.action === 'deposit' ? 'Deposited' : 'Withdrawn'
            return event?.type === type &&
              others.length === 0 &&
              event.amount === intent.size &&
              isSameAddress(event.trader, record.traders[intent.trader])
              ? undefined
              : `${hash} did not do the ${intent.action} of intent ${intent.index}`
          }) ??
          firstFault(events, ({ transactionHash }) =>
            known.has(transactionHash)
              ? undefined
              : `${transactionHash} moved collateral and is no transfer of the plan`,
          ),
      }
    },
  },
]

/** What was given up because its nonce was used up, and is in a block all the same. */
function doubledIntent({ healed = [], receipts }: Evidence['record']): string | undefined {
  const blockOf = new Map(receipts.map(({ hash, blockNumber }) => [hash, blockNumber]))
  return firstFault(healed, ({ intent, replaced }) =>
    blockOf.has(replaced)
      ? `${replaced} was signed anew for intent ${intent}, and is in block ${blockOf.get(replaced)} as well`
      : undefined,
  )
}

function missingIntent({ plan, signed }: Evidence['record']): string | undefined {
  const planned = new Set(plan.intents.map(({ index }) => index))
  const done = new Set(signed.map(({ intent }) => intent))
  return (
    firstFault(signed, ({ hash, intent }) =>
      planned.has(intent)
        ? undefined
        : `${hash} carries intent ${intent}, which is not in the plan`,
    ) ??
    firstFault(plan.intents, ({ index }) =>
      done.has(index) ? undefined : `intent ${index} was never signed`,
    )
  )
}

function isTransfer(event: ChainEvent): event is EventOf<'Deposited' | 'Withdrawn'> {
  return event.type === 'Deposited' || event.type === 'Withdrawn'
}
