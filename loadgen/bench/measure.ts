import { percentile } from '../src/metrics/numbers.js'

/** What some work took: elapsed time, and CPU time of all threads of this process. */
export type Taken = { ms: number; cpuMs: number }

export async function measure<T>(work: () => Promise<T>): Promise<{ value: T; taken: Taken }> {
  const [start, cpu] = [performance.now(), process.cpuUsage()]
  const value = await work()
  const { user, system } = process.cpuUsage(cpu)
  return { value, taken: { ms: performance.now() - start, cpuMs: (user + system) / 1_000 } }
}

export function median(values: readonly number[]): number {
  return percentile(values, 50) ?? 0
}

/** Most memory that this process ever had, MB. */
export function peakMemoryMb(): number {
  return process.resourceUsage().maxRSS / 1_024
}
