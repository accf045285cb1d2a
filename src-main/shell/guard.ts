/** Holds the page to policy.ts: no permission, no other address, no other window, no webview, whatever it asks for. */
import { app, session, shell } from 'electron'
import { destinationOf } from './policy.ts'

/** Call it before the first window. */
export function guardPages(): void {
  const { defaultSession } = session
  defaultSession.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  defaultSession.setPermissionCheckHandler(() => false)
  defaultSession.setDevicePermissionHandler(() => false)
  app.on('web-contents-created', (_event, contents) => {
    const leave = (event: { preventDefault(): void }, url: string) => {
      const destination = destinationOf(url)
      if (destination === 'page') return
      event.preventDefault()
      if (destination === 'browser') void shell.openExternal(url)
    }
    contents.on('will-navigate', (event) => leave(event, event.url))
    contents.on('will-redirect', (event) => leave(event, event.url))
    // Frames inside the page: there are none, so there is nowhere for one to go.
    contents.on('will-frame-navigate', (event) => {
      if (!event.isMainFrame) event.preventDefault()
    })
    contents.on('will-attach-webview', (event) => event.preventDefault())
    contents.setWindowOpenHandler(({ url }) => {
      if (destinationOf(url) === 'browser') void shell.openExternal(url)
      return { action: 'deny' }
    })
  })
}
