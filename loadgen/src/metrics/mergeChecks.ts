import { isDeepStrictEqual } from 'node:util'
import { shardName } from '../core/shard.js'
import type { ModeRecord } from '../core/types.js'
import { firstDuplicate, firstFault } from './check.js'
import type { ShardRecord } from './mergeShard.js'
import type { ModeMetrics } from './modeMetrics.js'
import type { CheckResult } from './verify.js'

/** A shard of one mode: its record, and its figures as its own generator reported them. */
export type ShardPart = { record: ShardRecord; metrics: ModeMetrics }

type CrossCheck = {
  name: string
  run(evidence: {
    parts: readonly ShardPart[]
    shards: readonly ShardRecord[]
    merged: ModeRecord
    metrics: ModeMetrics
  }): { looked: string; fault: string | undefined }
}

/** Checks that shards, each sound by itself, are sound together. */
export function checkShards(
  parts: readonly ShardPart[],
  whole: { merged: ModeRecord; metrics: ModeMetrics },
): CheckResult[] {
  const shards = parts.map(({ record }) => record)
  return CROSS_CHECKS.map(({ name, run }) => {
    const { looked, fault } = run({ parts, shards, ...whole })
    return { name, ok: fault === undefined, detail: fault ?? looked }
  })
}

const CROSS_CHECKS: readonly CrossCheck[] = [
  {
    name: 'all shards worked on one deployment',
    run: ({ shards, merged }) => {
      return {
        looked: `${shards.length} shards, clearing house ${merged.deployment.house}`,
        fault: firstFault(shards, (shard) =>
          isSame(shard.deployment, merged.deployment)
            ? undefined
            : `shard ${nameOf(shard)} has the clearing house ${shard.deployment.house} or other addresses`,
        ),
      }
    },
  },
  {
    name: 'every intent belongs to one shard',
    run: ({ merged: { plan } }) => ({
      looked: `${plan.intents.length} intents`,
      fault: firstFault(plan.intents.entries(), ([position, { index }]) =>
        index === position
          ? undefined
          : `intent ${Math.min(index, position)} belongs to ${index < position ? 'two shards' : 'none'}`,
      ),
    }),
  },
  {
    name: 'no account belongs to two shards',
    run: ({ merged: { traders } }) => {
      const twice = firstDuplicate(traders, (trader) => trader.toLowerCase())
      return {
        looked: `${traders.length} accounts`,
        fault: twice === undefined ? undefined : `${twice} belongs to two shards`,
      }
    },
  },
  {
    name: 'no transaction belongs to two shards',
    run: ({ merged: { signed, settlements } }) => {
      const twice = firstDuplicate([...signed, ...settlements], ({ hash }) => hash)
      return {
        looked: `${signed.length} signed, ${settlements.length} settlements`,
        fault: twice === undefined ? undefined : `${twice} belongs to two shards`,
      }
    },
  },
  {
    name: 'all shards saw the same chain',
    run: ({ shards, merged }) => {
      const blocks = new Map(merged.blocks.map((block) => [block.number, block]))
      const events = new Map(merged.events.map((event) => [placeOf(event), event]))
      return {
        looked: `${merged.blocks.length} blocks, ${merged.events.length} events`,
        fault: firstFault(
          shards,
          (shard) =>
            firstFault(shard.blocks, (block) =>
              isSame({ ...block, seenMs: 0 }, { ...blocks.get(block.number), seenMs: 0 })
                ? undefined
                : `shard ${nameOf(shard)} saw another block ${block.number}`,
            ) ??
            firstFault(shard.events, (event) =>
              isSame(event, events.get(placeOf(event)))
                ? undefined
                : `shard ${nameOf(shard)} saw another event as ${placeOf(event)}`,
            ),
        ),
      }
    },
  },
  {
    name: 'every trader was read before its first event and after its last',
    run: ({ shards, merged }) => {
      const readBy = new Map(
        shards.flatMap((shard) => shard.traders.map((trader) => [trader.toLowerCase(), shard])),
      )
      return {
        looked: `${merged.traders.length} traders`,
        fault: firstFault(merged.events, (event) => {
          if (!('trader' in event)) return undefined
          const shard = readBy.get(event.trader.toLowerCase())
          return shard === undefined ||
            (event.blockNumber > shard.before.blockNumber &&
              event.blockNumber <= shard.after.blockNumber)
            ? undefined
            : `shard ${nameOf(shard)} read ${event.trader} at the blocks ${shard.before.blockNumber} and ${shard.after.blockNumber}; ${event.type} is in block ${event.blockNumber}`
        }),
      }
    },
  },
  {
    name: "the shards' own figures add up to those of the union",
    run: ({ parts, metrics }) => {
      const expected = additive(metrics)
      const sums = new Map<string, bigint>()
      for (const part of parts)
        for (const [name, value] of additive(part.metrics))
          sums.set(name, (sums.get(name) ?? 0n) + value)
      return {
        looked: `${expected.size} figures`,
        fault: firstFault(new Set([...expected.keys(), ...sums.keys()]), (name) => {
          const [sum, whole] = [sums.get(name) ?? 0n, expected.get(name) ?? 0n]
          return sum === whole ? undefined : `${name}: the shards report ${sum}, the union ${whole}`
        }),
      }
    },
  },
]

/** Figures that belong to orders and transactions, each of which is in one shard only. */
function additive({ orders, transfers, gas, netting, risk }: ModeMetrics): Map<string, bigint> {
  const { total, queueing, settlement } = gas
  const { netted, settled, unpooled } = netting.sums ?? {}
  const figures = new Map<string, bigint>()
  const add = (path: string, value: unknown): void => {
    if (typeof value === 'number' || typeof value === 'string') figures.set(path, BigInt(value))
    else
      for (const [name, item] of Object.entries(value ?? {}))
        add(path === '' ? name : `${path}.${name}`, item)
  }
  add('', {
    ...{ orders, transfers, netting: { netted, settled, unpooled } },
    gas: { total, queueing, settlement, transfers: gas.transfers },
    risk: { liquidations: risk?.liquidations },
  })
  return figures
}

function nameOf({ plan }: ShardRecord): string {
  return shardName(plan.shard)
}

function placeOf({ blockNumber, logIndex }: { blockNumber: number; logIndex: number }): string {
  return `block ${blockNumber}, log ${logIndex}`
}

/** True for the same object, and for one with the same fields: what different processes read in their own order. */
function isSame(a: object, b: object | undefined): boolean {
  return a === b || (b !== undefined && isDeepStrictEqual(a, b))
}
