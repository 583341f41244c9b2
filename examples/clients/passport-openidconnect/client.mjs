// passport-openidconnect: it sends a nonce and no PKCE, so the registration asks for the exception.
import express from 'express';
import session from 'express-session';
import passport from 'passport';
import OpenIDConnectStrategy from 'passport-openidconnect';

const { ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI, SCOPE } = process.env;
const here = new URL(REDIRECT_URI);
passport.use(new OpenIDConnectStrategy({
  issuer: ISSUER, authorizationURL: `${ISSUER}/oauth2/authorize`, tokenURL: `${ISSUER}/oauth2/token`, userInfoURL: `${ISSUER}/oauth2/userinfo`,
  clientID: CLIENT_ID, clientSecret: CLIENT_SECRET, callbackURL: REDIRECT_URI, scope: SCOPE.replace('openid ', ''), nonce: true,
}, (issuer, profile, done) => done(null, profile)));
const app = express();
app.use(session({ secret: 'only of this example', resave: false, saveUninitialized: false }));
app.get('/', passport.authenticate('openidconnect', { session: false }));
app.get(here.pathname, passport.authenticate('openidconnect', { session: false }), (request, response) => response.send(`sub ${request.user.id}`));
app.listen(here.port, here.hostname, () => console.log(`${here.origin}/`));
