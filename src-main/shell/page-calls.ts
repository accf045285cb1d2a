/** What the preload script may ask. Every message is held against its sender and its shape before anything is done. */
import { ipcMain, shell, type WebFrameMain } from 'electron'
import { stat } from 'node:fs/promises'
import type { MethodOutput } from '../../src-shared/api.ts'
import { channels } from './channels.ts'
import { isTrustedSender, pageUrl, parseDroppedPaths, parsePhotoId } from './policy.ts'
import { texts } from './texts.ts'

export interface PageCalls {
  handle(request: Request): Promise<Response>
  onListening(): void
  onDrop(paths: string[]): void
  log(message: string): void
}

function isTrusted(frame: WebFrameMain | null): boolean {
  return isTrustedSender(frame && { url: frame.url, isMainFrame: frame.parent === null })
}

export function answerPage({ handle, onListening, onDrop, log }: PageCalls): void {
  /** The file of a photo, as the library knows it. @throws Error in words for people */
  async function fileOf(photoId: unknown): Promise<string> {
    const id = parsePhotoId(photoId)
    if (id === null) throw new Error(texts.notices.unknownPhoto)
    const response = await handle(new Request(`${pageUrl}rpc/photos.get`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ photoId: id }),
    }))
    const answer = (await response.json()) as { value: MethodOutput<'photos.get'> } | { error: { message: string } }
    if ('error' in answer) throw new Error(answer.error.message)
    const { path } = answer.value.photo
    const isThere = await stat(path).then(() => true, () => false)
    if (!isThere) throw new Error(texts.notices.photoGone(path))
    return path
  }

  function listen(channel: string, run: (value: unknown) => void): void {
    ipcMain.on(channel, (event, value: unknown) => {
      if (isTrusted(event.senderFrame)) run(value)
      else log(`refused ${channel} from ${event.senderFrame?.url ?? 'a frame that is gone'}`)
    })
  }

  function answer(channel: string, run: (value: unknown) => Promise<void>): void {
    ipcMain.handle(channel, (event, value: unknown) => {
      if (isTrusted(event.senderFrame)) return run(value)
      log(`refused ${channel} from ${event.senderFrame?.url ?? 'a frame that is gone'}`)
      throw new Error('Kith answers its own page only.')
    })
  }

  listen(channels.listening, onListening)
  listen(channels.drop, (value) => {
    const paths = parseDroppedPaths(value)
    if (paths) onDrop(paths)
  })
  answer(channels.showInFileManager, async (photoId) => shell.showItemInFolder(await fileOf(photoId)))
  answer(channels.openOriginal, async (photoId) => {
    const reason = await shell.openPath(await fileOf(photoId))
    if (reason) throw new Error(texts.notices.cantOpen(reason))
  })
}
