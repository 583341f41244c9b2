// grant: PKCE by `pkce: true`; its callback is /connect/varco/callback.
import express from 'express';
import session from 'express-session';
import grant from 'grant';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const here = new URL(REDIRECT_URI);
const app = express();
app.use(session({ secret: 'only of this example', resave: false, saveUninitialized: true }));
app.use(grant.express({
  defaults: { origin: here.origin, transport: 'session', state: true },
  varco: {
    authorize_url: `${ISSUER}/oauth2/authorize`, access_url: `${ISSUER}/oauth2/token`, oauth: 2, key: CLIENT_ID, secret: CLIENT_SECRET,
    scope: SCOPE.split(' '), scope_delimiter: ' ', pkce: true, nonce: true, callback: '/hello', response: ['tokens'],
  },
}));
app.get('/hello', async (request, response) => {
  const headers = { authorization: `Bearer ${request.session.grant.response.access_token}` };
  response.send(`sub ${(await (await fetch(`${ISSUER}/oauth2/userinfo`, { headers })).json()).sub}`);
});
app.listen(here.port, here.hostname, () => console.log(`${here.origin}/connect/varco`));
