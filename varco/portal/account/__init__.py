"""One's own account: profile, password, e-mail, second factor, sessions.

The pages are django-allauth's, mounted under `/account/`, in our templates and words: `adapter` decides where it asks
(who may sign in, where links lead, how secrets are sealed), `forms` words its forms, `passwords` holds the rules for
passwords, `signals` writes the audit, `unfinished_sign_in` ends with the sessions what waits at the second step. `views`
has what allauth lacks: the overview, the profile, *sign out everywhere*, and the rule that keeps the last second factor of
a short password.

Words: a *factor* is an authenticator of allauth: an app (TOTP), a passkey, recovery codes.
"""
