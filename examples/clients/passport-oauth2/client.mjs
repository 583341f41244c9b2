// passport-oauth2: PKCE by `pkce: true`, which needs a session.
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OAuth2Strategy from 'passport-oauth2';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const here = new URL(REDIRECT_URI);
passport.use(new OAuth2Strategy({
  authorizationURL: `${ISSUER}/oauth2/authorize`, tokenURL: `${ISSUER}/oauth2/token`, clientID: CLIENT_ID, clientSecret: CLIENT_SECRET,
  callbackURL: REDIRECT_URI, scope: SCOPE.split(' '), pkce: true, state: true,
}, async (accessToken, refreshToken, profile, done) => {
  const answer = await fetch(`${ISSUER}/oauth2/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } });
  done(null, await answer.json());
}));
const app = express();
app.use(session({ secret: 'only of this example', resave: false, saveUninitialized: false }));
app.get('/', passport.authenticate('oauth2', { session: false }));
app.get(here.pathname, passport.authenticate('oauth2', { session: false }), (request, response) => response.send(`sub ${request.user.sub}`));
app.listen(here.port, here.hostname, () => console.log(`${here.origin}/`));
