import { createHash } from 'node:crypto'
import { type Html, html, toMarkup, trusted } from './escape.js'
import { STYLE } from './style.js'

/** A whole document in one file: no request leaves it, and only a `script` of its own can run in it. */
export function page(options: page.Options): string {
  const { title, main, script } = options
  const markup = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${policy(script)}">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<link rel="icon" href="data:,">
<style>${trusted(STYLE)}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<main id="main" tabindex="-1">
${main}
</main>
${script !== undefined && html`<script type="module">${trusted(script)}</script>`}
</body>
</html>
`
  return toMarkup(markup)
}

export declare namespace page {
  type Options = {
    title: string
    /** Content of the main element, with the only h1. */
    main: Html
    /**
     * Source of a script of ours, without `</script`; nothing else can run, by its hash in the content security policy. It may talk
     * to the server that the page came from. Absent: no script runs.
     */
    script?: string | undefined
  }
}

function policy(script: string | undefined): string {
  const base =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
  if (script === undefined) return base
  const hash = createHash('sha256').update(script).digest('base64')
  return `${base}; script-src 'sha256-${hash}'; connect-src 'self'`
}
