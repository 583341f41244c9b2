"""The endpoints of OAuth and OpenID, a file each.

Token, device authorization, pushed requests, revocation, introspection, userinfo, discovery, JWKS, and registration, which
is refused.

An endpoint parses its form, authenticates the client with `auth.client_authentication`, and acts. The token endpoint hands
on to the grant of the request's type in `grants/`. `token_lookup` finds the grant of a token that its client presents to
revocation or introspection.
"""
