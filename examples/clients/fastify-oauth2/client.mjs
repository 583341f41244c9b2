// @fastify/oauth2: PKCE by `pkce: 'S256'`, everything else by discovery.
import fastifyCookie from '@fastify/cookie';
import oauth2 from '@fastify/oauth2';
import fastify from 'fastify';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const here = new URL(REDIRECT_URI);
const app = fastify();
await app.register(fastifyCookie);
await app.register(oauth2, {
  name: 'varco', scope: SCOPE.split(' '), credentials: { client: { id: CLIENT_ID, secret: CLIENT_SECRET } },
  startRedirectPath: '/', callbackUri: REDIRECT_URI, discovery: { issuer: ISSUER }, pkce: 'S256',
});
app.get(here.pathname, async (request) => {
  const { token } = await app.varco.getAccessTokenFromAuthorizationCodeFlow(request);
  const headers = { authorization: `Bearer ${token.access_token}` };
  return `sub ${(await (await fetch(`${ISSUER}/oauth2/userinfo`, { headers })).json()).sub}`;
});
await app.listen({ port: Number(here.port), host: here.hostname });
console.log(`${here.origin}/`);
