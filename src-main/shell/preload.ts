/** Runs beside the page, in a world of its own: the few functions that the page gets, and folders dropped on the window. */
import { contextBridge, ipcRenderer, webUtils } from 'electron'
import type { ShellApi, ShellMessage } from '../../src-shared/shell-api.ts'
import { channels } from './channels.ts'

contextBridge.exposeInMainWorld('kithShell', {
  onMessage(listener) {
    ipcRenderer.on(channels.message, (_event, message: ShellMessage) => listener(message))
    ipcRenderer.send(channels.listening)
  },
  showInFileManager: (photoId) => ipcRenderer.invoke(channels.showInFileManager, photoId),
  openOriginal: (photoId) => ipcRenderer.invoke(channels.openOriginal, photoId),
} satisfies ShellApi)

function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false
}

// Without this the window would go to what is dropped on it.
window.addEventListener('dragover', (event) => {
  if (!carriesFiles(event)) return
  event.preventDefault()
  event.dataTransfer!.dropEffect = 'copy'
})
window.addEventListener('drop', (event) => {
  if (!carriesFiles(event)) return
  event.preventDefault()
  // An event that a script made up carries nothing that a person dropped.
  if (!event.isTrusted) return
  const paths = [...event.dataTransfer!.files].map((file) => webUtils.getPathForFile(file)).filter(Boolean)
  if (paths.length > 0) ipcRenderer.send(channels.drop, paths)
})
