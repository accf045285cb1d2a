/** The vision process: takes photos from its parent, answers with faces. It keeps nothing, so it may die at any time. */
import { KithError } from '../../src-shared/errors.ts'
import { PhotoReadError } from './ports.ts'
import { renderPhoto, tilePictures } from './vision/decode.ts'
import { createPipeline, type Pipeline } from './vision/pipeline.ts'
import type { Configuration, FromProcess, ToProcess, WireError, Work } from './vision/protocol.ts'

let configuration: Configuration | null = null
let pipeline: Promise<Pipeline> | null = null

// Without a parent there is nobody to work for.
process.on('disconnect', () => process.exit(0))
// Ctrl-C reaches the whole group of processes: the parent decides when this one ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

process.on('message', (message: ToProcess) => {
  if (message.type === 'configure') configuration = message.configuration
  else void answer(message.id, message.work)
})
send({ type: 'ready' })

async function answer(id: number, work: Work): Promise<void> {
  try {
    send({ type: 'done', id, value: await perform(id, work) })
  } catch (error) {
    send({ type: 'failed', id, error: toWire(error) })
  }
}

async function perform(id: number, work: Work) {
  if (!configuration) throw new Error('Work came before the configuration')
  if (work.kind === 'render') {
    send({ type: 'started', id })
    return renderPhoto(work.path, work.longestSidePx, { part: work.part, pixelLimit: configuration.pixelLimit })
  }
  if (work.kind === 'tile') {
    send({ type: 'started', id })
    return tilePictures(work.paths, work.sidePx)
  }
  pipeline ??= createPipeline(configuration)
  const { prepare, analyze, align, embed, describe } = await pipeline.catch((error: unknown) => {
    // Models that could not be loaded are tried again with the next photo: the user may have put them there.
    pipeline = null
    throw error
  })
  if (work.kind === 'align') {
    send({ type: 'started', id })
    return align(work.path, work.options)
  }
  await prepare(work.embedder)
  send({ type: 'started', id })
  switch (work.kind) {
    case 'analyze': return analyze(work.path, work.embedder)
    case 'embed': return embed(work.path, work.faces, work.embedder)
    case 'describe': return describe(work.path, work.places, work.embedder)
  }
}

function toWire(error: unknown): WireError {
  if (error instanceof PhotoReadError) return { kind: 'photo', code: error.code, message: error.message }
  if (error instanceof KithError) return { kind: 'kith', code: error.code, message: error.message }
  return { kind: 'internal', message: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

function send(message: FromProcess): void {
  process.send?.(message)
}
