// A device with oauth4webapi, a public client whose tokens are bound to its key: device authorization, polling, refresh,
// revocation. It prints where to send the person's browser, and goes on at a line on standard input.
import { answers, as, given, oauth, options, refusal, say, told, withNonce } from './webapi-start.mjs'

const client = { client_id: given.client_id }
const authentication = oauth.None()
const DPoP = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))

const shown = await oauth.processDeviceAuthorizationResponse(
  as, client, await oauth.deviceAuthorizationRequest(as, client, authentication, { scope: given.scope }, options),
)
const poll = () => withNonce(
  () => oauth.deviceCodeGrantRequest(as, client, authentication, shown.device_code, { ...options, DPoP }),
  async (response) => {
    const read = await oauth.processDeviceCodeResponse(as, client, response)
    await oauth.validateApplicationLevelSignature(as, response, options)
    return read
  },
)
const early = await refusal(poll())
say({ authorize: shown.verification_uri_complete })
await answers.next()
const tokens = await poll()

const refresh = (proof) => withNonce(
  () => oauth.refreshTokenGrantRequest(as, client, authentication, tokens.refresh_token, { ...options, DPoP: proof }),
  (response) => oauth.processRefreshTokenResponse(as, client, response),
)
const api = (token) => withNonce(
  () => oauth.protectedResourceRequest(
    token, 'GET', new URL('/v2/userinfo', given.api_url), undefined, undefined, { ...options, DPoP },
  ),
  (response) => response.json(),
)
const otherKey = oauth.DPoP(client, await oauth.generateKeyPair('ES256'))
const stolen = await refusal(refresh(otherKey))
const refreshed = await refresh(DPoP)
const v2 = await api(refreshed.access_token)
await oauth.processRevocationResponse(
  await oauth.revocationRequest(as, client, authentication, refreshed.refresh_token, options),
)
say({
  shown,
  early,
  nonces: told.nonces,
  token_type: tokens.token_type,
  scope: tokens.scope,
  claims: oauth.getValidatedIdTokenClaims(tokens),
  stolen,
  v2,
  revoked: await refusal(api(refreshed.access_token)),
  again: await refusal(poll()),
})
process.exit(0)
