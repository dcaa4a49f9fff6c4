import type { BlockSchedule } from '../core/types.js'

/** What is kept: schedules of the latest blocks, within so many characters of JSON. */
const MAX_BLOCKS = 10_000
const MAX_CHARACTERS = 128 * 1024 * 1024

/** The schedules of the latest blocks, as text: it takes a tenth of the memory that lists of lists do. */
export type ScheduleStore = {
  add(schedule: BlockSchedule): void
  /** Undefined for a block that was not made here, or too long ago. */
  get(block: number): BlockSchedule | undefined
  /** Forgets all behind this block: the chain was turned back to it. */
  turnBack(block: number): void
}

export function createScheduleStore(options: createScheduleStore.Options = {}): ScheduleStore {
  const { maxBlocks = MAX_BLOCKS, maxCharacters = MAX_CHARACTERS } = options
  /** In order of block. */
  const texts = new Map<number, string>()
  let characters = 0
  let latest = -1

  function remove(block: number, text: string): void {
    texts.delete(block)
    characters -= text.length
  }

  function turnBack(block: number): void {
    if (latest <= block) return
    for (const [known, text] of [...texts]) if (known > block) remove(known, text)
    latest = block
  }

  return {
    add(schedule) {
      turnBack(schedule.block - 1)
      const text = JSON.stringify(schedule)
      texts.set(schedule.block, text)
      latest = schedule.block
      characters += text.length
      for (const [oldest, old] of texts) {
        if ((texts.size <= maxBlocks && characters <= maxCharacters) || oldest === schedule.block)
          break
        remove(oldest, old)
      }
    },
    get(block) {
      const text = texts.get(block)
      return text === undefined ? undefined : (JSON.parse(text) as BlockSchedule)
    },
    turnBack,
  }
}

export declare namespace createScheduleStore {
  type Options = {
    maxBlocks?: number | undefined
    /** Of JSON, in all. */
    maxCharacters?: number | undefined
  }
}
