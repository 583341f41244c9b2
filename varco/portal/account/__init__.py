"""One's own account: profile, password, e-mail, second factor, sessions.

The pages are django-allauth's, mounted under `/account/`, in our templates and words: `adapter` decides where it asks
(who may sign in, where links lead, how secrets are sealed), `forms` words its forms, `passwords` holds the rules for
passwords, `limits` those for failed attempts, `known_devices` knows the browsers that are counted by themselves,
`used_codes` remembers codes of apps, `signals` writes the audit, and `unfinished_sign_in` ends with the sessions what waits
at the second step. `views` has what allauth lacks: the overview, the profile, *sign out everywhere*, and the rule that keeps
the last second factor of a short password; `one_session` ends a single session, `passkeys` keeps where one was going when a
passkey does not fit.

Words: a *factor* is an authenticator of allauth: an app (TOTP), a passkey, recovery codes.
"""
