"""OAuth and OpenID decisions, pure: no input or output, no framework, no clock, no randomness; imports nothing of varco.

A request is parsed once (`parameters`) into a typed value (`authorization_request`, `token_request`, `device_authorization`,
`logout`), then runs through an ordered list of rules, each citing the section it is from. A rule raises `errors.OAuthError`
by a constructor named after the error code (`invalid_grant(…)`); an error can carry effects, which the caller carries out.

Words: *client* is a registered application under its revision in force; *record* is a row as the rules see it; a *grant* is
one authorization (person, tenant, client, scopes), which its code and refresh tokens belong to; *claim groups* are the claims
that are registered, consented to and released together. Times are epoch seconds, unless the name ends in `_ms`.
"""
