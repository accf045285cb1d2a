/** Who is known: a random token that works once, in exchange for a cookie that lives as long as the server. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits, more than anybody can guess. */
const randomSecret = () => randomBytes(32).toString('base64url')

/** In a time that does not depend on where the two differ. */
function isSame(given: string, secret: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret))
}

export interface Session {
  /** A new token; those that were not used yet go on working. */
  issueToken(): string
  /** True once for each token. */
  redeem(token: string): boolean
  /** Whether a Cookie header carries the session. */
  isKnown(cookieHeader: string | undefined): boolean
  /** The Set-Cookie header that makes a browser known. */
  readonly setCookie: string
}

/** @param port cookies don't know ports, so that the name has to: two Kiths on one machine must not log each other out */
export function createSession(port: number): Session {
  const name = `kith-${port}`
  const secret = randomSecret()
  const tokens = new Set<string>()
  return {
    issueToken() {
      const token = randomSecret()
      tokens.add(token)
      return token
    },
    redeem(given) {
      const token = [...tokens].find((known) => isSame(given, known))
      return token !== undefined && tokens.delete(token)
    },
    isKnown: (cookieHeader = '') =>
      cookieHeader.split(';').some((pair) => {
        const [key, value] = pair.trim().split('=', 2)
        return key === name && value !== undefined && isSame(value, secret)
      }),
    setCookie: `${name}=${secret}; HttpOnly; SameSite=Strict; Path=/`,
  }
}
