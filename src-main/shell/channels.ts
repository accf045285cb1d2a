/** Names of the messages between the preload script and the main process. */
export const channels = {
  /** main -> page: a ShellMessage */
  message: 'kith:message',
  /** page -> main */
  listening: 'kith:listening',
  drop: 'kith:drop',
  showInFileManager: 'kith:show-in-file-manager',
  openOriginal: 'kith:open-original',
} as const
