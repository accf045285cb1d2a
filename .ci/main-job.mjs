// The main job against a running Kith, as its page does it: wait for the photos, name a group, find the photos again.
import assert from 'node:assert/strict'

const address = new URL(process.argv[2])
const entry = await fetch(address, { redirect: 'manual' })
const cookie = entry.headers.get('set-cookie')?.split(';')[0]
assert.ok(cookie, 'the one-time address gives a cookie')

async function call(method, input = {}) {
  const answer = await fetch(new URL(`/rpc/${method}`, address), {
    method: 'POST',
    headers: { cookie, origin: address.origin, 'content-type': 'application/json' },
    body: JSON.stringify(input),
  })
  const { value, error } = await answer.json()
  assert.ok(!error, `${method}: ${error?.message}`)
  return value
}

const page = await fetch(new URL('/', address), { headers: { cookie } })
assert.equal(page.status, 200)
assert.match(await page.text(), /<script type="module"/)

let status
for (let waited = 0; waited < 600; waited++) {
  status = await call('library.status')
  if (status.progress.state === 'idle' && status.counts.photos > 0 && status.counts.pending === 0) break
  await new Promise((resolve) => setTimeout(resolve, 500))
}
assert.equal(status.counts.pending, 0, 'every photo is indexed or listed')
assert.ok(status.counts.faces > 0, 'faces were found')

const { faces } = await call('faces.list', { filter: { unnamed: true }, limit: 1 })
const decision = await call('faces.name', { targets: [{ kind: 'face', id: faces[0].id }], name: 'Anna Example' })
assert.equal(decision.faces, 1)
const found = await call('photos.search', { query: '"Anna Example"' })
assert.ok(found.photos.some((photo) => photo.id === faces[0].photoId), 'the photo is found by the name')
await call('journal.undo')
assert.equal((await call('people.list')).people.length, 0, 'undo takes the name back')
console.log(`main job: ${status.counts.photos} photos, ${status.counts.faces} faces, ${status.counts.failed} listed, one named, found and undone`)
