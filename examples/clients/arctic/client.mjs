// arctic: PKCE by its one method that makes addresses with it.
import { createInterface } from 'node:readline/promises';
import { CodeChallengeMethod, OAuth2Client, generateCodeVerifier, generateState } from 'arctic';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const client = new OAuth2Client(CLIENT_ID, CLIENT_SECRET, REDIRECT_URI);
const verifier = generateCodeVerifier();
const state = generateState();
console.log(client.createAuthorizationURLWithPKCE(
  `${ISSUER}/oauth2/authorize`, state, CodeChallengeMethod.S256, verifier, SCOPE.split(' '),
).href);
const terminal = createInterface({ input: process.stdin });
const answer = new URL(await terminal.question('')).searchParams;
if (answer.get('state') !== state) throw new Error('an answer to another request');
const tokens = await client.validateAuthorizationCode(`${ISSUER}/oauth2/token`, answer.get('code'), verifier);
const headers = { authorization: `Bearer ${tokens.accessToken()}` };
console.log('sub', (await (await fetch(`${ISSUER}/oauth2/userinfo`, { headers })).json()).sub);
terminal.close();
