import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { UsageError } from '../core/errors.js'

/** Name of the lock in the folder of a run: it holds the id of the process that works there. */
export const LOCK = 'lock'

/** Locks that this process holds. */
const held = new Set<string>()
process.once('exit', () => {
  for (const path of held) rmSync(path, { force: true })
})

/**
 * Keeps other processes of this machine out of the folder of a run: two that send the same signed transactions would get in each
 * other's way and both count them. The lock of a process that is gone is taken over.
 * @returns gives it back. The end of the process does so too, unless it is killed.
 * @throws UsageError when somebody works there.
 */
export function lockRun(folder: string): () => void {
  const path = join(folder, LOCK)
  const own = `${path}.${process.pid}`
  const refuse = (pid: number): never => {
    throw new UsageError(
      `Process ${pid} works on "${folder}"; wait for it or end it (if it is no load generator, remove "${path}").`,
    )
  }
  if (held.has(path)) refuse(process.pid)
  writeFileSync(own, String(process.pid))
  try {
    // A link to a whole file: nobody ever reads a lock without its owner.
    while (!tryLink(own, path)) {
      const owner = readOwner(path)
      if (isAlive(owner)) refuse(owner)
      // Put aside first: another process may have taken it over since, and that one is put back.
      const aside = `${own}.aside`
      if (!tryRename(path, aside)) continue
      const dead = readOwner(aside)
      if (isAlive(dead)) tryLink(aside, path)
      rmSync(aside)
      if (isAlive(dead)) refuse(dead)
    }
  } finally {
    rmSync(own)
  }
  held.add(path)
  return () => {
    held.delete(path)
    rmSync(path, { force: true })
  }
}

/** False when there is a lock already. */
function tryLink(from: string, to: string): boolean {
  return unless('EEXIST', false, () => {
    linkSync(from, to)
    return true
  })
}

/** False when it was given back meanwhile. */
function tryRename(from: string, to: string): boolean {
  return unless('ENOENT', false, () => {
    renameSync(from, to)
    return true
  })
}

/** NaN when it was given back meanwhile, or says nothing. */
function readOwner(path: string): number {
  return unless('ENOENT', Number.NaN, () => Number.parseInt(readFileSync(path, 'utf8'), 10))
}

/** A process that has the id of this one left its lock behind: this one holds none. */
function isAlive(pid: number): boolean {
  if (Number.isNaN(pid) || pid === process.pid) return false
  // One of another user is alive (EPERM).
  return unless('ESRCH', false, () => unless('EPERM', true, () => process.kill(pid, 0)))
}

/** What `work` gives, or `other` when it fails with this code. */
function unless<T>(code: string, other: T, work: () => T): T {
  try {
    return work()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return other
    throw error
  }
}
