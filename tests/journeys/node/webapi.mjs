// A client under the FAPI 2.0 Security Profile with oauth4webapi, which leaves every step to its caller: pushed request,
// private_key_jwt, DPoP with the server's nonces, introspection, revocation, signing out. It prints where to send the browser, and
// reads from standard input where that came back to.
import { answers, as, given, leaving, oauth, options, refusal, say, told, withNonce } from './webapi-start.mjs'

const { kid, ...jwk } = given.jwk
delete jwk.use
delete jwk.key_ops
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
const client = { client_id: given.client_id, id_token_signed_response_alg: 'ES256' }
const authentication = oauth.PrivateKeyJwt({ key, kid })
const keys = await oauth.generateKeyPair('ES256')
const DPoP = oauth.DPoP(client, keys)

const verifier = oauth.generateRandomCodeVerifier()
const state = oauth.generateRandomState()
const nonce = oauth.generateRandomNonce()
const asked = {
  response_type: 'code',
  redirect_uri: given.redirect_uri,
  scope: given.scope,
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  prompt: 'consent',
  state,
  nonce,
}
const pushed = await withNonce(
  () => oauth.pushedAuthorizationRequest(as, client, authentication, asked, { ...options, DPoP }),
  (response) => oauth.processPushedAuthorizationResponse(as, client, response),
)
const address = new URL(as.authorization_endpoint)
address.searchParams.set('client_id', client.client_id)
address.searchParams.set('request_uri', pushed.request_uri)
say({ authorize: address.href })

const callback = oauth.validateAuthResponse(as, client, new URL((await answers.next()).value), state)
const redeem = (read) => withNonce(
  () => oauth.authorizationCodeGrantRequest(
    as, client, authentication, callback, given.redirect_uri, verifier, { ...options, DPoP },
  ),
  read,
)
const readTokens = async (response) => {
  const read = await oauth.processAuthorizationCodeResponse(
    as, client, response, { expectedNonce: nonce, requireIdToken: true },
  )
  await oauth.validateApplicationLevelSignature(as, response, options)
  return read
}
const tokens = await redeem(readTokens)
const claims = oauth.getValidatedIdTokenClaims(tokens)

// What the API is sent is shown to the library a second time, as a resource server would have it checked (RFC 9068).
let sent
const watched = (url, init) => {
  sent = new Request(url, { method: init.method, headers: init.headers })
  return fetch(url, init)
}
const profile = new URL('/v2/userinfo', given.api_url)
const api = (token, proof) => withNonce(
  () => oauth.protectedResourceRequest(
    token, 'GET', profile, undefined, undefined, { ...options, DPoP: proof, [oauth.customFetch]: watched },
  ),
  (response) => response.json(),
)
const userinfo = await withNonce(
  () => oauth.userInfoRequest(as, client, tokens.access_token, { ...options, DPoP }),
  (response) => oauth.processUserInfoResponse(as, client, claims.sub, response),
)
const refresh = (proof) => withNonce(
  () => oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token, { ...options, DPoP: proof }),
  (response) => oauth.processRefreshTokenResponse(as, client, response),
)
const otherKey = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const introspect = async (token) => oauth.processIntrospectionResponse(
  as, client, await oauth.introspectionRequest(as, client, authentication, token, options),
)
const revoke = async (token) => oauth.processRevocationResponse(
  await oauth.revocationRequest(as, client, authentication, token, options),
)

const v2 = await api(tokens.access_token, DPoP)
const validated = await oauth.validateJwtAccessToken(as, sent, given.api_url, options)
const refreshed = await refresh(DPoP)
const stolen = await refusal(api(refreshed.access_token, otherKey))
// A confidential client may take another key: its refresh token is bound to its authentication (RFC 9449 section 5).
const rekeyed = await api((await refresh(otherKey)).access_token, otherKey)
const introspected = await introspect(refreshed.access_token)
await revoke(refreshed.access_token)
const dead = await introspect(refreshed.access_token)
await revoke(tokens.refresh_token)
say({
  address: address.href,
  nonces: told.nonces,
  token_type: tokens.token_type,
  scope: tokens.scope,
  claims,
  userinfo,
  v2,
  validated,
  stolen,
  rekeyed,
  introspected,
  dead,
  leave: leaving(tokens.id_token),
  over: await refusal(refresh(DPoP)),
  replayed: await refusal(redeem(readTokens)),
})
process.exit(0)
