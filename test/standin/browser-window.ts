/** Windows: each is a tab of one Chromium. app://kith/x travels as http://kith.app.localhost:PORT/x, a secure context, too. */
import type * as Electron from 'electron'
import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import type { Protocol } from '../../node_modules/playwright-core/types/protocol.d.ts'
import { sendResponse, toRequest } from '../../src-main/serve/adapter.ts'
import { startChromium, type Chromium } from './chromium.ts'
import { noted } from './control.ts'
import { receive, type Message } from './ipc-main.ts'
import { strict } from './strict.ts'
import { pageWorld, preloadWorld } from './worlds.ts'

type Handler = (request: Request) => Response | Promise<Response>
const schemes = new Map<string, { privileges: object; handler: Handler | null }>()
const windows = new Map<string, BrowserWindow>()
const socketDirectory = mkdtempSync(join(tmpdir(), 'kith-standin-socket-'))
let helper: ChildProcess | null = null
let port = 0
let started: Promise<Chromium> | null = null
let chromium: Chromium | null = null

export function registerScheme(scheme: string, privileges: object | null, handler: Handler | null = null): void {
  const known = schemes.get(scheme)
  if (handler && !known) throw new Error(`The scheme ${scheme} has no privileges`)
  schemes.set(scheme, { privileges: privileges ?? known!.privileges, handler })
}

const outward = (url: string) =>
  url.replace(/^([a-z]+):\/\/([^/]+)/, (whole, scheme: string, host: string) => (schemes.has(scheme) ? `http://${host}.${scheme}.localhost:${port}` : whole))
const inward = (url: string) => url.replace(new RegExp(`^http://([^/]+)\\.([a-z]+)\\.localhost:${port}(?=/|$)`), '$2://$1')

/** Answers what Chromium asks with the handler of the scheme. */
function serve(socketPath: string): void {
  const never = new AbortController().signal
  createServer((message, target) => {
    const url = inward(`http://${message.headers.host}/`)
    const handler = schemes.get(url.split(':')[0]!)?.handler
    // Electron does not abort the request when the page goes away; it cancels the answer's body, and so does this.
    Promise.resolve(handler?.(toRequest(message, url.replace(/\/$/, ''), never)) ?? Promise.reject(new Error('no handler')))
      .then((response) => sendResponse(response, target, never))
      .catch(() => target.destroy())
  }).listen(socketPath)
}

export function browser(): Promise<Chromium> {
  started ??= (async () => {
    const socketPath = join(socketDirectory, 'page')
    serve(socketPath)
    helper = fork(join(import.meta.dirname, 'helper.ts'), [socketPath], { execArgv: [] })
    port = await new Promise<number>((resolve) => helper!.once('message', (value) => resolve(value as number)))
    chromium = await startChromium(process.env['KITH_CHROMIUM']!)
    helper.send(chromium.processId)
    for (const event of ['Runtime.executionContextCreated', 'Page.frameNavigated', 'Page.loadEventFired', 'Runtime.bindingCalled', 'Fetch.requestPaused', 'Page.windowOpen', 'Page.frameStartedNavigating', 'Target.attachedToTarget'] as const)
      chromium.on(event, (parameters, sessionId) => windows.get(sessionId ?? '')?.hear(event, parameters))
    chromium.on('Target.detachedFromTarget', ({ sessionId }) => windows.get(sessionId)?.gone())
    return chromium
  })()
  return started
}

export const endpoint = () => chromium?.endpoint ?? ''

export async function stopBrowser(): Promise<void> {
  if (started) await (await started).stop()
  helper?.disconnect()
  rmSync(socketDirectory, { recursive: true, force: true })
}

const knownPreferences = ['preload', 'sandbox', 'contextIsolation', 'nodeIntegration', 'webSecurity', 'webviewTag', 'spellcheck']
const knownOptions = ['x', 'y', 'width', 'height', 'minWidth', 'minHeight', 'title', 'icon', 'show', 'backgroundColor', 'webPreferences']

export class BrowserWindow extends EventEmitter {
  static getAllWindows(): BrowserWindow[] { return [...windows.values()] }
  readonly webContents: WebContents
  readonly progress: { value: number; mode: string | undefined }[] = []
  readonly #ready: Promise<void>
  #sessionId = ''
  #targetId = ''
  #preloadContextId = 0
  #frames = new Map<string, { url: string; parentId: string | undefined }>()
  #frameOfContext = new Map<number, string>()
  /** What the main process itself loads is not asked about. */
  #expectedUrl = ''
  #isVisible = false
  #isFocused = false
  #isMaximized = false
  #isDestroyed = false
  #bounds: Electron.Rectangle

  constructor(options: Electron.BrowserWindowConstructorOptions) {
    super()
    const preferences = options.webPreferences ?? {}
    for (const name of Object.keys(options)) if (!knownOptions.includes(name)) throw new Error(`The stand-in knows no option ${name}`)
    for (const name of Object.keys(preferences)) if (!knownPreferences.includes(name)) throw new Error(`The stand-in knows no preference ${name}`)
    if (preferences.nodeIntegration !== false || !preferences.contextIsolation || !preferences.sandbox || !preferences.webSecurity || preferences.webviewTag !== false)
      throw new Error('The stand-in opens sandboxed, isolated windows only')
    this.#bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 }
    this.#isVisible = options.show !== false
    this.webContents = strict('webContents', new WebContents(this))
    this.#ready = this.#open(preferences.preload!)
    return strict('window', this)
  }

  #send<C extends keyof Protocol.CommandParameters & keyof Protocol.CommandReturnValues>(command: C, parameters?: Protocol.CommandParameters[C]) {
    return chromium!.send(command, parameters, this.#sessionId)
  }

  async #open(preload: string): Promise<void> {
    this.#targetId = (await chromium!.send('Target.createTarget', { url: 'about:blank' })).targetId
    this.#sessionId = (await chromium!.send('Target.attachToTarget', { targetId: this.#targetId, flatten: true })).sessionId
    windows.set(this.#sessionId, this)
    await this.#send('Page.enable')
    await this.#send('Runtime.enable')
    await this.#send('Fetch.enable', { patterns: [{ resourceType: 'Document', requestStage: 'Request' }] })
    await this.#send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true })
    await this.#send('Emulation.setDeviceMetricsOverride', { width: this.#bounds.width, height: this.#bounds.height, deviceScaleFactor: 1, mobile: false })
    await this.#applyPermissions()
    await this.#send('Runtime.addBinding', { name: 'standinSend', executionContextName: 'preload' })
    await this.#send('Page.addScriptToEvaluateOnNewDocument', { source: `(${pageWorld.toString()})()` })
    const script = `function (require) { const module = { exports: {} }, exports = module.exports; ${readFileSync(preload, 'utf8')}\n}`
    await this.#send('Page.addScriptToEvaluateOnNewDocument', { worldName: 'preload', source: `(${preloadWorld.toString()})((text) => standinSend(text), ${script})` })
    ;(await import('./electron.ts')).app.emit('web-contents-created', {}, this.webContents)
  }

  /** Electron grants what nobody handles. */
  async #applyPermissions(): Promise<void> {
    for (const [name, electronName] of [['geolocation', 'geolocation'], ['notifications', 'notifications'], ['camera', 'media'], ['microphone', 'media'], ['clipboard-read', 'clipboard-read']] as const) {
      let isGranted = true
      noted.permissionRequest?.(this.webContents, electronName, (answer) => { isGranted &&= answer })
      if (noted.permissionCheck) isGranted &&= noted.permissionCheck(this.webContents, electronName)
      await chromium!.send('Browser.setPermission', { permission: { name }, setting: isGranted ? 'granted' : 'denied', origin: outward('app://kith') })
    }
  }

  hear(event: string, parameters: unknown): void {
    if (event === 'Runtime.executionContextCreated') {
      const { context } = parameters as Protocol.Runtime.executionContextCreatedPayload
      const frameId = (context.auxData as { frameId: string }).frameId
      this.#frameOfContext.set(context.id, frameId)
      if (context.name === 'preload' && !this.#frames.get(frameId)?.parentId) this.#preloadContextId = context.id
    } else if (event === 'Page.frameNavigated') {
      const { frame } = parameters as Protocol.Page.frameNavigatedPayload
      this.#frames.set(frame.id, { url: frame.url, parentId: frame.parentId })
    } else if (event === 'Page.frameStartedNavigating') {
      const { frameId, navigationType } = parameters as Protocol.Page.frameStartedNavigatingPayload
      this.webContents.emit('did-start-navigation', { isMainFrame: !this.#frames.get(frameId)?.parentId, isSameDocument: navigationType === 'sameDocument' })
    } else if (event === 'Page.loadEventFired') {
      this.webContents.emit('did-finish-load')
      this.emit('ready-to-show')
    } else if (event === 'Runtime.bindingCalled') {
      const { payload, executionContextId } = parameters as Protocol.Runtime.bindingCalledPayload
      void this.#receiveMessage(JSON.parse(payload) as Message, this.#frameOfContext.get(executionContextId) ?? null)
    } else if (event === 'Fetch.requestPaused') void this.#navigate(parameters as Protocol.Fetch.requestPausedPayload)
    else if (event === 'Page.windowOpen') this.webContents.askWindowOpen(inward((parameters as Protocol.Page.windowOpenPayload).url))
    else if (event === 'Target.attachedToTarget') {
      const { targetInfo, sessionId } = parameters as Protocol.Target.attachedToTargetPayload
      if (targetInfo.type === 'page') void chromium!.send('Target.closeTarget', { targetId: targetInfo.targetId })
      else void chromium!.send('Runtime.runIfWaitingForDebugger', {}, sessionId).catch(() => {})
    }
  }

  async #navigate({ requestId, request, frameId, redirectedRequestId }: Protocol.Fetch.requestPausedPayload): Promise<void> {
    const url = inward(request.url)
    const isMainFrame = !this.#frames.get(frameId)?.parentId
    let isPrevented = false
    const event = { url, isMainFrame, isSameDocument: false, preventDefault: () => { isPrevented = true } }
    if (url !== this.#expectedUrl) {
      this.webContents.emit('will-frame-navigate', event)
      if (isMainFrame) this.webContents.emit(redirectedRequestId ? 'will-redirect' : 'will-navigate', event, url)
    }
    if (isPrevented) await this.#send('Fetch.failRequest', { requestId, errorReason: 'Aborted' }).catch(() => {})
    else await this.#send('Fetch.continueRequest', { requestId }).catch(() => {})
  }

  async #receiveMessage(message: Message, frameId: string | null): Promise<void> {
    const frame = frameId === null ? null : this.#frames.get(frameId)
    const senderFrame = frame ? strict('senderFrame', { url: inward(frame.url), parent: frame.parentId ? {} : null }) : null
    const back = await receive(message, { sender: this.webContents, senderFrame })
    if (back) await this.deliver(back)
  }

  async deliver(message: object): Promise<void> {
    await this.#ready
    await this.#send('Runtime.evaluate', { contextId: this.#preloadContextId, expression: `standinReceive(${JSON.stringify(JSON.stringify(message))})` }).catch(() => {})
  }

  async drop(paths: string[]): Promise<void> {
    await this.deliver({ dropped: paths.map((path) => [basename(path), path]) })
    const data = { items: [], files: paths, dragOperationsMask: 1 }
    for (const type of ['dragEnter', 'dragOver', 'drop'] as const) await this.#send('Input.dispatchDragEvent', { type, x: 300, y: 300, data })
  }

  async loadURL(url: string): Promise<void> {
    await this.#ready
    const loaded = new Promise((resolve) => this.webContents.once('did-finish-load', resolve))
    this.#expectedUrl = url
    const { errorText } = await this.#send('Page.navigate', { url: outward(url) })
    if (errorText) throw new Error(`${errorText} loading '${url}'`)
    await loaded
    this.#expectedUrl = ''
  }

  /** Lets a navigation to this address through without asking the main process. */
  expectUrl(url: string): void { this.#expectedUrl = url }
  setFocus(isFocused: boolean): void { this.#isFocused = isFocused }
  setSize(width: number, height: number): void { Object.assign(this.#bounds, { width, height }) }
  describe() {
    const url = [...this.#frames.values()].find(({ parentId }) => !parentId)?.url ?? ''
    return { isVisible: this.#isVisible, isFocused: this.#isFocused, isMaximized: this.#isMaximized, bounds: this.#bounds, url: inward(url) }
  }

  show(): void { this.#isVisible = this.#isFocused = true }
  hide(): void { this.#isVisible = this.#isFocused = false }
  focus(): void { this.#isFocused = true }
  isFocused(): boolean { return this.#isFocused }
  isMinimized(): boolean { return false }
  restore(): void {}
  maximize(): void { this.#isMaximized = true }
  isMaximized(): boolean { return this.#isMaximized }
  isDestroyed(): boolean { return this.#isDestroyed }
  getNormalBounds(): Electron.Rectangle { return this.#bounds }
  setProgressBar(value: number, options: Electron.ProgressBarOptions): void { this.progress.push({ value, mode: options.mode }) }
  async close(): Promise<void> {
    this.emit('close', {})
    await chromium!.send('Target.closeTarget', { targetId: this.#targetId })
  }
  gone(): void {
    this.#isDestroyed = true
    windows.delete(this.#sessionId)
    this.emit('closed')
    if (windows.size === 0) void import('./electron.ts').then(({ app }) => app.emit('window-all-closed'))
  }
}

class WebContents extends EventEmitter {
  readonly #owner: BrowserWindow
  #windowOpenHandler: ((details: { url: string }) => { action: 'deny' | 'allow' }) | null = null
  constructor(owner: BrowserWindow) {
    super()
    this.#owner = owner
  }
  send(channel: string, ...parameters: unknown[]): void { void this.#owner.deliver({ channel, parameters }) }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: 'deny' | 'allow' }): void { this.#windowOpenHandler = handler }
  askWindowOpen(url: string): void {
    if (this.#windowOpenHandler?.({ url }).action !== 'deny') throw new Error(`The stand-in opens no second window, and ${url} was allowed one`)
  }
}
