/** Folders that complete what is being typed: the engine knows them. Asked one question at a time, so that typing piles up none. */
import type { MethodOutput } from '../../src-shared/api.ts'
import { call } from '../client/rpc.ts'

const mostCharacters = 200
const mostFolders = 4

export class FolderCompletion {
  found = $state.raw<MethodOutput<'folders.complete'>['folders']>([])
  /** Typed last, and not asked for yet. */
  #next: string | null = null
  #asking = false
  /** Another after each text that makes an answer on its way worthless. */
  #turn = 0

  /** Asked before anything is typed, the engine has them ready. */
  ask(text: string): void {
    this.#turn++
    this.#next = text.slice(0, mostCharacters)
    if (!this.#asking) void this.#askNext()
  }

  clear(): void {
    this.#turn++
    this.#next = null
    this.found = []
  }

  async #askNext(): Promise<void> {
    this.#asking = true
    while (this.#next !== null) {
      const text = this.#next
      const turn = this.#turn
      this.#next = null
      try {
        const { folders } = await call('folders.complete', { text, limit: mostFolders })
        if (turn === this.#turn) this.found = folders
      } catch {
        // Completion is an extra; a search says itself what is wrong.
      }
    }
    this.#asking = false
  }
}
