/**
 * npm run bench [-- NAME…]: every figure of the README, as medians and ratios measured in one run on this machine; without
 * names all but those that take minutes.
 * Each NAME.bench.ts in this folder exports `run()`, which prints Markdown.
 */
import { readdirSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { buildKernel } from '../scripts/build-kernel.ts'

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.slice(0, -'.bench.ts'.length))
const onlyByName = new Set(['lfw', 'ui'])
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${names.join(', ')}`)
  process.exit(2)
}

await buildKernel()
console.log(`Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB\n`)
for (const name of wanted.length ? wanted : names.filter((name) => !onlyByName.has(name))) {
  const { run } = (await import(`./${name}.bench.ts`)) as { run: () => Promise<void> }
  console.log(`## ${name}\n`)
  await run()
  console.log()
}
