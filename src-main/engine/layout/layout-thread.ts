/** The layout thread's entry: one job, told of as it goes, and the thread ends. */
import { parentPort, workerData } from 'node:worker_threads'
import type { FaceLayout, LayoutJob } from '../layout-port.ts'
import { layOutFaces } from './lay-out.ts'

export type LayoutMessage = { type: 'progress'; done: number; total: number } | { type: 'done'; layout: FaceLayout }

const port = parentPort
if (!port) throw new Error('layout-thread.ts runs as a worker thread only.')

const post = (message: LayoutMessage, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)
const layout = layOutFaces(workerData as LayoutJob, { onProgress: (done, total) => post({ type: 'progress', done, total }) })
post({ type: 'done', layout }, [layout.positions.buffer as ArrayBuffer])
