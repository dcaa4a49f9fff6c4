import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { html } from './escape.js'
import { page } from './page.js'

test('a page runs no script and asks nobody for anything', () => {
  const text = page({ title: 'A & B', main: html`<h1>A</h1>` })
  expect(text).toContain('<title>A &amp; B</title>')
  expect(text).toContain('default-src &#39;none&#39;; style-src &#39;unsafe-inline&#39;')
  expect(text).not.toMatch(/<script|script-src|connect-src/)
  expect(text).not.toMatch(/https?:|url\(|@import|src="|srcset/)
})

test('a page with a script allows that one alone, by its hash', () => {
  const script = 'document.title = "<&"'
  const text = page({ title: 'T', main: html``, script })
  const hash = createHash('sha256').update(script).digest('base64')
  expect(text).toContain(`script-src &#39;sha256-${hash}&#39;; connect-src &#39;self&#39;`)
  expect(text).toContain(`<script type="module">${script}</script>`)
})

test('colours of the page have a light, a dark and a printed value', () => {
  const text = page({ title: 'T', main: html`` })
  for (const name of ['--paper', '--ink', '--netting', '--keeper', '--direct'])
    expect(text.match(new RegExp(`${name}:`, 'g')), name).toHaveLength(3)
})
