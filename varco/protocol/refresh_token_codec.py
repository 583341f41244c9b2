"""The text of a refresh token: `vrt.<kid>.<rid>.<n>.<mac>`, so that garbage dies before a grant is looked for.

`rid` (128 bits, hexadecimal) names the grant, `n` is the token's number in it, `mac` is HMAC-SHA256 over both and the
`client_id` it was issued to (RFC 6749 §10.4: bound to its client).
"""

import hashlib
import hmac
import re
from collections.abc import Sequence

from varco.protocol.jose import base64url

PREFIX = "vrt"

_TOKEN = re.compile(r"vrt\.([0-9a-f]{8})\.([0-9a-f]{32})\.([1-9][0-9]{0,17})\.([A-Za-z0-9_-]{43})")


class RefreshCodec:
    """Writes and reads refresh tokens under derived keys: the first signs, all verify."""

    __slots__ = ("_keys", "_kid")

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = {key_id(key): key for key in keys}
        self._kid = key_id(keys[0])

    def encode(self, rid: str, n: int, client_id: str) -> str:
        """The refresh token number `n` of the grant `rid`, for this client."""
        return self._text(self._kid, rid, str(n), client_id)

    def decode(self, token: str, client_id: str) -> tuple[str, int] | None:
        """(rid, n) of a token issued here to this client, None for anything else. Whether it is still valid only the row knows."""
        found = _TOKEN.fullmatch(token)
        if found is None or found[1] not in self._keys:
            return None
        kid, rid, n, _ = found.groups()
        # The texts are compared, so that one token has one spelling.
        return (rid, int(n)) if hmac.compare_digest(self._text(kid, rid, n, client_id), token) else None

    def _text(self, kid: str, rid: str, n: str, client_id: str) -> str:
        mac = hmac.digest(self._keys[kid], f"{rid}|{n}|{client_id}".encode(), "sha256")
        return f"vrt.{kid}.{rid}.{n}.{base64url.encode(mac)}"


def key_id(key: bytes) -> str:
    """The short public name of a derived key, as `varco.sealing.key_id` gives it."""
    return hashlib.sha256(b"varco/key-id|" + key).hexdigest()[:8]
