// @badgateway/oauth2-client: PKCE by handing the verifier to both steps.
import { createInterface } from 'node:readline/promises';
import { OAuth2Client, generateCodeVerifier } from '@badgateway/oauth2-client';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const client = new OAuth2Client({
  server: ISSUER, discoveryEndpoint: '/.well-known/oauth-authorization-server', clientId: CLIENT_ID, clientSecret: CLIENT_SECRET,
});
const codeVerifier = await generateCodeVerifier();
const asked = { redirectUri: REDIRECT_URI, state: 'of this browser', codeVerifier, scope: SCOPE.split(' ') };
console.log(await client.authorizationCode.getAuthorizeUri(asked));
const terminal = createInterface({ input: process.stdin });
const tokens = await client.authorizationCode.getTokenFromCodeRedirect(await terminal.question(''), asked);
const headers = { authorization: `Bearer ${tokens.accessToken}` };
console.log('sub', (await (await fetch(`${ISSUER}/oauth2/userinfo`, { headers })).json()).sub);
terminal.close();
