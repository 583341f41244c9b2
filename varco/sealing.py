"""Keys derived from the master key, and sealing of what must be stored but never read (S37).

Each purpose has its own key (HKDF-SHA256, RFC 5869), so one can never be used as another. The first master key seals and
signs; the others still open and verify, which is how a master key is replaced.
"""

import functools
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class SealError(ValueError):
    """Sealed data was made under another key, or altered."""


@functools.lru_cache(maxsize=64)
def derive(master: bytes, purpose: str) -> bytes:
    """The 32-byte key of a purpose."""
    return HKDF(SHA256(), 32, None, f"varco/{purpose}".encode()).derive(master)


def seal(masters: tuple[bytes, ...], purpose: str, plain: bytes, context: bytes = b"") -> bytes:
    """Encrypt and authenticate (AES-256-GCM) under the first master key; `context` must be given again to open."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(derive(masters[0], purpose)).encrypt(nonce, plain, context)


def opened_by(masters: tuple[bytes, ...], purpose: str, sealed: bytes, context: bytes = b"") -> int | None:
    """The place of the master key that opens this, None if none does."""
    for place, master in enumerate(masters):
        try:
            open_sealed((master,), purpose, sealed, context)
        except SealError:
            continue
        return place
    return None


def open_sealed(masters: tuple[bytes, ...], purpose: str, sealed: bytes, context: bytes = b"") -> bytes:
    """Decrypt what `seal` made. Raises `SealError`."""
    for master in masters:
        try:
            return AESGCM(derive(master, purpose)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context)
        except (InvalidTag, ValueError):
            continue
    raise SealError(f"sealed {purpose} does not open under any master key")
