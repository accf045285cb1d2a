/** Messages from preload scripts. */
import { EventEmitter } from 'node:events'
import { strict } from './strict.ts'

type Handler = (event: object, ...parameters: unknown[]) => unknown
const handlers = new Map<string, Handler>()

class IpcMain extends EventEmitter {
  handle(channel: string, handler: Handler): void {
    if (handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`)
    handlers.set(channel, handler)
  }
}
const emitter = new IpcMain()
export const ipcMain = strict('ipcMain', emitter)

export interface Message { id?: number; channel: string; parameters: unknown[] }

/** @returns what goes back to the preload script, or null where it did not ask */
export async function receive({ id, channel, parameters }: Message, event: object): Promise<object | null> {
  if (id === undefined) {
    emitter.emit(channel, event, ...parameters)
    return null
  }
  try {
    const handler = handlers.get(channel)
    if (!handler) throw new Error(`No handler registered for '${channel}'`)
    return { id, value: await handler(event, ...parameters) }
  } catch (error) {
    return { id, error: `Error invoking remote method '${channel}': ${String(error)}` }
  }
}
