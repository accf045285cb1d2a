/** What every view needs: the library's counts and progress, and the people in it. */
import type { LibraryStatus } from '../../src-shared/api.ts'
import type { IndexProgress, Person, PersonId } from '../../src-shared/domain.ts'
import { connection } from '../client/connection.svelte.ts'
import { call } from '../client/rpc.ts'
import { keepSame } from '../lists.ts'
import { Resource } from './resource.svelte.ts'

class Library {
  readonly #status = new Resource(() => call('library.status', {}))
  readonly #people: Resource<readonly Person[]> = new Resource(async () => {
    const { people } = await call('people.list', {})
    return keepSame(this.#people.value ?? [], people, (person) => person.id)
  })

  #peopleById = $derived(new Map((this.#people.value ?? []).map((person) => [person.id, person])))

  /** Asks for the first time, and again whenever something changed. */
  start(): void {
    connection.onChange(['folders', 'photos', 'faces', 'people', 'clusters', 'journal', 'models'], () => this.refreshStatus())
    connection.onChange(['people', 'faces'], () => this.refreshPeople())
    void this.refreshStatus()
    void this.refreshPeople()
  }

  get status(): LibraryStatus | null {
    return this.#status.value
  }

  get error() {
    return this.#status.error
  }

  get progress(): IndexProgress | null {
    return connection.progress ?? this.#status.value?.progress ?? null
  }

  /** In the engine's order; null until the first answer. */
  get people(): readonly Person[] | null {
    return this.#people.value
  }

  person(personId: PersonId): Person | null {
    return this.#peopleById.get(personId) ?? null
  }

  refreshStatus(): Promise<void> {
    return this.#status.refresh()
  }

  refreshPeople(): Promise<void> {
    return this.#people.refresh()
  }
}

export const library = new Library()
