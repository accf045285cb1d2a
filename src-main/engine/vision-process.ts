/** The vision process: takes photos from its parent, answers with faces. It keeps nothing, so it may die at any time. */
import { KithError } from '../../src-shared/errors.ts'
import { PhotoReadError } from './ports.ts'
import { renderPhoto } from './vision/decode.ts'
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
    return renderPhoto(work.path, work.longestSidePx, configuration.pixelLimit)
  }
  pipeline ??= createPipeline(configuration)
  try {
    const { analyze } = await pipeline
    send({ type: 'started', id })
    return await analyze(work.path)
  } catch (error) {
    // Models that could not be loaded are tried again with the next photo: the user may have put them there.
    if (error instanceof KithError) pipeline = null
    throw error
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
