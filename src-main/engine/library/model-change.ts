/**
 * Changes the embedder of a library. Every known face is embedded by the new one first, in the background and photo by photo;
 * until that is done names, suggestions, groups and search go on with the old. Then one transaction lets the new one take
 * over. What the user decided is untouched, and so are the old embeddings, so that going back is quick.
 */
import { setImmediate as pause } from 'node:timers/promises'
import { KithError } from '../../../src-shared/errors.ts'
import type { LibraryStatus } from '../../../src-shared/api.ts'
import type { CompareEmbedders, Embedder, ModelComparison } from '../ports.ts'
import { toLibraryError } from '../store/database.ts'
import { createEmbedderStore, type StoredEmbedder } from '../store/embedders.ts'
import { createEmbeddingStore } from '../store/embeddings.ts'
import type { LibraryContext } from './context.ts'
import { createFaceEmbedding } from './embed-faces.ts'
import type { ProgressMeter } from './progress-meter.ts'
import type { Recogniser } from './recognise.ts'
import type { RunControl } from './index-run.ts'

/** The models there are to choose from; @throws KithError invalid-input, model-missing, model-damaged */
export interface EmbedderChoice {
  /** By an id, or where a host asks by a path. */
  find(name: string): Embedder
  /** One that was chosen before: as it is known now, else as it was kept. */
  restore(stored: StoredEmbedder): Embedder
  compare: CompareEmbedders
}

/** What a run did for a change of the embedder. */
export interface ModelChangeReport {
  from: string
  to: string
  /** `kept`: the new one, somebody's own, is no better here, so the old one stays. `waiting`: the next run goes on. */
  outcome: 'switched' | 'kept' | 'waiting'
  /** Why the library has not switched, for people; null where it has. */
  reason: string | null
  /** Embedded by this run. */
  photos: number
  faces: number
  /** Faces that the new model knows nothing of yet: their photos are missing, offline or unreadable, or the run was stopped. */
  facesLeft: number
  photosPerSecond: number
  /** Old and new on the faces that the user named; made where the new one is somebody's own. */
  comparison: ModelComparison | null
}

export interface ModelChange {
  /**
   * Asks for another embedder; the change is made by `perform`. Asking for the one in use gives a change up.
   * @returns whether there is a change to make
   * @throws KithError library-read-only; invalid-input, model-missing, model-damaged: then nothing has changed
   */
  ask(name: string, force: boolean): boolean
  status(): LibraryStatus['models']['change']
  /**
   * Goes on with the change that was asked for, else embeds what the embedder in use has not seen yet.
   * @returns null where no change was asked for
   * @throws KithError no-space, library-read-only, vision-unavailable
   */
  perform(control: RunControl): Promise<ModelChangeReport | null>
}

/** What was embedded; `problem`: why no more could be, where the model's weights are not to be had. */
interface Embedded {
  photos: number
  faces: number
  photosPerSecond: number
  problem: string | null
}

const toStored = (embedder: Embedder): StoredEmbedder => ({ spaceId: embedder.spaceId, description: JSON.stringify(embedder) })

export function createModelChange(
  context: LibraryContext, recogniser: Recogniser, meter: ProgressMeter, choice: EmbedderChoice,
): ModelChange {
  const { database } = context
  const store = createEmbedderStore(database.db)
  const embeddings = createEmbeddingStore(database.db)
  const faceEmbedding = createFaceEmbedding(context)

  /** Nothing waits in here, so that no call of anybody comes between the database's switch and recognition's. */
  function switchTo(embedder: Embedder): void {
    store.switchTo(toStored(embedder))
    context.useEmbedder(embedder)
    recogniser.startAnew()
    context.emit({ type: 'changed', topics: ['models', 'faces', 'clusters', 'people', 'photos'] })
  }

  async function forgetOlder(): Promise<void> {
    const kept = [store.current(), store.former()].flatMap((embedder) => (embedder ? [embedder.spaceId] : []))
    while (store.forgetOthers(kept)) await pause()
  }

  /** Embeds all that can be reached. */
  async function embedAll(embedder: Embedder, control: RunControl): Promise<Embedded> {
    const { signal, whenRunning, enter, announce } = control
    const { photos: total, folders } = await faceEmbedding.waiting(embedder)
    if (total === 0) return { photos: 0, faces: 0, photosPerSecond: 0, problem: null }
    let [photos, failed, faces] = [0, 0, 0]
    let problem: string | null = null
    meter.set({ done: 0, total, failed: 0, facesFound: 0, current: null })
    enter('embedding')
    const since = performance.now()
    await faceEmbedding.embed(embedder, folders, {
      signal,
      whenRunning,
      onStart: (relativePath) => meter.set({ current: relativePath }),
      onKept(kept) {
        photos += kept.photos
        failed += kept.failed
        faces += kept.written.faceIds.length
        recogniser.take(kept.written)
        meter.set({ done: photos + failed, failed, facesFound: faces })
        if (kept.failed > 0) announce(false)
      },
    }).catch((error: unknown) => {
      // The model's file went after it was chosen: new photos need it too or not, and say so themselves.
      if (!(error instanceof KithError) || (error.code !== 'model-missing' && error.code !== 'model-damaged')) throw error
      problem = error.message
    })
    return { photos, faces, photosPerSecond: (photos + failed) / ((performance.now() - since) / 1000), problem }
  }

  /** Both embedders on the faces that the user named and both know. */
  function compare(next: Embedder): ModelComparison {
    const before = embeddings.readLabelled(context.embedder.spaceId)
    const after = new Map(embeddings.readLabelled(next.spaceId).map((face) => [face.faceId, face]))
    const both = before.filter(({ faceId }) => after.has(faceId))
    return choice.compare(
      both.map(({ personId }) => personId),
      { embedder: context.embedder, embeddings: both.map(({ embedding }) => embedding) },
      { embedder: next, embeddings: both.map(({ faceId }) => after.get(faceId)!.embedding) },
    )
  }

  function tell(report: ModelChangeReport): ModelChangeReport {
    const left = report.facesLeft > 0
      ? ` ${report.facesLeft} ${report.facesLeft === 1 ? 'face' : 'faces'} on photos that can't be read now keep their names and follow when the photos are back.` : ''
    const message = report.outcome === 'switched' ? `Names and groups work with ${report.to} now.${left}` : report.reason!
    context.emit({ type: 'notice', level: report.outcome === 'switched' ? 'info' : 'warning', message })
    context.emit({ type: 'changed', topics: ['models'] })
    return report
  }

  return {
    ask(name, force) {
      if (database.readOnly)
        throw new KithError('library-read-only', `The library ${context.libraryDirectory} is open for reading only, so its model can't be changed.`)
      const next = choice.find(name)
      const changes = next.spaceId !== context.embedder.spaceId
      try {
        store.setChange(changes ? { ...toStored(next), forced: force } : null)
      } catch (error) {
        throw toLibraryError(error, context.libraryDirectory)
      }
      context.emit({ type: 'changed', topics: ['models'] })
      return changes
    },

    status() {
      const change = store.change()
      if (!change) return null
      const { embedded, faces } = store.embeddedFaces(change.spaceId)
      return { embedder: choice.restore(change).id, facesDone: embedded, facesTotal: faces }
    },

    async perform(control) {
      const change = store.change()
      if (!change) {
        const { problem } = await embedAll(context.embedder, control)
        if (problem !== null) context.emit({ type: 'notice', level: 'warning', message: problem })
        return null
      }
      const next = choice.restore(change)
      const from = context.embedder.id
      const { problem, ...done } = await embedAll(next, control)
      const { embedded, faces } = store.embeddedFaces(next.spaceId)
      const report = { from, to: next.id, ...done, facesLeft: faces - embedded, comparison: null }
      const waiting = (reason: string) => ({ ...report, outcome: 'waiting' as const, reason })
      if (control.signal.aborted)
        return waiting(`The change to ${next.id} was stopped: ${embedded} of ${faces} faces are embedded. The next run goes on; until then Kith works with ${from}.`)
      if (problem !== null)
        return tell(waiting(`${problem} Until then Kith works with ${from}. To give the change up: kith index --model ${from}`))
      if (embedded === 0 && faces > 0 && !change.forced)
        return tell(waiting(`No photo with a face could be read, so Kith goes on with ${from}. Connect the drive with the photos and index again.`))
      const comparison = next.isTrained && faces > 0 ? compare(next) : null
      if (comparison && !comparison.wins && !change.forced) {
        store.setChange(null)
        return tell({
          ...report, comparison, outcome: 'kept',
          reason: `${next.id} is no better than ${from} on the faces you named, so Kith goes on with ${from}. To take it all the same: kith index --model ${next.id} --force`,
        })
      }
      switchTo(next)
      await forgetOlder()
      return tell({ ...report, comparison, outcome: 'switched', reason: null })
    },
  }
}
