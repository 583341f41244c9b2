// A client under the FAPI 2.0 Security Profile with openid-client: pushed request, private_key_jwt and DPoP throughout, then
// introspection and revocation. It prints where to send the browser, and reads from standard input where that came back to.
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node 18 has them, but not by these names
globalThis.CryptoKey ??= webcrypto.CryptoKey
const client = await import('openid-client')

const given = JSON.parse(process.argv[2])
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const { kid, ...jwk } = given.jwk
delete jwk.use
delete jwk.key_ops
const key = await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['sign'])
const insecure = given.issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
const metadata = { id_token_signed_response_alg: 'ES256', use_mtls_endpoint_aliases: false }
const config = await client.discovery(
  new URL(given.issuer), given.client_id, metadata, client.PrivateKeyJwt({ key, kid }), { execute: insecure },
)
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const address = await client.buildAuthorizationUrlWithPAR(
  config,
  {
    redirect_uri: given.redirect_uri,
    scope: given.scope,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    prompt: 'consent',
    state,
  },
  { DPoP },
)
say({ authorize: address.href })

const callback = new URL((await answers.next()).value)
const checks = { pkceCodeVerifier: verifier, expectedState: state, idTokenExpected: true }
const tokens = await client.authorizationCodeGrant(config, callback, checks, undefined, { DPoP })
const api = async (token, options) => {
  const address = new URL('/v2/userinfo', given.api_url)
  try {
    return (await client.fetchProtectedResource(config, token, address, 'GET', undefined, undefined, options)).status
  } catch (fault) {
    return fault.status ?? fault.response?.status ?? String(fault)
  }
}
const proven = await api(tokens.access_token, { DPoP })
const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub, { DPoP })
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
const stolen = await client.refreshTokenGrant(config, tokens.refresh_token).then(
  () => 'accepted',
  (fault) => fault.error,
)
const introspected = await client.tokenIntrospection(config, refreshed.access_token)
await client.tokenRevocation(config, refreshed.refresh_token)
say({
  address: address.href,
  token_type: tokens.token_type,
  claims: tokens.claims(),
  userinfo,
  proven,
  stolen,
  kept: refreshed.refresh_token === tokens.refresh_token,
  introspected,
  revoked: await api(refreshed.access_token, { DPoP }),
  dead: await client.tokenIntrospection(config, refreshed.access_token),
})
process.exit(0)
