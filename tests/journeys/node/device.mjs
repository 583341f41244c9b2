// A device with openid-client: it shows a code, polls, and gets its tokens when a person has approved elsewhere; the tokens are
// bound to the device's key. It prints what it shows, and goes on when a line comes on standard input.
import { webcrypto } from 'node:crypto'
import { createInterface } from 'node:readline'

globalThis.crypto ??= webcrypto // Node 18 has them, but not by these names
globalThis.CryptoKey ??= webcrypto.CryptoKey
const client = await import('openid-client')

const given = JSON.parse(process.argv[2])
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`)
const answers = createInterface({ input: process.stdin })[Symbol.asyncIterator]()

const insecure = given.issuer.startsWith('http:') ? [client.allowInsecureRequests] : []
const config = await client.discovery(new URL(given.issuer), given.client_id, undefined, client.None(), { execute: insecure })
const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

const shown = await client.initiateDeviceAuthorization(config, { scope: given.scope })
say({ authorize: shown.verification_uri_complete })
await answers.next()
const tokens = await client.pollDeviceAuthorizationGrant(config, { ...shown, interval: 1 }, undefined, { DPoP })
const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token, undefined, { DPoP })
const stolen = await client.refreshTokenGrant(config, refreshed.refresh_token).then(
  () => 'accepted',
  (fault) => fault.error,
)
const address = new URL('/v2/userinfo', given.api_url)
const options = { DPoP }
const answer = await client.fetchProtectedResource(
  config, refreshed.access_token, address, 'GET', undefined, undefined, options,
)
say({ shown, scope: tokens.scope, claims: tokens.claims(), stolen, v2: await answer.json() })
process.exit(0)
