/**
 * A library has an embedder of its own: `settings.embedder`, JSON (embedders.ts). A library from before has the one that most
 * of its photos were looked at with. The indexes find what a face lacks, and what goes with a face that goes.
 */
export const sql = `
CREATE INDEX face_embeddings_by_face ON face_embeddings (face_id, model_id);
CREATE INDEX face_neighbours_by_face ON face_neighbours (face_id, model_id);

INSERT INTO settings (key, value)
SELECT 'embedder', json_object('spaceId', embedder_id, 'description', NULL) FROM photos
WHERE embedder_id IS NOT NULL AND status = 'indexed'
GROUP BY embedder_id ORDER BY count(*) DESC, embedder_id LIMIT 1;
`
