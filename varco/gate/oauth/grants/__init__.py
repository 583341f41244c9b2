"""The grants of the token endpoint, a file a grant type, and what they share.

Each is a function of the typed token request and the authenticated client: it reads the grant's row, lets the rules of
`varco.protocol` decide, signs the tokens (`tokens`), and makes its one conditional write, so that of many at the same moment
one succeeds. It returns the response, None when it must be decided again, or raises `OAuthError`.
"""
