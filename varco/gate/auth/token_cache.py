"""Access tokens of ours, read: what one says once its signature was found right.

A signature costs more to verify than the rest of a request, so it is verified once, and that it was right is remembered by the
SHA-256 of the token; of those used most recently the claims are remembered too. Whether a token is still good is asked of every
request anew; nothing of that is remembered here.
"""

import hashlib
from typing import Generic, TypeVar

from varco.gate.auth.keyring import Keyring
from varco.protocol.access_token import AccessClaims, decode_access
from varco.protocol.jose.own_jwt import verified_payload

# What an entry takes, its key and its place in a dict included: measured, and held to by a test.
CLAIMS_BYTES, DIGEST_BYTES = 1000, 100

Key = TypeVar("Key")
Value = TypeVar("Value")


class RecentlyUsed(Generic[Key, Value]):
    """At most `limit` entries, of which the half used most recently is always there.

    In two generations: what is used lives in the young one, and when that is full it becomes the old one, whose entries are
    forgotten unless they were used again. A hit among the young costs one look and moves nothing.
    """

    __slots__ = ("_half", "_old", "_young")

    def __init__(self, limit: int) -> None:
        self._half = max(1, limit // 2)
        self._young: dict[Key, Value] = {}
        self._old: dict[Key, Value] = {}

    def get(self, key: Key) -> Value | None:
        """The value of a key, which counts as used."""
        value = self._young.get(key)
        if value is None:
            value = self._old.pop(key, None)
            if value is not None:
                self.put(key, value)
        return value

    def put(self, key: Key, value: Value) -> None:
        """Remember a value."""
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def clear(self) -> None:
        """Forget everything."""
        self._young, self._old = {}, {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)


class AccessTokenCache:
    """Reads tokens for every endpoint of one gate, remembering in `memory` bytes: half for claims, half for signatures."""

    def __init__(self, keyring: Keyring, memory: int) -> None:
        self._keyring = keyring
        self._claims: RecentlyUsed[bytes, AccessClaims] = RecentlyUsed(memory // 2 // CLAIMS_BYTES)
        self._verified: RecentlyUsed[bytes, bool] = RecentlyUsed(memory // 2 // DIGEST_BYTES)
        self._generation = 0

    async def claims(self, token: str, now_ms: int) -> AccessClaims:
        """The claims of a token that a current key of ours signed. Raises `OAuthError` (invalid_token, 401).

        Its issuer, audience and expiry are not looked at: that is `check_access`, and the caller's to do.
        """
        if self._keyring.generation != self._generation:  # a key verifies no more, and nothing that it signed
            self._claims.clear()
            self._verified.clear()
            self._generation = self._keyring.generation
        digest = hashlib.sha256(token.encode("ascii", "replace")).digest()
        claims = self._claims.get(digest)
        if claims is None:
            claims = await self._read(token, digest, now_ms)
            self._claims.put(digest, claims)
        return claims

    async def _read(self, token: str, digest: bytes, now_ms: int) -> AccessClaims:
        if self._verified.get(digest):
            return decode_access(verified_payload(token))
        claims = decode_access(await self._keyring.verify(token, now_ms))
        self._verified.put(digest, True)  # noqa: FBT003 - a mark, not a switch
        return claims
