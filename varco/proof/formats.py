"""What is signed: heads of chains and packs. No Django here, so that a pack is checked where nothing is installed."""

import msgspec

ALGORITHM = "ES256"
"""What heads and packs are signed with."""

HEAD = "varco-head+jwt"
PACK = "varco-pack+jwt"
"""The type in the header of each."""


class HeadClaims(msgspec.Struct, frozen=True):
    """A head: the issuer, when (epoch seconds), the stream, the place, and the digest of its row in hexadecimal."""

    iss: str
    iat: int
    stream: str
    seq: int
    digest: str
    kind: str


class PackClaims(msgspec.Struct, frozen=True):
    """A pack: the issuer, when (epoch seconds), the SHA-256 of all lines before the last, the number of rows, and what it is about."""

    iss: str
    iat: int
    sha256: str
    rows: int
    about: dict[str, str]
