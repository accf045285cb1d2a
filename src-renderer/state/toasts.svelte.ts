/** Short words at the edge of the window: what was done, what went wrong. They never block. */
export interface ToastAction {
  label: string
  run: () => void
}

export interface Toast {
  id: number
  kind: 'info' | 'error'
  text: string
  action: ToastAction | null
}

const shownMs = { info: 8000, error: 15_000 }
const mostAtOnce = 3

class Toasts {
  list = $state.raw<readonly Toast[]>([])
  #nextId = 1
  #timers = new Map<number, ReturnType<typeof setTimeout>>()

  /** Shows a text. An information takes the place of the one before: only the newest decision can be undone from here. */
  show(text: string, options: { kind?: Toast['kind']; action?: ToastAction } = {}): Toast {
    const toast: Toast = { id: this.#nextId++, kind: options.kind ?? 'info', text, action: options.action ?? null }
    const others = this.list.filter((other) => (toast.kind === 'info' ? other.kind !== 'info' : other.text !== text))
    this.list = [...others, toast].slice(-mostAtOnce)
    this.resume(toast)
    return toast
  }

  error(text: string): void {
    this.show(text, { kind: 'error' })
  }

  dismiss(id: number): void {
    this.pause(id)
    this.list = this.list.filter((toast) => toast.id !== id)
  }

  /** Keeps a text while somebody reads it or is about to press its button. */
  pause(id: number): void {
    clearTimeout(this.#timers.get(id))
    this.#timers.delete(id)
  }

  resume(toast: Toast): void {
    this.pause(toast.id)
    this.#timers.set(toast.id, setTimeout(() => this.dismiss(toast.id), shownMs[toast.kind]))
  }
}

export const toasts = new Toasts()
