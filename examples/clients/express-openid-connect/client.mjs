// express-openid-connect: PKCE comes with `response_type: 'code'`.
import express from 'express';
import { auth } from 'express-openid-connect';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const here = new URL(REDIRECT_URI);
const app = express();
app.use(auth({
  issuerBaseURL: ISSUER, baseURL: here.origin, clientID: CLIENT_ID, clientSecret: CLIENT_SECRET, secret: 'only of this example, and long enough',
  authorizationParams: { response_type: 'code', scope: SCOPE }, routes: { callback: here.pathname },
}));
app.get('/', (request, response) => response.send(`sub ${request.oidc.user.sub}`));
app.listen(here.port, here.hostname, () => console.log(`${here.origin}/`));
