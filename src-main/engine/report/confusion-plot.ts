/** Who is taken for whom. */
import type { EvaluationReport } from '../evaluation-report.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { count, decimal, percent } from './numbers.ts'

/** A matrix of more people can't be read. */
export const maxMatrixPeople = 50
const mistakesShown = 25
const labelLetters = 22

const short = (name: string) => (name.length > labelLetters ? `${name.slice(0, labelLetters - 1)}…` : name)

/** A row for each person, a column for each name given; or null for too many people. */
export function confusionMatrix({ people, mistakes }: EvaluationReport['classification']): Html | null {
  if (people.length > maxMatrixPeople) return null
  const cell = Math.max(11, Math.min(30, 460 / people.length))
  const left = 170, top = 150
  const side = cell * people.length
  const at = new Map(people.map(({ person }, i) => [person, i]))
  const cells = [
    ...people.map(({ person, tested, right }) => ({ person, namedAs: person, faces: right, tested })),
    ...mistakes.map((mistake) => ({ ...mistake, tested: people[at.get(mistake.person)!].tested })),
  ].filter(({ faces, namedAs }) => faces > 0 && at.has(namedAs))
  const fontSize = Math.min(13, cell * 0.9)
  const labels = people.map(({ person }, i) => {
    const middle = (i + 0.5) * cell
    return html`<text x="${left - 6}" y="${(top + middle + fontSize / 3).toFixed(1)}" text-anchor="end">${short(person)}</text><text transform="translate(${(left + middle + fontSize / 3).toFixed(1)} ${top - 6}) rotate(-60)">${short(person)}</text>`
  })
  const squares = cells.map(({ person, namedAs, faces, tested }) => {
    const x = left + at.get(namedAs)! * cell, y = top + at.get(person)! * cell
    return html`<rect class="${person === namedAs ? 'right' : 'wrong'}" x="${x.toFixed(1)}" y="${y.toFixed(1)}" width="${(cell - 1).toFixed(1)}" height="${(cell - 1).toFixed(1)}" fill-opacity="${(0.25 + (0.75 * faces) / tested).toFixed(2)}"><title>${person}, named ${namedAs}: ${faces} of ${count(tested, 'face')}</title></rect>`
  })
  return html`<svg class="matrix" data-chart="confusion" viewBox="0 0 ${left + side + 90} ${top + side + 6}" style="max-width:${left + side + 90}px" role="img" aria-label="Confusion matrix of ${people.length} people: a row for who it is, a column for the name that KNN gives." font-size="${fontSize.toFixed(1)}">
<rect class="matrix-ground" x="${left}" y="${top}" width="${side}" height="${side}"/>${labels}${squares}</svg>`
}

/** The most frequent mistakes, as a table. */
export function mistakesTable({ people, mistakes }: EvaluationReport['classification']): Html {
  if (mistakes.length === 0) return html`<p>No face was taken for another person.</p>`
  const tested = new Map(people.map((person) => [person.person, person.tested]))
  const rest = mistakes.length - mistakesShown
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Most frequent mistakes"><table>
<thead><tr><th scope="col">Who it is</th><th scope="col">Named</th><th scope="col" class="number">Faces</th><th scope="col" class="number">Of their faces</th></tr></thead>
<tbody>${mistakes.slice(0, mistakesShown).map(({ person, namedAs, faces }) => html`<tr><td>${person}</td><td>${namedAs}</td><td class="number">${faces}</td><td class="number">${percent(faces / tested.get(person)!)}</td></tr>`)}</tbody>
</table></div>${rest > 0 ? html`<p class="muted">… and ${count(rest, 'rarer mistake')}; the JSON report has all. KNN names ${decimal(rightShare(people))} right.</p>` : null}`
}

function rightShare(people: EvaluationReport['classification']['people']): number {
  const sum = (of: 'tested' | 'right') => people.reduce((total, person) => total + person[of], 0)
  return sum('right') / sum('tested')
}
