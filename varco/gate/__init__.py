"""The gate: what programs call. One ASGI application without Django, whose CPU per request is the product's figure.

A request goes through `app` (an exact path, or Starlette's router) to its row of `routes`, and from there to an endpoint of
`oauth/` or an operation of `api/`. `auth/` says who calls: the client that authenticates, or the bearer of an access token.
Decisions are those of `varco.protocol`; rows are read and written through `store/`, by the statements of `store/sql/` and of
each resource's `sql`; `records` turns rows into what the rules look at. `grant_end` ends grants, with their record in the
audit. An error is an `OAuthError`, answered by `error_responses` and kept by `refusal_log`. What all share is the `context`.

Words: an *endpoint* is an address with its methods; an *act* is what an endpoint does for an authenticated client, and
returns None when what it was decided on has changed, so that it is decided again.
"""
