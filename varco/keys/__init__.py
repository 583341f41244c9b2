"""Signing keys: what signs our tokens, what is published for checking them, and when one key follows another.

models.py     `SigningKey`: one row a key, its private part sealed under the master key.
queries.py    which key signs now and which next, what a token of ours is verified with, what is missing.
services.py   `ensure` (the upkeep), `rotate` and `revoke` (an operator): every change of the schedule, audited.

A key goes `next → active → retiring → gone`; when it does is arithmetic without a database, in
`varco.protocol.jose.key_schedule`. *Schedule*: the times of all keys of an algorithm. *Published*: it stands in the JWKS (RFC 7517), before it signs and until
its last token has expired. *Revoked*: gone at once, with all it signed. The gate reads the same rows with SQL of its own.
"""
