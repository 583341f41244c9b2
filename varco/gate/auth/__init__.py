"""Who calls: client authentication at the OAuth endpoints, access tokens at the API and at userinfo.

`client_authentication` authenticates a client (`client_assertion` for `private_key_jwt`, with the keys of `jwks_fetch`),
counts its request, and lets the endpoint act; it begins with the client as `client_cache` keeps it, and goes on with the
client as it stands before anybody is refused. `bearer` finds the caller of an access token: `token_cache` remembers verified
signatures, `keyring` has the keys, and whether all a token stands on is alive is read for every request. `request_proof` is
the DPoP proof of a request, `replay` what makes proofs and assertions usable once.
"""
