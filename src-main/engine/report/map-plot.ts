/** The embeddings as a picture: a dot for each face, coloured by person. */
import type { FaceMap } from '../evaluation-report.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { count } from './numbers.ts'
import { linearScale } from './scale.ts'

const size = { width: 900, height: 620, margin: 30 } as const
const labelRoomPx = 110
/** With more people their names would cover the dots; they are still there on hover. */
const maxLabelledPeople = 24
/** Turns the hue so that people who follow one another differ (the golden angle). */
const hueStep = 137.508

export function mapPlot({ points }: FaceMap): Html {
  const x = linearScale(extent(points.map((point) => point.x)), [size.margin, size.width - size.margin])
  const y = linearScale(extent(points.map((point) => point.y)), [size.height - size.margin, size.margin])
  const people = [...new Set(points.map(({ person }) => person))]
  const hues = new Map(people.map((person, i) => [person, ((i * hueStep) % 360).toFixed(0)]))
  const radius = points.length > 600 ? 3.2 : 5
  const dots = points.map((point) => html`<circle cx="${x(point.x).toFixed(1)}" cy="${y(point.y).toFixed(1)}" r="${radius}" style="--hue:${hues.get(point.person)!}"><title>${point.person}
${point.path}</title></circle>`)
  const labels = people.length > maxLabelledPeople ? [] : people.map((person) => {
    const own = points.filter((point) => point.person === person)
    const labelX = x(median(own.map((point) => point.x)))
    const anchor = labelX < labelRoomPx ? 'start' : labelX > size.width - labelRoomPx ? 'end' : 'middle'
    return html`<text x="${labelX.toFixed(1)}" y="${(y(median(own.map((point) => point.y))) - 12).toFixed(1)}" text-anchor="${anchor}">${person}</text>`
  })
  return html`<svg class="map" data-chart="map" viewBox="0 0 ${size.width} ${size.height}" role="img" aria-label="${count(points.length, 'face')} of ${count(people.length, 'person', 'people')}, near where their embeddings are near.">${dots}<g class="labels">${labels}</g></svg>`
}

function extent(values: readonly number[]): [number, number] {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))]
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
