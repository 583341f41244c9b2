// simple-oauth2: PKCE by hand, in the parameters of both requests.
import { createHash, randomBytes } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { AuthorizationCode } from 'simple-oauth2';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const client = new AuthorizationCode({
  client: { id: CLIENT_ID, secret: CLIENT_SECRET },
  auth: { tokenHost: ISSUER, tokenPath: '/oauth2/token', authorizePath: '/oauth2/authorize', revokePath: '/oauth2/revoke' },
});
const verifier = randomBytes(36).toString('base64url');
const challenge = createHash('sha256').update(verifier).digest('base64url');
console.log(client.authorizeURL({
  redirect_uri: REDIRECT_URI, scope: SCOPE, state: 'of this browser', code_challenge: challenge, code_challenge_method: 'S256',
}));
const terminal = createInterface({ input: process.stdin });
const answer = new URL(await terminal.question(''));
const access = await client.getToken({ code: answer.searchParams.get('code'), redirect_uri: REDIRECT_URI, code_verifier: verifier });
const headers = { authorization: `Bearer ${access.token.access_token}` };
console.log('sub', (await (await fetch(`${ISSUER}/oauth2/userinfo`, { headers })).json()).sub);
await access.revokeAll();
terminal.close();
