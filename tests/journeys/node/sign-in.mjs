// One whole sign-in with openid-client, as a Node application would do it. The person's part is done elsewhere: this prints
// where to send the browser, and reads from standard input where the browser came back to.
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node 18 has them, but not by these names
globalThis.CryptoKey ??= webcrypto.CryptoKey
const client = await import('openid-client')

const given = JSON.parse(process.argv[2])
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const authentication = given.client_secret ? client.ClientSecretBasic(given.client_secret) : client.None()
const insecure = given.issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
const config = await client.discovery(new URL(given.issuer), given.client_id, undefined, authentication, { execute: insecure })

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const nonce = client.randomNonce()
say({
  authorize: client.buildAuthorizationUrl(config, {
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    nonce,
  }).href,
})

const callback = new URL((await answers.next()).value)
const tokens = await client.authorizationCodeGrant(config, callback, {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
})
const claims = tokens.claims()
const userinfo = await client.fetchUserInfo(config, tokens.access_token, claims.sub)
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token)
const api = async (path) => {
  const response = await client.fetchProtectedResource(config, refreshed.access_token, new URL(path, given.api_url), 'GET')
  return response.json()
}
say({
  scope: tokens.scope,
  claims,
  userinfo,
  refreshed: refreshed.refresh_token !== tokens.refresh_token && refreshed.access_token !== tokens.access_token,
  v2: await api('/v2/userinfo'),
  leave: client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: given.post_logout_redirect_uri,
  }).href,
})
process.exit(0)
