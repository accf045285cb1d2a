/** The engine's news as text/event-stream: one stream a window. */
import type { ApiEvent } from '../../src-shared/api.ts'

/** A window that leaves this many messages unread is cut off; it connects again and asks afresh. */
const unreadLimit = 512

export interface EventStreams {
  open(): ReadableStream<Uint8Array>
  close(): void
}

/**
 * @param subscribe hands over each event until the function it answered is called
 * @param heartbeatMs a comment goes out this often, so that neither end takes silence for a broken line
 */
export function createEventStreams(
  subscribe: (listener: (event: ApiEvent) => void) => () => void,
  heartbeatMs = 15_000,
): EventStreams {
  const encoder = new TextEncoder()
  const endings = new Set<() => void>()
  return {
    open() {
      let end = () => {}
      return new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const send = (text: string) => {
              if ((controller.desiredSize ?? 0) < -unreadLimit) end()
              else controller.enqueue(encoder.encode(text))
            }
            const unsubscribe = subscribe((event) => send(`data: ${JSON.stringify(event)}\n\n`))
            const heartbeat = setInterval(() => send(': still here\n\n'), heartbeatMs)
            heartbeat.unref()
            const leave = () => {
              unsubscribe()
              clearInterval(heartbeat)
              endings.delete(end)
            }
            end = () => {
              leave()
              try {
                controller.close()
              } catch {
                // The reader was gone first.
              }
            }
            endings.add(end)
            send('retry: 1000\n: connected\n\n')
          },
          cancel: () => end(),
        },
        new CountQueuingStrategy({ highWaterMark: 1 }),
      )
    },
    close() {
      for (const end of [...endings]) end()
    },
  }
}
