/**
 * The script of the live page: puts the parts that the server pushes in the place of the old ones, and at the end the last page in
 * the place of all of them. What the reader has opened, focused or scrolled stays so. EventSource connects again by itself, but gives
 * up for good when a server refuses it; then a new one is made.
 */
export const CLIENT = `
const main = document.querySelector('main')
const note = document.createElement('p')
note.setAttribute('role', 'status')
main.prepend(note)

function say(text) {
  if (note.textContent === text) return
  note.textContent = text
  note.className = text === '' ? '' : 'callout'
}

function reachable(part) {
  return [...part.querySelectorAll('a, summary, [tabindex]')]
}

function swap(part, { version, markup }) {
  if (part.dataset.version === version) return
  const open = [...part.querySelectorAll('details')].map((details) => details.open)
  const scrolled = [...part.querySelectorAll('.scroll')].map((box) => [box.scrollLeft, box.scrollTop])
  const focus = reachable(part).indexOf(document.activeElement)
  part.innerHTML = markup
  part.dataset.version = version
  part.querySelectorAll('details').forEach((details, i) => { details.open = open[i] === true })
  part.querySelectorAll('.scroll').forEach((box, i) => { if (scrolled[i]) box.scrollTo(...scrolled[i]) })
  if (focus >= 0) reachable(part)[focus]?.focus({ preventScroll: true })
}

function finish({ title, markup, text }) {
  document.title = title
  main.innerHTML = markup
  main.prepend(note)
  main.focus({ preventScroll: true })
  scrollTo(0, 0)
  // A moment later, so that a screen reader sees it change.
  setTimeout(say, 100, text)
}

function connect() {
  const events = new EventSource('/events?page=' + document.querySelector('[data-page]').dataset.page)
  events.addEventListener('parts', ({ data }) => {
    say('')
    for (const [name, part] of Object.entries(JSON.parse(data)))
      swap(document.querySelector('[data-part="' + name + '"]'), part)
  })
  events.addEventListener('end', ({ data }) => {
    finish(JSON.parse(data))
    events.close()
  })
  events.addEventListener('error', () => {
    say('The connection is lost; trying again.')
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, 1000)
  })
}

connect()
`
