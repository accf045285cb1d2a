/** The report of an evaluation as files: a page for people, JSON for programs. */
import { join } from 'node:path'
import type { EvaluationReport } from './evaluation-report.ts'
import { cropMainFaces } from './library/look-at-pictures.ts'
import { isDirectory, requireWritable, writeWholeFile } from './library/whole-files.ts'
import type { VisionPort } from './ports.ts'
import { renderEvaluationPage } from './report/page.ts'

export interface EvaluationFiles {
  page: string
  /** Null where the page alone was asked for. */
  json: string | null
}

/**
 * Where the files go: an existing folder gets `evaluation.html` and `evaluation.json`, anything else is the page's own name.
 * @throws KithError invalid-input where they could not be written
 */
export async function chooseEvaluationFiles(target: string): Promise<EvaluationFiles> {
  const files = await isDirectory(target)
    ? { page: join(target, 'evaluation.html'), json: join(target, 'evaluation.json') }
    : { page: target, json: null }
  await requireWritable(files.page)
  return files
}

/** Looks at the pictures of the worst pairs once more, for their faces, and writes. @throws KithError no-space, invalid-input */
export async function writeEvaluationFiles(
  report: EvaluationReport, { page, json }: EvaluationFiles, vision: VisionPort, signal?: AbortSignal,
): Promise<void> {
  const { same, different } = report.worstPairs
  const paths = new Set([...same, ...different].flatMap(({ faces }) => faces.map(({ path }) => path)))
  const crops = await cropMainFaces(vision, [...paths], signal)
  await writeWholeFile(page, renderEvaluationPage(report, crops))
  if (json) await writeWholeFile(json, `${JSON.stringify(report, null, 2)}\n`)
}
