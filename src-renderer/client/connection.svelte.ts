/** News from the engine: one stream of events, told to whoever shows what they speak of. */
import type { ApiEvent, ChangeTopic } from '../../src-shared/api.ts'
import type { IndexProgress, MapProgress } from '../../src-shared/domain.ts'
import { asCallError, call } from './rpc.ts'

const retryMs = 1500
/** While much is indexed, changes come in floods; a window that asks again this often is fresh enough. */
const quietMs = 400

type Notice = Extract<ApiEvent, { type: 'notice' }>

class Connection {
  /**
   * lost: the engine does not answer. signed-out: it answers, but does not know this window any more, as after its
   * restart. away: it has no library, for its drive was pulled out. Each time the stream is opened again until it goes on.
   */
  state = $state<'connecting' | 'open' | 'lost' | 'signed-out' | 'away'>('connecting')
  /** The engine's own words where the library is away. */
  awayMessage = $state('')
  progress = $state.raw<IndexProgress | null>(null)
  mapProgress = $state.raw<MapProgress | null>(null)
  onNotice: (notice: Notice) => void = () => undefined

  #listeners = new Set<{ topics: readonly ChangeTopic[]; run: () => void }>()
  #waiting = new Set<ChangeTopic>()
  #timer: ReturnType<typeof setTimeout> | null = null
  #lastFlushMs = 0

  open(): void {
    const source = new EventSource('events')
    source.onopen = () => {
      const wasLost = this.state !== 'open' && this.state !== 'connecting'
      this.state = 'open'
      // What was under way before has ended unheard.
      if (wasLost) this.progress = null
      if (wasLost) for (const listener of this.#listeners) listener.run()
    }
    source.onerror = () => {
      source.close()
      void this.#findOut()
      setTimeout(() => this.open(), retryMs)
    }
    source.onmessage = (message) => this.#receive(JSON.parse(message.data) as ApiEvent)
  }

  /** Runs `run` when the engine says that one of the topics changed, and after a lost connection. Returns the way out. */
  onChange(topics: readonly ChangeTopic[], run: () => void): () => void {
    const listener = { topics, run }
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Asks why the stream broke off. */
  async #findOut(): Promise<void> {
    try {
      await call('library.status', {})
    } catch (error) {
      const { code, message } = asCallError(error)
      this.state = code === 'forbidden' ? 'signed-out' : code.startsWith('library-') ? 'away' : 'lost'
      this.awayMessage = message
    }
  }

  #receive(event: ApiEvent): void {
    if (event.type === 'progress') this.progress = event.progress
    else if (event.type === 'map-progress') this.mapProgress = event.progress
    else if (event.type === 'notice') this.onNotice(event)
    else {
      for (const topic of event.topics) this.#waiting.add(topic)
      const sinceMs = performance.now() - this.#lastFlushMs
      this.#timer ??= setTimeout(() => this.#flush(), Math.max(20, quietMs - sinceMs))
    }
  }

  #flush(): void {
    this.#timer = null
    this.#lastFlushMs = performance.now()
    const topics = new Set(this.#waiting)
    this.#waiting.clear()
    for (const listener of this.#listeners) if (listener.topics.some((topic) => topics.has(topic))) listener.run()
  }
}

export const connection = new Connection()
