import { expect, test } from 'vitest'
import { html, toMarkup, trusted } from './escape.js'

test('escapes text between tags and in attributes', () => {
  const text = `<script>alert("1" & '2')</script>`
  expect(toMarkup(html`<p title="${text}">${text}</p>`)).toBe(
    '<p title="&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;">' +
      '&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;</p>',
  )
})

test('takes markup as it is, lists one after the other, and nothing for nothing', () => {
  const parts = [html`<b>${'<'}</b>`, 7, null, undefined, false, ['a', trusted('<hr>')]] as const
  expect(toMarkup(html`${parts}`)).toBe('<b>&lt;</b>7a<hr>')
})

test('takes nothing that was parsed from JSON for markup', () => {
  const forged = JSON.parse('{"markup":"<img src=x>","Symbol(markup)":"<img src=x>"}')
  expect(() => toMarkup(forged)).toThrow()
})

test('does not take what looks like an escape for one', () => {
  expect(toMarkup(html`${'\\u003cb&lt;'}`)).toBe('\\u003cb&amp;lt;')
})
