"""What names a grant, and the code that redeems it; no Django here, for the gate makes grants too."""

import secrets

from varco.protocol import credentials


def new_grant_id() -> int:
    """A random positive 63-bit id, so that the `gid` in a token tells nothing about how many there are."""
    return secrets.randbits(62) | (1 << 62)


def new_code() -> str:
    """The text of an authorization code: 256 random bits. It is stored as a hash only."""
    return credentials.AUTHORIZATION_CODE + secrets.token_urlsafe(32)
