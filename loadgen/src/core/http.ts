/** Where requests to an address go, and the headers that they need. */
export type HttpTarget = {
  /** The address without user and password. */
  url: URL
  headers: Readonly<Record<string, string>>
}

/**
 * How JSON is sent to an address. User and password in it become Basic credentials (RFC 7617), which undici leaves to its user.
 * @param address a valid URL.
 */
export function httpTarget(address: string): HttpTarget {
  const url = new URL(address)
  const { username, password } = url
  url.username = ''
  url.password = ''
  const headers = { 'content-type': 'application/json' }
  if (username === '' && password === '') return { url, headers }
  const credentials = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`
  return { url, headers: { ...headers, authorization } }
}

/** Retry-After (RFC 9110, 10.2.3), a number of seconds or a date, in milliseconds from now. */
export function readRetryAfter(
  value: string | string[] | undefined,
  nowMs: number,
): number | undefined {
  if (typeof value !== 'string') return undefined
  if (/^\d+$/.test(value)) return Number(value) * 1000
  const date = Date.parse(value)
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs)
}

/** The short reason of a failed request: the code of a network error where it has one, else its message. */
export function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.message
}

/** Codes of failures that came before a connection: the request has reached nobody. */
export const NEVER_CONNECTED: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'UND_ERR_CONNECT_TIMEOUT',
])
