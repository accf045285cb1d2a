/** What somebody sees who is not let in: a small page for a browser's window, an ApiError for a program. */
import type { Refusal } from './guard.ts'

const headers = {
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
  connection: 'close',
}

function apiError(status: number, message: string): Response {
  const error = { code: status === 405 || status === 400 ? 'invalid-input' : 'forbidden', message }
  return new Response(JSON.stringify({ error }), {
    status,
    headers: { ...headers, 'content-type': 'application/json', ...(status === 405 ? { allow: 'GET, HEAD, POST' } : {}) },
  })
}

/** For a request that the guard refused. */
export function refusalResponse(refusal: Refusal): Response {
  return apiError(refusal.status, refusal.message)
}

const signedOutPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Kith: not signed in</title>
<h1>This link does not open Kith any more</h1>
<p>Each link that Kith prints works once, in one browser, until Kith is closed.</p>
<p>If this browser has opened Kith before, <a href="/">go on to Kith</a>.
Otherwise press Enter in the terminal where Kith runs, or start it again, and open the new link that it prints.</p>
</html>
`

/** For somebody without a session: 401. */
export function signedOutResponse(to: 'page' | 'api'): Response {
  if (to === 'api') return apiError(401, 'Not signed in. Open the link that Kith printed.')
  return new Response(signedOutPage, { status: 401, headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
}
