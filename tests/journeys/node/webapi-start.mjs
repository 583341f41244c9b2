// What both journeys of oauth4webapi start with: the library, what the test gave, who the server is, and an answer to its nonces.
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node 18 has them, but not by these names
globalThis.CryptoKey ??= webcrypto.CryptoKey
export const oauth = await import('oauth4webapi')

export const given = JSON.parse(process.argv[2])
export const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
export const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const issuer = new URL(given.issuer)
export const options = { [oauth.allowInsecureRequests]: issuer.protocol === 'http:' }
export const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, options))

// The library leaves it to its caller to ask again with the nonce it was told (RFC 9449 section 8).
export const told = { nonces: 0 }
export const withNonce = async (ask, read) => {
  try {
    return await read(await ask())
  } catch (fault) {
    if (!oauth.isDPoPNonceError(fault)) throw fault
    told.nonces += 1
    return read(await ask())
  }
}
export const refusal = (promise) => promise.then(
  () => 'accepted',
  (fault) => fault.error ?? fault.cause?.[0]?.parameters?.error ?? String(fault),
)

// Signing out is a link to the address that the metadata tells (OpenID Connect RP-Initiated Logout section 2).
export const leaving = (idToken) => {
  const address = new URL(as.end_session_endpoint)
  address.searchParams.set('id_token_hint', idToken)
  address.searchParams.set('post_logout_redirect_uri', given.post_logout_redirect_uri)
  address.searchParams.set('state', 'gone')
  return address.href
}
