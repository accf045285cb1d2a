/** How fast the method's network embeds a face, beside the one that Kith uses: in turn, in one thread, which others on the machine slow down less than they slow the clock. */
import { chooseEmbedder, loadModel } from '../src-main/engine/models/files.ts'
import { loadNetwork } from '../src-main/engine/vision/onnx-session.ts'

const rounds = 60
const embedders = ['nn4.small2', 'dlib-resnet']
const batches = [1, 8]

/** Prints a Markdown table. */
export async function run(): Promise<void> {
  const contestants = await Promise.all(embedders.map(async (name) => {
    const row = chooseEmbedder(name, [])
    const sidePx = row.input.sidePx!
    const trials = batches.map((batch) => (
      { batch, input: Float32Array.from({ length: batch * sidePx * sidePx * 3 }, (_, i) => (i * 31) % 256), times: [] as number[] }))
    return { id: row.id, sidePx, network: await loadNetwork(await loadModel(row, [])), trials }
  }))
  // Embedder by embedder in turn, so that whatever else the machine does falls on both; the first rounds warm up.
  for (let round = -5; round < rounds; round++) {
    for (const { sidePx, network, trials } of contestants) {
      for (const { batch, input, times } of trials) {
        const before = process.cpuUsage()
        await network.run(input, [batch, sidePx, sidePx, 3])
        const { user, system } = process.cpuUsage(before)
        if (round >= 0) times.push((user + system) / 1000 / batch)
      }
    }
  }
  await Promise.all(contestants.map(({ network }) => network.close()))
  const at = (values: number[], part: number): string => values.toSorted((a, b) => a - b)[Math.floor(values.length * part)]!.toFixed(1)
  const cell = (values: number[]): string => `${at(values, 0.5)} (${at(values, 0)})`
  console.log(`
### One aligned face embedded, one thread: milliseconds of the core, the median of ${rounds} (the least)

| embedder | ${batches.map((batch) => (batch === 1 ? 'a face alone' : `in batches of ${batch}, a face`)).join(' | ')} |
|---|${batches.map(() => '---|').join('')}
${contestants.map(({ id, trials }) => `| ${id} | ${trials.map(({ times }) => cell(times)).join(' | ')} |`).join('\n')}`)
}
