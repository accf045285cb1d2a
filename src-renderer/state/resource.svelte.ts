/** An answer of the engine that a view shows and that is asked for again when it changed. */
import { asCallError, type CallError } from '../client/rpc.ts'

export class Resource<T> {
  value = $state.raw<T | null>(null)
  error = $state.raw<CallError | null>(null)
  loading = $state(false)
  #load: () => Promise<T>
  #running: Promise<void> | null = null
  #again = false

  constructor(load: () => Promise<T>) {
    this.#load = load
  }

  /** Asks (again). Calls while one is on its way are joined into one more afterwards; the old value stays until then. */
  refresh(): Promise<void> {
    if (this.#running) {
      this.#again = true
      return this.#running
    }
    this.#running = this.#run().finally(() => {
      this.#running = null
    })
    return this.#running
  }

  async #run(): Promise<void> {
    this.loading = true
    do {
      this.#again = false
      try {
        this.value = await this.#load()
        this.error = null
      } catch (error) {
        this.error = asCallError(error)
      }
    } while (this.#again)
    this.loading = false
  }
}
