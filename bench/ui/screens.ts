/** Every screen of the window, and how one knows that its content is there. */
import type { Condition } from './meter.ts'

export interface Screen {
  name: string
  hash: string
  /** The screen's own content is there; runs in the page. */
  content: Condition
}

/** Everybody has the same crowd: the first person has most faces, the hundredth about a hundredth of that. */
export const screens = (groupId: number): Screen[] => [
  { name: 'People', hash: '#/people', content: () => document.querySelectorAll('.card').length > 10 && document.querySelectorAll('.group .face').length > 5 },
  { name: 'a person: faces', hash: '#/people/1', content: () => document.querySelector('[role=tab][data-tab=faces][aria-selected=true]') !== null && document.querySelectorAll('.grid-scroller .face').length > 10 },
  { name: 'a person: photos', hash: '#/people/1/photos', content: () => document.querySelector('[role=tab][data-tab=photos][aria-selected=true]') !== null && document.querySelectorAll('a.photo').length > 10 },
  { name: 'a person: suggestions', hash: '#/people/1/suggestions', content: () => document.querySelector('[role=tab][data-tab=suggestions][aria-selected=true]') !== null && document.querySelectorAll('.grid-scroller .face').length > 0 },
  { name: 'a group', hash: `#/groups/${groupId}`, content: () => location.hash.startsWith('#/groups/') && document.querySelectorAll('.grid-scroller .face').length > 3 },
  { name: 'Review', hash: '#/review', content: () => document.querySelector('.large img.current') !== null },
  { name: 'Photos', hash: '#/photos', content: () => location.hash === '#/photos' && document.querySelectorAll('a.photo').length > 10 && /100,000/.test(document.querySelector('.total')?.textContent ?? '') },
  { name: 'a search', hash: `#/photos?q=${encodeURIComponent('"Person 3" "Person 7"')}`, content: () => document.querySelectorAll('main search li').length >= 2 && document.querySelectorAll('a.photo').length > 1 },
  { name: 'a photo', hash: '#/photos?photo=777', content: () => document.querySelector('.photo-view aside h1') !== null && document.querySelector('.photo-view .canvas img') !== null },
  { name: 'Map', hash: '#/map', content: () => location.hash === '#/map' && document.querySelector('main [role=application]') !== null },
  { name: 'Folders', hash: '#/folders', content: () => document.querySelector('#folders-title') !== null && /100,000/.test(document.querySelector('main')?.textContent ?? '') },
  { name: 'all faces', hash: '#/faces/unnamed', content: () => location.hash === '#/faces/unnamed' && document.querySelectorAll('.grid-scroller .face').length > 10 },
  { name: 'put aside', hash: '#/faces/ignored', content: () => location.hash === '#/faces/ignored' && document.querySelectorAll('.grid-scroller .face').length > 3 },
  { name: 'bystanders', hash: '#/faces/bystanders', content: () => location.hash === '#/faces/bystanders' && document.querySelector('.grid-scroller .face, .empty, .working') !== null },
]

/** Every picture in sight is there, too. */
export const picturesShown: Condition = () =>
  [...document.querySelectorAll('img')].every((image) => {
    const { top, bottom } = image.getBoundingClientRect()
    return bottom < 0 || top > innerHeight || (image.complete && image.naturalWidth > 0)
  })
