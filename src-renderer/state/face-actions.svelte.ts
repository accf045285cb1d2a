/** What can be done with the faces of a list: each leaves the list at once, comes back if it fails, and can be undone. */
import type { Decision } from '../../src-shared/api.ts'
import type { FaceId, PersonId } from '../../src-shared/domain.ts'
import { call } from '../client/rpc.ts'
import { decide } from './decisions.svelte.ts'
import type { FaceList } from './face-list.svelte.ts'
import { photoViewer } from './photo-viewer.svelte.ts'
import type { Selection } from './selection.svelte.ts'

export function faceTargets(faceIds: readonly FaceId[]) {
  return faceIds.map((id) => ({ kind: 'face' as const, id }))
}

export class FaceActions {
  /** The faces a name is asked for, while it is asked. */
  naming = $state.raw<FaceId[] | null>(null)
  readonly #list: () => FaceList
  readonly #selection: Selection<FaceId>

  constructor(list: () => FaceList, selection: Selection<FaceId>) {
    this.#list = list
    this.#selection = selection
  }

  confirm = (faceIds: FaceId[]) => this.#takeOut(faceIds, () => call('faces.confirm', { faceIds }))
  ignore = (faceIds: FaceId[]) => this.#takeOut(faceIds, () => call('faces.ignore', { targets: faceTargets(faceIds) }))
  unignore = (faceIds: FaceId[]) => this.#takeOut(faceIds, () => call('faces.unignore', { faceIds }))
  reject = (faceIds: FaceId[], personId: PersonId | null = null) =>
    this.#takeOut(faceIds, () => call('faces.reject', { faceIds, personId }))

  askName = (faceIds: FaceId[]) => {
    this.naming = faceIds
  }

  name = (faceIds: FaceId[], name: string) => {
    this.naming = null
    return this.#takeOut(faceIds, () => call('faces.name', { targets: faceTargets(faceIds), name }))
  }

  openPhoto = ([faceId]: FaceId[]) => {
    const face = this.#list().faces.find(({ id }) => id === faceId)
    if (face) photoViewer.open(face.photoId)
  }

  async #takeOut(faceIds: FaceId[], run: () => Promise<Decision>): Promise<boolean> {
    const list = this.#list()
    list.remove(faceIds)
    this.#selection.clear()
    const decision = await decide(run)
    if (!decision) await list.refresh()
    return decision !== null
  }
}
