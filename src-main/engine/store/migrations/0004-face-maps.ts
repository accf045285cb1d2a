/** Where the faces of a model are on the map: one blob each of little-endian Int32 face ids and Float32 x, y; made anew as a whole. */
export const sql = `
CREATE TABLE face_maps (
  model_id TEXT PRIMARY KEY,
  made_at TEXT NOT NULL,
  -- Faces that were laid out themselves; the rest stand between their neighbours.
  laid_out INTEGER NOT NULL,
  face_ids BLOB NOT NULL,
  positions BLOB NOT NULL
) STRICT;
`
