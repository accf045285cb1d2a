/**
 * What runs inside the window: `contextBridge` for the page's own world, and the `electron` module of a sandboxed preload
 * script in a world of its own. Each function is sent as text, so it may use nothing from outside.
 */

type Shape = { $function: true } | { $object: Record<string, Shape> } | { $value: unknown }
interface CallDetail { id: number; key: string; path: string[]; parameters: ({ callback: number } | { value: unknown })[] }
interface Waiting { resolve(value: unknown): void; reject(error: Error): void }

/** In the page's own world: builds what contextBridge exposes. */
export function pageWorld(): void {
  if (window !== window.top) return
  const waiting = new Map<number, Waiting>()
  const callbacks = new Map<number, (...parameters: unknown[]) => unknown>()
  let lastId = 0
  const tell = (name: string, detail: unknown) => window.dispatchEvent(new CustomEvent(name, { detail }))
  const hear = <T>(name: string, listener: (detail: T) => void) =>
    window.addEventListener(name, (event) => listener((event as CustomEvent<T>).detail))
  const build = (shape: Shape, key: string, path: string[]): unknown => {
    if ('$value' in shape) return shape.$value
    if ('$object' in shape)
      return Object.freeze(Object.fromEntries(Object.entries(shape.$object).map(([name, inner]) => [name, build(inner, key, [...path, name])])))
    return (...parameters: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        const sent = parameters.map((parameter) => {
          if (typeof parameter !== 'function') return { value: parameter }
          const callback = ++lastId
          callbacks.set(callback, parameter as (...parameters: unknown[]) => unknown)
          return { callback }
        })
        tell('standin:call', { id, key, path, parameters: sent })
      })
  }
  hear<{ key: string; shape: Shape }>('standin:expose', ({ key, shape }) =>
    Object.defineProperty(window, key, { value: build(shape, key, []), enumerable: true }))
  hear<{ id: number; error?: string; value?: unknown }>('standin:answer', ({ id, error, value }) => {
    if (error === undefined) waiting.get(id)?.resolve(value)
    else waiting.get(id)?.reject(new Error(error))
    waiting.delete(id)
  })
  hear<{ callback: number; parameters: unknown[] }>('standin:callback', ({ callback, parameters }) => callbacks.get(callback)?.(...parameters))
}

/** In the preload script's world. `send` reaches the main process; `preload` is the script itself. */
export function preloadWorld(send: (text: string) => void, preload: (require: (name: string) => unknown) => void): void {
  if (window !== window.top) return
  const waiting = new Map<number, Waiting>()
  const listeners = new Map<string, Set<(event: object, ...parameters: unknown[]) => void>>()
  const exposed: Record<string, unknown> = {}
  const dropped = new Map<string, string>()
  let lastId = 0
  const tell = (name: string, detail: unknown) => window.dispatchEvent(new CustomEvent(name, { detail }))
  const shapeOf = (value: unknown): Shape => {
    if (typeof value === 'function') return { $function: true }
    if (value && typeof value === 'object' && !Array.isArray(value))
      return { $object: Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)])) }
    return { $value: value }
  }
  const strict = <T extends object>(name: string, target: T): T =>
    new Proxy(target, {
      get(object, key, receiver) {
        if (!(key in object) && typeof key === 'string') throw new Error(`The stand-in has no ${name}.${key}`)
        return Reflect.get(object, key, receiver)
      },
    })
  const ipcRenderer = strict('ipcRenderer', {
    invoke: (channel: string, ...parameters: unknown[]) =>
      new Promise((resolve, reject) => {
        const id = ++lastId
        waiting.set(id, { resolve, reject })
        send(JSON.stringify({ id, channel, parameters }))
      }),
    send: (channel: string, ...parameters: unknown[]) => send(JSON.stringify({ channel, parameters })),
    on(channel: string, listener: (event: object, ...parameters: unknown[]) => void) {
      listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener))
      return ipcRenderer
    },
  })
  const contextBridge = strict('contextBridge', {
    exposeInMainWorld(key: string, api: unknown) {
      exposed[key] = api
      tell('standin:expose', { key, shape: shapeOf(api) })
    },
  })
  // As Electron has it: a file that was not dropped or chosen has no path.
  const webUtils = strict('webUtils', { getPathForFile: (file: File) => dropped.get(file.name) ?? '' })
  Object.assign(globalThis, {
    standinReceive(text: string) {
      const message = JSON.parse(text) as { id?: number; error?: string; value?: unknown; channel?: string; parameters?: unknown[]; dropped?: [string, string][] }
      if (message.dropped) for (const [name, path] of message.dropped) dropped.set(name, path)
      else if (message.id === undefined) for (const listener of listeners.get(message.channel!) ?? []) listener({ sender: ipcRenderer }, ...message.parameters!)
      else {
        if (message.error === undefined) waiting.get(message.id)?.resolve(message.value)
        else waiting.get(message.id)?.reject(new Error(message.error))
        waiting.delete(message.id)
      }
    },
    // So that a test may speak as a preload script does.
    standinInvoke: ipcRenderer.invoke,
  })
  window.addEventListener('standin:call', (event) => {
    const { id, key, path, parameters } = (event as CustomEvent<CallDetail>).detail
    const call = async () => {
      let self: unknown
      let target: unknown = exposed[key]
      for (const step of path) [self, target] = [target, (target as Record<string, unknown>)[step]]
      const given = parameters.map((parameter) => ('value' in parameter ? parameter.value
        : (...back: unknown[]) => tell('standin:callback', { callback: parameter.callback, parameters: back })))
      return (target as (...parameters: unknown[]) => unknown).apply(self, given)
    }
    call().then((value) => tell('standin:answer', { id, value }), (error: unknown) => tell('standin:answer', { id, error: error instanceof Error ? error.message : String(error) }))
  })
  preload((name) => {
    if (name !== 'electron') throw new Error(`A sandboxed preload script can't require ${name}`)
    return strict('electron', { contextBridge, ipcRenderer, webUtils })
  })
}
