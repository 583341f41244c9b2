"""JSON object signing and encryption, as far as it is used here: signatures (RFC 7515), keys (RFC 7517), JWTs (RFC 7519).

Two kinds of token, never mixed: `own_jwt` signs and verifies what this server issues, on the hot path, by the exact text of
its header; `client_jwt` takes apart what clients sign (assertions, DPoP proofs) before any key is touched. `jwk` makes,
stores and publishes our keys; `client_jwk` says which key of a client is accepted. `algorithms` lists what is signed with,
`key_schedule` says which of our keys signs when, `base64url` has one text for one sequence of bytes.

Why there is no JOSE library: docs/decisions/0016-foreign-jwts.md.
"""
