/**
 * The recognition thread's entry. What takes long goes in steps, and others are let in between: questions between any two
 * steps, decisions between those of what works on the whole. A call that throws ends the thread, so that a memory left half
 * changed is never asked again.
 */
import { parentPort, workerData } from 'node:worker_threads'
import { createPlainKernel } from '../math/distance-kernel.ts'
import type { DistanceKernel } from '../math/distance-kernel.ts'
import { createSimdKernel } from '../math/simd-kernel.ts'
import { createFaceMemory } from './face-memory.ts'
import type { FaceMemory } from './face-memory.ts'
import type { Answer, MemoryMethod, ThreadCall, ThreadReply, ThreadSettings } from './messages.ts'

const port = parentPort
if (!port) throw new Error('recognition-thread.ts runs as a worker thread only.')
const settings = workerData as ThreadSettings
let memory = createFaceMemory(createKernel, settings.thresholds)

/** Calls that only read. They are answered at once, also while others work; what must be trained for them is, in steps. */
const questions: ReadonlySet<MemoryMethod> = new Set<MemoryMethod>(['candidates', 'identify', 'nearest', 'compare', 'neighbours'])
/** Calls that leave the graph as it is: one after the other, but all else halts for them. */
const decisions: ReadonlySet<MemoryMethod> = new Set<MemoryMethod>(['know', 'learn'])

/** A call that goes on in steps. */
interface Work {
  call: ThreadCall
  generator: Generator<void, Answer>
}

/** What came while a decision was under way, but for questions: to be gone through in that order. */
const arrived: ThreadCall[] = []
/** What waits until nothing else is under way. */
const waiting: ThreadCall[] = []
let decision: Work | null = null
let asked: Work[] = []
let whole: Work | null = null
let isGoingOn = false

port.on('message', (call: ThreadCall) => {
  if (questions.has(call.method)) {
    const work = begin(call)
    if (work && !isDone(work)) asked.push(work)
  } else {
    arrived.push(call)
    takeIn()
  }
  goOnSoon()
})

function takeIn(): void {
  while (!decision && arrived.length > 0) {
    const call = arrived.shift()!
    if (decisions.has(call.method)) decision = begin(call)
    else waiting.push(call)
    beginWaiting()
  }
}

function beginWaiting(): void {
  while (!decision && !whole && asked.length === 0 && waiting.length > 0) whole = begin(waiting.shift()!)
}

/** Answers a call, or what is to be done for it. */
function begin(call: ThreadCall): Work | null {
  if (call.method === 'load') memory = createFaceMemory(createKernel, settings.thresholds)
  const value = ask(memory, call)
  if (isGenerator(value)) return { call, generator: value }
  reply(call, value)
  return null
}

/** Does the next step; whether it was the last, and the call is answered. */
function isDone({ call, generator }: Work): boolean {
  const step = generator.next()
  if (step.done) reply(call, step.value)
  return step.done === true
}

function goOnSoon(): void {
  if (isGoingOn || !(decision || whole || asked.length > 0)) return
  isGoingOn = true
  setImmediate(goOn)
}

/** A step of what is under way; whatever came meanwhile has its turn before the next. */
function goOn(): void {
  isGoingOn = false
  if (decision) {
    if (isDone(decision)) decision = null
  } else {
    asked = asked.filter((work) => !isDone(work))
    if (whole && isDone(whole)) whole = null
  }
  takeIn()
  beginWaiting()
  goOnSoon()
}

function ask<M extends MemoryMethod>(faces: FaceMemory, { method, parameters }: ThreadCall<M>) {
  const call = faces[method] as (...parameters: Parameters<FaceMemory[M]>) => ReturnType<FaceMemory[M]>
  return call(...parameters)
}

function isGenerator(value: ReturnType<FaceMemory[MemoryMethod]>): value is Generator<void, Answer> & ReturnType<FaceMemory[MemoryMethod]> {
  return typeof value === 'object' && value !== null && 'next' in value
}

function reply({ callId }: ThreadCall, value: Answer): void {
  const answer: ThreadReply = { type: 'answer', callId, value }
  port?.postMessage(answer, buffersOf(value))
}

function createKernel(): DistanceKernel {
  const { dimension, wasm } = settings
  if (dimension === 128 && wasm) {
    try {
      return createSimdKernel(wasm)
    } catch (error) {
      log(`The SIMD distance kernel cannot run here, so the plain one does, several times slower: ${String(error)}`)
    }
  }
  return createPlainKernel(dimension)
}

function log(message: string): void {
  const reply: ThreadReply = { type: 'log', message }
  port?.postMessage(reply)
}

/** Typed arrays' memory goes over instead of being copied. */
function buffersOf(value: Answer): ArrayBuffer[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap((part) => (ArrayBuffer.isView(part) && part.buffer instanceof ArrayBuffer ? [part.buffer] : []))
}
