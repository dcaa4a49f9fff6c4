/** A queue of numbers. */
export type Fifo = {
  readonly length: number
  push(value: number): void
  /** The first; undefined when there is none. */
  peek(): number | undefined
  shift(): number | undefined
}

/** Items taken at least before their places are given back. */
const SLACK = 4096

/** Like an array, but taking from the front costs the same however long it is. */
export function createFifo(): Fifo {
  let items: number[] = []
  let head = 0
  return {
    get length() {
      return items.length - head
    },
    push(value) {
      items.push(value)
    },
    peek: () => items[head],
    shift() {
      const value = items[head]
      if (value === undefined) return undefined
      head++
      if (head === items.length || (head > SLACK && 2 * head > items.length)) {
        items = items.slice(head)
        head = 0
      }
      return value
    },
  }
}
