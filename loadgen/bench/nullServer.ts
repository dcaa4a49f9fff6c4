/**
 * A node that answers without looking: every request gets the same answer, as if all its transactions were taken. It runs in a
 * process of its own and tells its port on its standard output.
 *
 * `node nullServer.js <transactions a request>`
 */
import { createServer, type Socket } from 'node:net'

const HASH = `0x${'ab'.repeat(32)}`
const END_OF_HEAD = Buffer.from('\r\n\r\n')

const count = Number(process.argv[2])
const body = JSON.stringify(
  Array.from({ length: count }, (_, id) => ({ jsonrpc: '2.0', id, result: HASH })),
)
const answer = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
)

/** Answers when as many bytes have come as the head of a request announces. */
function serve(socket: Socket): void {
  let head = Buffer.alloc(0)
  let missing = 0
  socket.setNoDelay(true)
  // A client that goes away in the middle of an answer is no concern of a server that keeps nothing.
  socket.on('error', () => socket.destroy())
  socket.on('data', (chunk) => {
    let rest: Buffer = chunk
    while (rest.length > 0) {
      if (missing === 0) {
        head = Buffer.concat([head, rest])
        const end = head.indexOf(END_OF_HEAD)
        if (end === -1) return
        missing = Number(/content-length: (\d+)/i.exec(head.toString('latin1', 0, end))?.[1])
        rest = head.subarray(end + END_OF_HEAD.length)
        head = Buffer.alloc(0)
      }
      const taken = Math.min(missing, rest.length)
      missing -= taken
      rest = rest.subarray(taken)
      if (missing === 0) socket.write(answer)
    }
  })
}

const server = createServer(serve).listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (address !== null && typeof address === 'object') process.stdout.write(`${address.port}\n`)
})
