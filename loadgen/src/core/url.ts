/** Stands in the place of a secret. */
const HIDDEN = '***'

/**
 * An address without what may be a secret: user and password, the values of its query, and parts of the path that look like a
 * token, as providers of nodes give out (16 letters, digits, dashes or more). What is no address comes back as it is.
 */
export function withoutSecrets(address: string): string {
  if (!URL.canParse(address)) return address
  const url = new URL(address)
  const user = url.username === '' && url.password === '' ? '' : `${HIDDEN}@`
  const path = url.pathname
    .split('/')
    .map((part) => (/^[\w-]{16,}$/.test(part) ? HIDDEN : part))
    .join('/')
  const query = [...url.searchParams.keys()].map((key) => `${key}=${HIDDEN}`).join('&')
  return `${url.protocol}//${user}${url.host}${path === '/' ? '' : path}${query === '' ? '' : `?${query}`}`
}

/** A text in which every address of http or https is {@link withoutSecrets}. */
export function withoutSecretsIn(text: string): string {
  return text.replace(/https?:\/\/[^\s,]+/gi, withoutSecrets)
}

/** True for an address from which {@link withoutSecrets} took something: it reaches nobody any more. */
export function isHidden(address: string): boolean {
  return address.includes(HIDDEN)
}
