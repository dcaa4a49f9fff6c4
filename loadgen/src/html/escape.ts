const MARKUP = Symbol('markup')

/** Markup that is safe to put into a page. Only {@link html} and {@link trusted} make it: what was parsed from JSON never is. */
export type Html = { readonly [MARKUP]: string }

/** What a template takes: markup as it is, text and numbers escaped, lists one after the other, nothing for nothing. */
export type Part = Html | string | number | null | undefined | false | readonly Part[]

/** A template of markup. Values may stand between tags and in double-quoted attributes. */
export function html(strings: TemplateStringsArray, ...parts: Part[]): Html {
  return trusted(String.raw({ raw: strings }, ...parts.map(toMarkup)))
}

/** Takes markup as it is. Only for what no part of came from outside, or was escaped. */
export function trusted(markup: string): Html {
  return { [MARKUP]: markup }
}

/** The markup of a part, as a string. */
export function toMarkup(part: Part): string {
  if (part === null || part === undefined || part === false) return ''
  if (typeof part === 'string' || typeof part === 'number') return escapeText(String(part))
  return MARKUP in part ? part[MARKUP] : part.map(toMarkup).join('')
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character)
}
