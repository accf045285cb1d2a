/** The report of an evaluation as one page that needs nothing else: no network, no script; light and dark, screen and paper. */
import type { EvaluationReport, WorstPair } from '../evaluation-report.ts'
import { confusionMatrix, maxMatrixPeople, mistakesTable } from './confusion-plot.ts'
import { html } from './html.ts'
import type { Html } from './html.ts'
import { mapPlot } from './map-plot.ts'
import { count, decimal, percent, whole } from './numbers.ts'
import { distributionPlot, precisionRecallPlot, rocPlot, thresholdPlot } from './pair-plots.ts'
import { style } from './style.ts'
import { headline, summaryTable } from './summary.ts'

/**
 * @param crops JPEGs of the faces of the worst pairs, by the path of the picture; a face without one is told by its name
 * @returns a whole HTML document
 */
export function renderEvaluationPage(report: EvaluationReport, crops: ReadonlyMap<string, Uint8Array>): string {
  const folderName = report.folder.split(/[/\\]/).filter(Boolean).at(-1) ?? report.folder
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<title>${folderName}: ${report.model}, measured by Kith</title>
<style>${{ html: style }}</style>
</head>
<body>
<header>
<p class="eyebrow">Kith · kith evaluate</p>
<h1>How well ${report.model} tells the people in <em>${folderName}</em> apart</h1>
<p class="lead">${whole(report.images)} pictures of ${count(report.identities, 'person', 'people')}, ${whole(report.facesFound)} with a face. Found by ${report.detector}, measured on <time datetime="${report.measuredAt}">${report.measuredAt.slice(0, 16).replace('T', ' ')} UTC</time> in ${duration(report.seconds)}.</p>
</header>
<main>
${headline(report)}
${section('figures', 'Figures', null, summaryTable(report))}
${section('pairs', 'Pairs of faces', html`Every face against every other: ${whole(report.verification.same)} pairs of one person, ${whole(report.verification.different)} of two. Distances are Euclidean, between ${report.model}'s own embeddings. The default threshold is the one up to which Kith suggests a name.`, html`<div class="plots">
${figure('Distances', distributionPlot(report.verification))}
${figure('What a threshold does', thresholdPlot(report.verification))}
${figure('ROC', rocPlot(report.verification))}
${figure('Precision and recall', precisionRecallPlot(report.verification))}
</div>`)}
${confusionSection(report)}
${section('worst-same', 'One person, farthest apart', 'The pairs that are hardest to recognise. No picture is shown twice.', pairGallery(report.worstPairs.same, crops))}
${section('worst-different', 'Two people, nearest', 'The pairs that are most easily mixed up; a picture in the wrong folder shows here.', pairGallery(report.worstPairs.different, crops))}
${mapSection(report)}
${missedSection(report)}
${section('method', 'What was measured', null, methodTable(report))}
</main>
<footer><p>Made by Kith on this machine. The pictures in this page are of real people: keep it as you keep them.</p></footer>
</body>
</html>
`.html
}

function section(id: string, title: string, lead: Html | string | null, content: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>${lead === null ? null : html`<p class="lead">${lead}</p>`}${content}</section>`
}

function figure(title: string, plot: Html): Html {
  return html`<figure><figcaption>${title}</figcaption>${plot}</figure>`
}

function confusionSection({ classification }: EvaluationReport): Html {
  const matrix = confusionMatrix(classification)
  const tested = classification.people.reduce((sum, person) => sum + person.tested, 0)
  return section('confusion', 'Who is taken for whom',
    html`${count(tested, 'odd-numbered picture')}, named by KNN after it was taught the even-numbered ones. ${
      matrix ? 'A row for who it is, a column for the name given; the darker, the more of their faces.' : `With more than ${maxMatrixPeople} people there is no matrix, only the most frequent mistakes.`}`,
    html`${matrix && html`<div class="scroll" tabindex="0" role="region" aria-label="Confusion matrix">${matrix}</div>`}${mistakesTable(classification)}`)
}

function pairGallery(pairs: readonly WorstPair[], crops: ReadonlyMap<string, Uint8Array>): Html {
  if (pairs.length === 0) return html`<p>There are none.</p>`
  return html`<ol class="gallery">${pairs.map(({ distance, faces }) => html`<li>
<div class="faces">${faces.map(({ path, person }) => crop(crops.get(path), person))}</div>
<p class="distance">${decimal(distance)}</p>
${faces.map(({ person, path }) => html`<p class="who"><b>${person}</b> <span title="${path}">${fileName(path)}</span></p>`)}
</li>`)}</ol>`
}

function crop(jpeg: Uint8Array | undefined, person: string): Html {
  if (!jpeg) return html`<span class="no-crop">no picture</span>`
  return html`<img src="data:image/jpeg;base64,${Buffer.from(jpeg).toString('base64')}" alt="A face of ${person}" width="192" height="192">`
}

const fileName = (path: string) => path.split(/[/\\]/).at(-1)!

function mapSection({ map }: EvaluationReport): Html | null {
  if (!map) return null
  const shown = map.points.length < map.faces ? ` These are ${whole(map.points.length)} of ${count(map.faces, 'face')}, evenly chosen over the people.` : ''
  return section('map', 'The faces on a map',
    `Each dot is a face, coloured by who it is; point at one for its name. UMAP (${map.neighbours} neighbours, seed ${map.seed}) lays faces near one another whose embeddings are near; sizes of gaps mean little.${shown}`,
    html`<figure>${mapPlot(map)}</figure>`)
}

function missedSection({ missed, unreadable, images }: EvaluationReport): Html {
  const reasons = new Map(unreadable.map(({ path, reason }) => [path, reason]))
  return section('missed', 'Pictures without a face',
    missed.length === 0 ? 'A face was found on every picture.' : `${whole(missed.length)} of ${whole(images)} pictures (${percent(missed.length / images)}).`,
    missed.length === 0 ? html`` : html`<details ${{ html: missed.length <= 20 ? 'open' : '' }}><summary>${count(missed.length, 'picture')}</summary><ul class="paths">${missed.map((path) =>
      html`<li>${path}${reasons.has(path) ? html` <span class="muted">${reasons.get(path)!}</span>` : null}</li>`)}</ul></details>`)
}

function methodTable(report: EvaluationReport): Html {
  const { thresholds } = report
  const rows: [string, string][] = [
    ['Folder', report.folder],
    ['Embedder', report.model],
    ['Detector', report.detector],
    ['A name is given without asking up to', decimal(thresholds.name)],
    ['A name is suggested up to (the default threshold)', decimal(thresholds.suggest)],
    ['A neighbour is evidence up to', decimal(thresholds.loose)],
    ['Smallest face that is named without asking, or grouped', `${thresholds.minimumNamedPx} px`],
    ['Smallest face for which a name is suggested', `${thresholds.minimumSuggestedPx} px`],
    ['Of several faces on a picture', 'the largest counts, a doubtful one as smaller (size × score)'],
    ['Grouping', `${report.clustering.algorithm}, joins up to ${decimal(report.clustering.threshold)}`],
    ['Measured', report.measuredAt],
  ]
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Models and thresholds"><table><tbody>${rows.map(([name, value]) => html`<tr><th scope="row">${name}</th><td>${value}</td></tr>`)}</tbody></table></div>`
}

function duration(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`
}
