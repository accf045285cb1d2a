/** What the desktop shell gives to the page, as `window.kithShell`; absent in a browser. The page never names a path. */
import type { PhotoId } from './domain.ts'

/** What the menu asks of the page. */
export type PageCommand =
  | 'undo' | 'redo' | 'history' | 'help'
  | 'go-people' | 'go-review' | 'go-photos' | 'go-folders'

export type ShellMessage =
  | { type: 'command'; command: PageCommand }
  | { type: 'notice'; level: 'info' | 'error'; message: string }

export interface ShellApi {
  /** Messages for the page; those that came before there was a listener come first. */
  onMessage(listener: (message: ShellMessage) => void): void
  /** Shows the photo's file in the system's file manager. @throws Error in words for people */
  showInFileManager(photoId: PhotoId): Promise<void>
  /** Opens the photo in the program that the system has for it. @throws Error in words for people */
  openOriginal(photoId: PhotoId): Promise<void>
}
