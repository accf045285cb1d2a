/** kith clusters: the unnamed groups, largest first. */
import type { Cluster, FaceId } from '../../../src-shared/domain.ts'
import type { Engine } from '../../engine/engine.ts'
import type { RegisterCommand } from '../command.ts'
import { toSuggestionDocument, type SuggestionDocument } from '../documents.ts'
import { formatTable, percent } from '../output.ts'
import { allPages } from '../pages.ts'

const mostTypicalFaces = 50

async function allFaces(engine: Engine, cluster: Cluster): Promise<FaceId[]> {
  if (cluster.size <= cluster.faceIds.length) return cluster.faceIds
  const faces = await allPages(
    (page) => engine.call('faces.list', { ...page, filter: { clusterId: cluster.id } }), ({ faces }) => faces)
  return faces.map(({ id }) => id)
}

export const registerClusters: RegisterCommand = (program, run) => {
  program
    .command('clusters')
    .description('the unnamed groups, largest first')
    .action(() =>
      run(({ output, withEngine }) =>
        withEngine('read', async (engine) => {
          const clusters = await allPages(
            (page) => engine.call('clusters.list', { ...page, facesPerCluster: mostTypicalFaces }), ({ clusters }) => clusters)
          const documents: { id: number; size: number; faces: FaceId[]; suggestion: SuggestionDocument | null }[] = []
          for (const cluster of clusters) {
            documents.push({
              id: cluster.id,
              size: cluster.size,
              faces: await allFaces(engine, cluster),
              suggestion: toSuggestionDocument(cluster.suggestion),
            })
          }
          await output.result(documents, () =>
            documents.length === 0 ? 'No unnamed groups.' : formatTable(['Group', 'Faces', 'Perhaps'], documents.map(({ id, size, suggestion }) =>
              [`cluster:${id}`, size, suggestion ? `${suggestion.person} (${percent(suggestion.probability)})` : ''])))
        })))
}
