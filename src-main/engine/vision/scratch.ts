/** Buffers that are used again: megabytes for every call of a network would keep the garbage collector busy. */

export interface Scratch {
  /** Lends `length` floats, with whatever stood in them, for as long as `work` takes. */
  lend<T>(length: number, work: (buffer: Float32Array<ArrayBuffer>) => Promise<T>): Promise<T>
}

/** As many buffers as photos are in flight are kept, each as large as the largest that was asked of it. */
export function createScratch(): Scratch {
  const free: Float32Array<ArrayBuffer>[] = []
  return {
    async lend(length, work) {
      let buffer = free.pop()
      if (!buffer || buffer.length < length) buffer = new Float32Array(length)
      try {
        return await work(buffer.subarray(0, length))
      } finally {
        free.push(buffer)
      }
    },
  }
}
