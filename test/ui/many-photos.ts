/** A library of very many photos at even steps of time, one face in every twentieth, made by SQL alone. */
import { mkdirSync } from 'node:fs'
import { createTestLibrary } from '../fixtures/library.ts'

const firstSecond = Date.UTC(2005, 0, 1) / 1000
const twentyYearsSeconds = 631_000_000

/** Photo ids are 1 to `photos`, oldest first; Anna is on each whose id is a multiple of 20. There are no files. */
export function makeManyPhotos(directory: string, photos: number): void {
  mkdirSync(directory, { recursive: true })
  const library = createTestLibrary({ directory })
  const folderId = library.addFolder('/photos')
  const annaId = library.addPerson('Anna')
  library.db.exec(`
    BEGIN;
    INSERT INTO photos (id, folder_id, relative_path, size_bytes, modified_ms, width_px, height_px, taken_at, taken_at_source, status, face_count)
    SELECT value, ${folderId}, 'IMG_' || value || '.jpg', 1000, 0, 4000, 3000, ${firstSecond} + (value - 1) * ${twentyYearsSeconds} / ${photos},
      'camera', 'indexed', value % 20 = 0
    FROM (WITH RECURSIVE counted (value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM counted WHERE value < ${photos}) SELECT value FROM counted);
    INSERT INTO faces (photo_id, x, y, width, height, score, size_px, sharpness, person_id, assigned_by)
    SELECT id, 0.4, 0.3, 0.1, 0.13, 0.9, 400, 200, ${annaId}, 'user' FROM photos WHERE face_count = 1;
    INSERT INTO person_photo (person_id, taken_at, photo_id, face_count)
    SELECT ${annaId}, taken_at, id, 1 FROM photos WHERE face_count = 1 ORDER BY taken_at DESC;
    COMMIT`)
  library.close()
}
