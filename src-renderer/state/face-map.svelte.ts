/** The map of faces as a window has it: the points, who looks like somebody else, and how far a new map is. */
import { SvelteMap } from 'svelte/reactivity'
import type { MethodOutput } from '../../src-shared/api.ts'
import type { Face, FaceId, FaceMap, MapProgress } from '../../src-shared/domain.ts'
import { connection } from '../client/connection.svelte.ts'
import { call } from '../client/rpc.ts'
import { plainMap, plainSet } from '../lists.ts'
import type { Camera } from '../map/camera.ts'
import { middlesOf } from '../map/middles.ts'
import { createPointIndex, typicalSpacing } from '../map/point-index.ts'
import { unpackMap } from '../map/unpack.ts'
import { showError } from './decisions.svelte.ts'
import { FaceList, type FacePage } from './face-list.svelte.ts'
import { Resource } from './resource.svelte.ts'

export type Doubt = MethodOutput<'faces.doubtful'>['faces'][number]

/** Those of one name that look like one other person. */
export interface DoubtGroup {
  key: string
  personId: Doubt['personId']
  likePersonId: Doubt['likePersonId']
  faceIds: FaceId[]
}

/** Its texts are megabytes: they are compared as they are. */
const saysTheSame = (one: FaceMap, other: FaceMap) => (Object.keys(other) as (keyof FaceMap)[]).every((key) => one[key] === other[key])

class FaceMapState {
  readonly #answer: Resource<MethodOutput<'map.get'>> = new Resource(async () => {
    const answer = await call('map.get', {})
    const before = this.#answer.value?.map
    return answer.map && before && saysTheSame(before, answer.map) ? { ...answer, map: before } : answer
  })
  readonly #doubts = new Resource(async () => (await call('faces.doubtful', {})).faces)
  /** Where the person looked last. */
  camera = $state.raw<Camera | null>(null)
  /** Faces whose words were asked for. */
  readonly #described = new SvelteMap<FaceId, Face>()
  /** Each person keeps their colour while the window is open. */
  readonly #colourOf = plainMap<number, number>()

  /** The same object while an answer says the same. */
  readonly #map = $derived(this.#answer.value?.map ?? null)
  readonly points = $derived(this.#map ? unpackMap(this.#map) : null)
  readonly index = $derived(this.points ? createPointIndex(this.points.positions) : null)
  readonly spacing = $derived(this.points && this.index ? typicalSpacing(this.points.positions, this.index) : 1)
  readonly middles = $derived(this.points ? middlesOf(this.points) : [])
  readonly doubtful = $derived(plainSet<number>((this.#doubts.value ?? []).map(({ faceId }) => faceId)))
  readonly doubtGroups = $derived.by(() => {
    const groups = plainMap<string, DoubtGroup>()
    for (const { faceId, personId, likePersonId } of this.#doubts.value ?? []) {
      const key = `${personId} ${likePersonId}`
      const group = groups.get(key) ?? { key, personId, likePersonId, faceIds: [] }
      groups.set(key, group)
      group.faceIds.push(faceId)
    }
    return [...groups.values()]
  })

  get answer(): MethodOutput<'map.get'> | null {
    return this.#answer.value
  }

  get error() {
    return this.#answer.error
  }

  get progress(): MapProgress | null {
    return connection.mapProgress ?? this.#answer.value?.progress ?? null
  }

  /** Asks, and again whenever something changed, until the way out is called. */
  follow(): () => void {
    const refresh = () => {
      void this.#answer.refresh()
      void this.#doubts.refresh()
      this.#described.clear()
    }
    refresh()
    return connection.onChange(['map', 'faces', 'people', 'photos', 'models'], refresh)
  }

  /** A number for a person's colour; those with most faces have the first. */
  colourIndex(personId: number): number {
    if (this.#colourOf.size === 0) for (const { personId: id } of this.middles) this.#colourOf.set(id, this.#colourOf.size)
    const known = this.#colourOf.get(personId)
    if (known !== undefined) return known
    this.#colourOf.set(personId, this.#colourOf.size)
    return this.#colourOf.size - 1
  }

  /** What is known of a face, once it was asked for. */
  described(faceId: FaceId): Face | null {
    return this.#described.get(faceId) ?? null
  }

  async describe(faceIds: readonly FaceId[]): Promise<void> {
    const unknown = faceIds.filter((id) => !this.#described.has(id)).slice(0, 500)
    if (unknown.length === 0) return
    try {
      const { faces } = await call('faces.list', { filter: { faceIds: unknown }, limit: unknown.length })
      for (const face of faces) this.#described.set(face.id, face)
    } catch (error) {
      showError(error)
    }
  }

  async make(): Promise<void> {
    try {
      connection.mapProgress = await call('map.make', {})
    } catch (error) {
      showError(error)
    }
  }

  async cancel(): Promise<void> {
    try {
      connection.mapProgress = await call('map.cancel', {})
    } catch (error) {
      showError(error)
    }
  }
}

export const faceMap = new FaceMapState()

/** Faces that were chosen on the map. Those that were answered for leave it for good. */
export class ChosenFaces extends FaceList {
  #ids: readonly FaceId[]

  constructor(ids: readonly FaceId[]) {
    super({})
    this.#ids = ids
    this.total = ids.length
  }

  get all(): readonly FaceId[] {
    return this.#ids
  }

  /** Takes answered faces out. */
  drop(faceIds: readonly FaceId[]): void {
    const gone = plainSet(faceIds)
    this.#ids = this.#ids.filter((id) => !gone.has(id))
    void this.refresh()
  }

  protected override async fetch(cursor: string | null, limit: number): Promise<FacePage> {
    const first = Number(cursor ?? 0)
    const faceIds = this.#ids.slice(first, first + limit)
    const { faces } = faceIds.length > 0 ? await call('faces.list', { filter: { faceIds }, limit: faceIds.length }) : { faces: [] }
    const next = first + faceIds.length
    return { total: this.#ids.length, faces, nextCursor: next < this.#ids.length ? String(next) : null }
  }
}
