"""Access tokens of ours, read: what one says once its signature was found right.

A signature costs more to verify than the rest of a request, so it is verified once and the claims are remembered by the
SHA-256 of the token. Whether a token is still good is asked of every request anew; nothing of that is remembered here.
"""

import hashlib

from varco.gate.auth.keyring import Keyring
from varco.protocol.tokens import AccessClaims, decode_access

REMEMBERED_LIMIT = 20_000
"""Most tokens remembered; beyond it the oldest half is forgotten."""


class AccessTokenCache:
    """Reads tokens for every endpoint of one gate."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._remembered: dict[bytes, AccessClaims] = {}
        self._generation = 0

    async def claims(self, token: str, now_ms: int) -> AccessClaims:
        """The claims of a token that a current key of ours signed. Raises `OAuthError` (invalid_token, 401).

        Its issuer, audience and expiry are not looked at: that is `check_access`, and the caller's to do.
        """
        if self._keyring.generation != self._generation:  # a key verifies no more, and nothing that it signed
            self._remembered.clear()
            self._generation = self._keyring.generation
        digest = hashlib.sha256(token.encode("ascii", "replace")).digest()
        claims = self._remembered.get(digest)
        if claims is None:
            claims = decode_access(await self._keyring.verify(token, now_ms))
            if len(self._remembered) >= REMEMBERED_LIMIT:
                for old in list(self._remembered)[: REMEMBERED_LIMIT // 2]:
                    del self._remembered[old]
            self._remembered[digest] = claims
        return claims
