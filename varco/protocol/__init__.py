"""Pure OAuth 2 and OpenID Connect decisions: no I/O, no framework, no clock and no randomness of its own."""
