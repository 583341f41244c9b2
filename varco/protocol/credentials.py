"""Credentials that this server hands out: what each begins with, the hash it is stored as, how one is recognised in a text.

A prefix tells a secret that was leaked from a random text: scanners of repositories find it, and so does `redacted`.
"""

import hashlib
import re

CLIENT_SECRET = "vs."  # noqa: S105 - the prefix of secrets, and none itself
AUTHORIZATION_CODE = "vac."
REFRESH_TOKEN = "vrt."  # noqa: S105
DEVICE_CODE = "vdc."
INVITATION = "vin."
REGISTRATION = "vra."
ADDRESS_UNDO = "vau."

REDACTED = "[redacted]"

_ALL = (CLIENT_SECRET, AUTHORIZATION_CODE, REFRESH_TOKEN, DEVICE_CODE, INVITATION, REGISTRATION, ADDRESS_UNDO)
_PREFIXES = "|".join(re.escape(prefix) for prefix in _ALL)
# What is signed here is a JWT, and the first segment of one begins with `{"`, in base64url `eyJ`.
_CREDENTIAL = re.compile(rf"\b(?:{_PREFIXES})[A-Za-z0-9._-]{{16,}}|\beyJ[A-Za-z0-9_-]{{16,}}[A-Za-z0-9._-]*")

# Links in mails hold what opens an account once. All that follows goes, whatever it consists of; slashes may be `%2F`, too.
SINGLE_USE_LINKS = ("/account/password/reset/key/", "/account/confirm-email/")
"""Paths whose rest is as good as a password while its link lasts; a test looks for those of the portal that lack here."""
_SLASH = r"(?:/|%2[Ff]){1,3}"
_LINK = re.compile(
    "(" + "|".join(_SLASH.join(map(re.escape, path.split("/"))) for path in SINGLE_USE_LINKS) + r")[^\s\"'<>]+",
    re.ASCII,
)


def hash_of(credential: str) -> str:
    """The SHA-256 of a credential, hexadecimal: all that is stored of one. It is random enough to need no salt."""
    return hashlib.sha256(credential.encode()).hexdigest()


def redacted(text: str) -> str:
    """The text with every token, code, secret and JWT replaced: somebody may have sent one in the wrong place."""
    text = _CREDENTIAL.sub(REDACTED, text)
    return _LINK.sub(rf"\1{REDACTED}", text) if "account" in text else text


def key_id(key: bytes) -> str:
    """The short public name of a derived key: tells which one to try, and nothing about it."""
    return hashlib.sha256(b"varco/key-id|" + key).hexdigest()[:8]
