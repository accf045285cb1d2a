/**
 * A process beside the stand-in: carries what Chromium sends to a port over to the main process's local socket, so that the
 * main process itself opens no port, and ends Chromium when the main process is gone.
 */
import { connect, createServer, type AddressInfo } from 'node:net'

const [socketPath] = process.argv.slice(2)
let chromiumId = 0
process.on('message', (id: number) => { chromiumId = id })
process.on('disconnect', () => {
  if (chromiumId) process.kill(chromiumId, 'SIGKILL')
  process.exit(0)
})
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => {})

const server = createServer((client) => {
  const main = connect(socketPath!)
  client.pipe(main).pipe(client)
  client.on('error', () => main.destroy())
  main.on('error', () => client.destroy())
  client.on('close', () => main.destroy())
  main.on('close', () => client.destroy())
})
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
