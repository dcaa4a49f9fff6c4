import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UsageError } from './errors.js'

/**
 * Opens the port of a server.
 * @returns the port, which differs from the wanted one where that is 0.
 * @throws UsageError when the port cannot be had.
 */
export async function listen(server: Server, options: listen.Options): Promise<number> {
  const { host, port, option } = options
  try {
    await once(server.listen(port, host), 'listening')
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (code !== 'EADDRINUSE' && code !== 'EACCES')
      throw new UsageError(`Nothing can listen on ${host}, port ${port} (${code}).`, { cause })
    const state = code === 'EADDRINUSE' ? 'is in use' : 'may not be opened'
    const other = option === undefined ? 'another one' : `another one with ${option}`
    throw new UsageError(
      `Port ${port} of ${host} ${state}; give ${other}, or 0 for any that is free.`,
      { cause },
    )
  }
  return (server.address() as AddressInfo).port
}

/** Closes a server at once, with the connections that readers keep open; does nothing when it is closed. */
export async function closeNow(server: Server): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  server.closeAllConnections()
  await closed
}

export declare namespace listen {
  type Options = {
    host: string
    /** 0 for any that is free. */
    port: number
    /** The option of the command line that gives the port, like `--metrics-port`; for the message. */
    option?: string | undefined
  }
}
