/** How well faces are found and told apart: `kith evaluate` on a hundred press photos of ten people, by each detector and embedder. */
import { tmpdir } from 'node:os'
import { createTools } from '../src-main/engine/tools.ts'
import { sharedPath } from '../test/fixtures/shared.ts'

/** Prints a Markdown table; the pictures are not part of the project, without them it says so. */
export async function run(): Promise<void> {
  const folder = sharedPath('data/faces_lfw100')
  const modelsDirectory = sharedPath('models')
  if (!folder) return
  console.log(`| detector, embedder | pictures with a face | F1 | accuracy | TAR at 1 % FAR | TAR at 0.1 % FAR | KNN | SVM | BCubed F |
|---|---|---|---|---|---|---|---|---|
| *goal* | *100 of 100* | *.975* | *.995* | *.985* | *.96* | | | *.98* |`)
  const detectors = ['kith-detector.v1', ...(modelsDirectory ? ['yunet'] : []), 'ssd-mobilenet']
  const rows = [...detectors.map((detectorId) => [detectorId, 'dlib-resnet']), ['kith-detector.v1', 'nn4.small2']]
  for (const [detectorId, embedderId] of rows) {
    const tools = createTools({
      libraryDirectory: tmpdir(), modelsDirectories: modelsDirectory ? [modelsDirectory] : [], detectorId, log: () => {},
    })
    const { model, facesFound, images, verification, classification, clustering } = await tools.evaluate(folder, { embedderId })
    await tools.close()
    const { bestF1, bestAccuracy, tarAtFar } = verification
    const figures = [bestF1.value, bestAccuracy.value, tarAtFar['0.01'].tar, tarAtFar['0.001'].tar, classification.knn, classification.svm, clustering.bcubed.f1]
    console.log(`| ${detectorId}, ${model} | ${facesFound} of ${images} | ${figures.map((value) => value.toFixed(3)).join(' | ')} |`)
  }
}
