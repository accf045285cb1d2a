/**
 * The first schema. Times `*_at` are ISO 8601 UTC text. `taken_at` is the camera's own clock in seconds, counted as if it
 * were UTC, so that it sorts and never shifts. Images lie in files named by their SHA-256 (images.ts); here is the hash.
 */
export const sql = `
CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE folders (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  added_at TEXT NOT NULL,
  removed_at TEXT,
  state TEXT NOT NULL DEFAULT 'online' CHECK (state IN ('online', 'offline')),
  last_scanned_at TEXT
) STRICT;

CREATE TABLE photos (
  id INTEGER PRIMARY KEY,
  folder_id INTEGER NOT NULL REFERENCES folders (id),
  relative_path TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  modified_ms INTEGER NOT NULL,
  content_hash TEXT,
  width_px INTEGER NOT NULL DEFAULT 0,
  height_px INTEGER NOT NULL DEFAULT 0,
  taken_at INTEGER NOT NULL,
  taken_at_source TEXT NOT NULL CHECK (taken_at_source IN ('camera', 'file')),
  status TEXT NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'indexed', 'failed')),
  failure_code TEXT,
  failure_reason TEXT,
  attempts INTEGER NOT NULL DEFAULT 0,
  missing_since TEXT,
  hidden INTEGER NOT NULL DEFAULT 0,
  thumbnail_hash TEXT,
  detector_id TEXT,
  embedder_id TEXT,
  face_count INTEGER NOT NULL DEFAULT 0,
  unnamed_count INTEGER NOT NULL DEFAULT 0,
  indexed_at TEXT,
  UNIQUE (folder_id, relative_path)
) STRICT;
-- Newest first, with all that a search asks of a photo, so that it need not look the photo up.
CREATE INDEX photos_by_time ON photos (taken_at DESC, id DESC, missing_since, status, face_count, unnamed_count)
  WHERE hidden = 0;
CREATE INDEX photos_waiting ON photos (folder_id, id) WHERE status = 'pending';
CREATE INDEX photos_failed ON photos (id) WHERE status = 'failed';
CREATE INDEX photos_missing ON photos (size_bytes) WHERE missing_since IS NOT NULL;

-- AUTOINCREMENT: the journal and the machine remember people and faces by id, so an id never comes to mean another.
CREATE TABLE people (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  -- NFKD, without marks, case folded: what makes two names the same.
  name_key TEXT NOT NULL UNIQUE,
  cover_face_id INTEGER,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE faces (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  photo_id INTEGER NOT NULL REFERENCES photos (id),
  x REAL NOT NULL,
  y REAL NOT NULL,
  width REAL NOT NULL,
  height REAL NOT NULL,
  score REAL NOT NULL,
  size_px REAL NOT NULL,
  sharpness REAL NOT NULL,
  landmarks BLOB,
  crop_hash TEXT,
  person_id INTEGER REFERENCES people (id),
  assigned_by TEXT CHECK (assigned_by IN ('user', 'machine')),
  ignored INTEGER NOT NULL DEFAULT 0,
  cluster_id INTEGER,
  suggested_person_id INTEGER,
  suggestion_probability REAL,
  suggestion_distance REAL,
  CHECK ((person_id IS NULL) = (assigned_by IS NULL))
) STRICT;
CREATE INDEX faces_by_photo ON faces (photo_id);
CREATE INDEX faces_by_person ON faces (person_id, id) WHERE person_id IS NOT NULL;
CREATE INDEX faces_by_cluster ON faces (cluster_id, size_px DESC, id)
  WHERE cluster_id IS NOT NULL AND person_id IS NULL AND ignored = 0;
CREATE INDEX faces_by_suggestion ON faces (suggested_person_id, suggestion_probability DESC, id)
  WHERE suggested_person_id IS NOT NULL AND person_id IS NULL AND ignored = 0;
CREATE INDEX faces_unnamed ON faces (suggestion_probability DESC, size_px DESC, id)
  WHERE person_id IS NULL AND ignored = 0;
CREATE INDEX faces_unknown ON faces (size_px DESC, id, photo_id)
  WHERE person_id IS NULL AND ignored = 0 AND suggested_person_id IS NULL AND cluster_id IS NULL;
CREATE INDEX faces_ignored ON faces (id) WHERE ignored = 1;

-- Embeddings of different models never meet: whoever reads names the model.
CREATE TABLE face_embeddings (
  face_id INTEGER NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  model_id TEXT NOT NULL,
  vector BLOB NOT NULL,
  PRIMARY KEY (model_id, face_id)
) STRICT, WITHOUT ROWID;

-- The nearest faces of a face, nearest first: little-endian Int32 face ids and Float32 Euclidean distances.
CREATE TABLE face_neighbours (
  face_id INTEGER NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  model_id TEXT NOT NULL,
  neighbour_ids BLOB NOT NULL,
  distances BLOB NOT NULL,
  PRIMARY KEY (model_id, face_id)
) STRICT, WITHOUT ROWID;

-- Names the user refused for a face.
CREATE TABLE rejections (
  face_id INTEGER NOT NULL REFERENCES faces (id) ON DELETE CASCADE,
  person_id INTEGER NOT NULL REFERENCES people (id) ON DELETE CASCADE,
  PRIMARY KEY (face_id, person_id)
) STRICT, WITHOUT ROWID;

-- Who is on which photo, newest first: what a search by person walks along. Kept in the transaction that names a face.
CREATE TABLE person_photo (
  person_id INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  photo_id INTEGER NOT NULL,
  face_count INTEGER NOT NULL,
  PRIMARY KEY (person_id, taken_at DESC, photo_id DESC)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX person_photo_by_photo ON person_photo (photo_id, person_id);

-- Every decision of the user, with the rows it changed before and after (journal.ts). Undone entries can be done again
-- until a new decision is taken; then they are 'superseded' and stay as history.
CREATE TABLE journal (
  id INTEGER PRIMARY KEY,
  at TEXT NOT NULL,
  label TEXT NOT NULL,
  changes TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('done', 'undone', 'superseded'))
) STRICT;
CREATE INDEX journal_by_state ON journal (state, id);
`
