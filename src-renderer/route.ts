/** The addresses of the window's views: hashes. A photo lies on top of the view it was opened from. */
import type { ClusterId, PersonId, PhotoId } from '../src-shared/domain.ts'

export type PersonTab = 'faces' | 'photos' | 'suggestions'

export type View =
  | { name: 'people' }
  | { name: 'person'; personId: PersonId; tab: PersonTab }
  | { name: 'group'; clusterId: ClusterId }
  | { name: 'faces'; kind: 'unnamed' | 'ignored' | 'bystanders' }
  | { name: 'review'; personId: PersonId | null }
  | { name: 'map' }
  | { name: 'photos'; query: string }
  /** `adding`: with the choice of a folder open. */
  | { name: 'folders'; adding?: boolean }

export interface Route {
  view: View
  photoId: PhotoId | null
}

function positiveInteger(text: string | null | undefined): number | null {
  return text && /^[1-9]\d{0,14}$/.test(text) ? Number(text) : null
}

/** Reads an address; one that leads nowhere is People. */
export function parseRoute(hash: string): Route {
  const [path = '', search = ''] = hash.replace(/^#\/?/, '').split('?', 2)
  const parameters = new URLSearchParams(search)
  const [name, first, second] = path.split('/')
  const id = positiveInteger(first)
  const photoId = positiveInteger(parameters.get('photo')) as PhotoId | null
  const tab: PersonTab = second === 'photos' || second === 'suggestions' ? second : 'faces'
  let view: View = { name: 'people' }
  if (name === 'people' && id) view = { name: 'person', personId: id as PersonId, tab }
  else if (name === 'groups' && id) view = { name: 'group', clusterId: id as ClusterId }
  else if (name === 'faces') view = { name: 'faces', kind: first === 'ignored' || first === 'bystanders' ? first : 'unnamed' }
  else if (name === 'review') view = { name: 'review', personId: id as PersonId | null }
  else if (name === 'photos') view = { name: 'photos', query: parameters.get('q') ?? '' }
  else if (name === 'map') view = { name: 'map' }
  else if (name === 'folders') view = { name: 'folders', adding: parameters.has('add') }
  return { view, photoId }
}

/** The address of a view, with a photo on top of it or none. */
export function hrefOf(view: View, photoId: PhotoId | null = null): string {
  const parameters = new URLSearchParams()
  let path: string = view.name
  if (view.name === 'person') path = `people/${view.personId}${view.tab === 'faces' ? '' : `/${view.tab}`}`
  else if (view.name === 'group') path = `groups/${view.clusterId}`
  else if (view.name === 'faces') path = `faces/${view.kind}`
  else if (view.name === 'review' && view.personId) path = `review/${view.personId}`
  else if (view.name === 'photos' && view.query) parameters.set('q', view.query)
  else if (view.name === 'folders' && view.adding) parameters.set('add', '')
  if (photoId) parameters.set('photo', String(photoId))
  const search = parameters.toString()
  return `#/${path}${search ? `?${search}` : ''}`
}
