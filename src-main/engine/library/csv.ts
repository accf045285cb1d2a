/** The faces as one table for spreadsheets and scripts: comma-separated values (RFC 4180), UTF-8. */
import { join } from 'node:path'
import { createFaceExport } from '../store/face-export.ts'
import type { ExportedFace } from '../store/face-export.ts'
import type { LibraryContext } from './context.ts'
import { prepareExportFolder } from './export-folder.ts'
import type { ExportOptions, ExportReport } from './export-folder.ts'
import { writeWholeFile } from './whole-files.ts'

const fileName = 'faces.csv'
const rowsPerPiece = 500

/** Boxes are fractions of the oriented photo; `named_by` is user or machine; `taken_at` is the camera's clock, without a zone. */
const cells: Record<string, (face: ExportedFace) => string | number | null> = {
  face: ({ id }) => id,
  photo: ({ path }) => path,
  person: ({ person }) => person,
  named_by: ({ namedBy }) => namedBy,
  cluster: ({ clusterId }) => clusterId,
  ignored: ({ ignored }) => Number(ignored),
  x: ({ box }) => box.x,
  y: ({ box }) => box.y,
  width: ({ box }) => box.width,
  height: ({ box }) => box.height,
  size_px: ({ sizePx }) => sizePx,
  score: ({ score }) => score,
  taken_at: ({ takenAt }) => takenAt,
}

const header = toRow(Object.keys(cells))

function toRow(values: readonly (string | number | null)[]): string {
  return `${values.map((value) => {
    const text = value === null ? '' : String(value)
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  }).join(',')}\r\n`
}

/** Writes every face of the library, ignored ones too. @throws KithError invalid-input, no-space for the folder */
export async function exportCsv(context: LibraryContext, directory: string, { signal, onProgress }: ExportOptions = {}): Promise<ExportReport> {
  await prepareExportFolder(directory, [fileName], { file: fileName, start: header })
  const faces = createFaceExport(context.database.db).faces()
  const columns = Object.values(cells)
  const rows = async function* () {
    yield header
    for (let from = 0; from < faces.length; from += rowsPerPiece) {
      signal?.throwIfAborted()
      yield faces.slice(from, from + rowsPerPiece).map((face) => toRow(columns.map((cell) => cell(face)))).join('')
      onProgress?.(Math.min(faces.length, from + rowsPerPiece), faces.length)
    }
  }
  await writeWholeFile(join(directory, fileName), rows())
  return { directory, files: [fileName], faces: faces.length }
}
