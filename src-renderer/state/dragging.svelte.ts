/** What is being dragged over the page to a person: another person, or groups of faces. */
import type { Cluster, Person } from '../../src-shared/domain.ts'

export type Dragged = { kind: 'person'; person: Person } | { kind: 'groups'; clusters: readonly Cluster[] }

class Dragging {
  what = $state.raw<Dragged | null>(null)

  /** To be called from `dragstart`; the picture under the pointer is `picture`. */
  begin(event: DragEvent, what: Dragged, picture: Element | null): void {
    this.what = what
    if (!event.dataTransfer) return
    event.dataTransfer.effectAllowed = 'move'
    // Some browsers drag nothing that carries no data. It says nothing to other programs.
    event.dataTransfer.setData('application/x-kith', what.kind)
    if (picture) event.dataTransfer.setDragImage(picture, picture.clientWidth / 2, picture.clientHeight / 2)
  }

  end(): void {
    this.what = null
  }

  /** Whether what is dragged can be dropped on a person. */
  fits(person: Person): boolean {
    return this.what !== null && !(this.what.kind === 'person' && this.what.person.id === person.id)
  }
}

export const dragging = new Dragging()
