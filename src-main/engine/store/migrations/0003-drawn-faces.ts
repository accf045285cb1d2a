/** Boxes that the user drew or moved, and places where the user said that there is no face. */
export const sql = `
ALTER TABLE faces ADD COLUMN box_by TEXT NOT NULL DEFAULT 'detector' CHECK (box_by IN ('detector', 'user'));

-- Boxes of the detector that the user took away, by deleting the face or by moving its box: it does not find them again.
CREATE TABLE refused_boxes (
  -- Whose box it was; a deleted face is in the journal alone.
  face_id INTEGER NOT NULL,
  reason TEXT NOT NULL CHECK (reason IN ('deleted', 'moved')),
  photo_id INTEGER NOT NULL REFERENCES photos (id),
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  -- What was seen there, to know the place again on an edited photo.
  model_id TEXT,
  vector BLOB,
  PRIMARY KEY (face_id, reason)
) STRICT, WITHOUT ROWID;
CREATE INDEX refused_boxes_by_photo ON refused_boxes (photo_id);
`
