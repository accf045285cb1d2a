/** Where the window is: the hash of its address. */
import type { PhotoId } from '../../src-shared/domain.ts'
import { hrefOf, parseRoute, type Route, type View } from '../route.ts'

class Router {
  #hash = $state(location.hash)
  #route = $derived(parseRoute(this.#hash))
  /** How many addresses of this window lie behind the current one: whether Back stays inside. */
  #depth = 0

  constructor() {
    addEventListener('hashchange', () => {
      this.#hash = location.hash
    })
    addEventListener('popstate', (event) => {
      this.#depth = (event.state as { depth?: number } | null)?.depth ?? 0
    })
  }

  get route(): Route {
    return this.#route
  }

  get view(): View {
    return this.#route.view
  }

  get photoId(): PhotoId | null {
    return this.#route.photoId
  }

  /** Goes to a view; `replace` leaves no step back to the one before. */
  go(view: View, options: { photoId?: PhotoId | null; replace?: boolean } = {}): void {
    const href = hrefOf(view, options.photoId ?? null)
    if (!options.replace) this.#depth++
    history[options.replace ? 'replaceState' : 'pushState']({ depth: this.#depth }, '', href)
    this.#hash = href
  }

  openPhoto(photoId: PhotoId): void {
    this.go(this.view, { photoId, replace: this.photoId !== null })
  }

  /** Leaves the photo for the view below it. */
  closePhoto(): void {
    if (this.#depth > 0) history.back()
    else this.go(this.view, { replace: true })
  }
}

export const router = new Router()
