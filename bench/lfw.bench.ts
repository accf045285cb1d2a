/** Labeled Faces in the Wild by its own protocol, for each embedder: ten folds of pairs. Takes a minute for each. */
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTools } from '../src-main/engine/tools.ts'
import { sharedPath } from '../test/fixtures/shared.ts'

/** Prints a Markdown table for every list of pairs that is there; the pictures are not part of the project. */
export async function run(): Promise<void> {
  const folder = sharedPath('data/faces_lfw')
  if (!folder) return
  console.log(`| pairs | embedder | pairs of one person / of two | without a face | accuracy, ten folds | AUC | TAR at 1 % FAR | TAR at 0.1 % FAR |
|---|---|---|---|---|---|---|---|`)
  for (const list of ['pairs.txt', 'pairs_blind.txt', 'pairs_dev.txt']) {
    const pairsFile = sharedPath(`data/faces_lfw/${list}`)
    if (!pairsFile) continue
    for (const embedderId of ['dlib-resnet', 'nn4.small2']) {
      const tools = createTools({ libraryDirectory: tmpdir(), modelsDirectories: [], log: () => {} })
      const report = await tools.evaluate(join(folder, 'lfw-deepfunneled'), { pairsFile, embedderId })
      await tools.close()
      const { same, different, missing, accuracy, auc, tarAtFar } = report.pairs!
      console.log(`| ${list} | ${report.model} | ${same} / ${different} | ${missing} | ${accuracy.mean.toFixed(3)} ± ${accuracy.standardError.toFixed(3)} | ${[auc, tarAtFar['0.01'].tar, tarAtFar['0.001'].tar].map((value) => value.toFixed(3)).join(' | ')} |`)
    }
  }
}
