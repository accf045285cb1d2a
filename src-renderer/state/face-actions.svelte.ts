/** What can be done with the faces of a list: each leaves the list at once, comes back if it fails, and can be undone. */
import type { Decision } from '../../src-shared/api.ts'
import type { FaceId, PersonId } from '../../src-shared/domain.ts'
import { call } from '../client/rpc.ts'
import { decide } from './decisions.svelte.ts'
import type { FaceList } from './face-list.svelte.ts'
import { photoViewer } from './photo-viewer.svelte.ts'
import type { Chosen, Selection } from './selection.svelte.ts'

type Faces = Chosen<FaceId>

export class FaceActions {
  /** The faces a name is asked for, while it is asked. */
  naming = $state.raw<Faces | null>(null)
  readonly #list: () => FaceList
  readonly #selection: Selection<FaceId>

  constructor(list: () => FaceList, selection: Selection<FaceId>) {
    this.#list = list
    this.#selection = selection
  }

  confirm = (faces: Faces) => this.#takeOut(faces, (about) => call('faces.confirm', about))
  ignore = (faces: Faces) => this.#takeOut(faces, (about) => call('faces.ignore', about))
  unignore = (faces: Faces) => this.#takeOut(faces, (about) => call('faces.unignore', about))
  reject = (faces: Faces, personId: PersonId | null = null) =>
    this.#takeOut(faces, (about) => call('faces.reject', { ...about, personId }))

  askName = (faces: Faces) => {
    this.naming = faces
  }

  name = (faces: Faces, name: string) => {
    this.naming = null
    return this.#takeOut(faces, (about) => call('faces.name', { ...about, name }))
  }

  /** Confirms faces that stay in the list. */
  approve = async (faces: Faces) => {
    await decide(() => call('faces.confirm', this.#list().about(faces)))
    this.#selection.clear()
  }

  openPhoto = ({ ids }: Faces) => {
    const face = this.#list().faces.find(({ id }) => id === ids?.[0])
    if (face) photoViewer.open(face.photoId)
  }

  async #takeOut(faces: Faces, run: (about: ReturnType<FaceList['about']>) => Promise<Decision>): Promise<boolean> {
    const list = this.#list()
    const about = list.about(faces)
    const settled = list.takeOut(faces)
    this.#selection.clear()
    const decision = await decide(() => run(about))
    settled()
    if (!decision) await list.refresh()
    return decision !== null
  }
}
