"""An authenticator app: the codes of RFC 6238 as every app makes them, of six digits and thirty seconds with SHA-1."""

import base64
import binascii
import hashlib
import hmac
import struct

NEW = "new"
"""In the place of a key: an app is to be set up."""
STEP = 30  # seconds


def is_key(text: str) -> bool:
    """Whether a text is a key in base32."""
    try:
        return len(_bytes(text)) >= 10
    except binascii.Error:
        return False


def code(key: str, now: float) -> str:
    """The code at a time (RFC 6238 §4.2, RFC 4226 §5.3)."""
    digest = hmac.new(_bytes(key), struct.pack(">Q", int(now) // STEP), hashlib.sha1).digest()
    start = digest[-1] & 0xF
    number = struct.unpack(">I", digest[start : start + 4])[0] & 0x7FFF_FFFF
    return f"{number % 1_000_000:06}"


def _bytes(key: str) -> bytes:
    plain = key.replace(" ", "").upper()
    return base64.b32decode(plain + "=" * (-len(plain) % 8))
