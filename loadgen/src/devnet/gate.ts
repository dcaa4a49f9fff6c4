/** Lets any number of senders through together, or one block maker alone; in order of arrival, so that nobody starves. */
export type Gate = {
  /** Runs beside other shared work, never beside exclusive work. */
  shared<T>(work: () => Promise<T>): Promise<T>
  /** Runs alone: begins when the work under way has ended, and holds back what arrives meanwhile. */
  exclusive<T>(work: () => Promise<T>): Promise<T>
}

export function createGate(): Gate {
  const waiting: { alone: boolean; enter: () => void }[] = []
  let inside = 0
  let closed = false

  function admit(): void {
    for (let next = waiting[0]; next !== undefined; next = waiting[0]) {
      if (closed || (next.alone && inside > 0)) return
      waiting.shift()
      inside += 1
      closed = next.alone
      next.enter()
    }
  }

  async function pass<T>(alone: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      waiting.push({ alone, enter })
      admit()
    })
    try {
      return await work()
    } finally {
      inside -= 1
      if (alone) closed = false
      admit()
    }
  }

  return {
    shared: (work) => pass(false, work),
    exclusive: (work) => pass(true, work),
  }
}
