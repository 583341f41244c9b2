"""Credentials that this server hands out: what each begins with, the hash it is stored as, how one is recognised in a text.

A prefix tells a secret that was leaked from a random text: scanners of repositories find it, and so does `redacted`.
"""

import hashlib
import re

CLIENT_SECRET = "varco-secret."  # noqa: S105 - the prefix of secrets, and none itself
EARLIER_CLIENT_SECRET = "vs."  # noqa: S105 - of those made before there was a checksum; they go on working
AUTHORIZATION_CODE = "vac."
REFRESH_TOKEN = "vrt."  # noqa: S105
DEVICE_CODE = "vdc."
INVITATION = "vin."
REGISTRATION = "vra."
ADDRESS_UNDO = "vau."

REDACTED = "[redacted]"

_ALL = (
    CLIENT_SECRET,
    EARLIER_CLIENT_SECRET,
    AUTHORIZATION_CODE,
    REFRESH_TOKEN,
    DEVICE_CODE,
    INVITATION,
    REGISTRATION,
    ADDRESS_UNDO,
)
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


_CHECKSUM_CHARS = 8
_CHECKED_SECRET = re.compile(rf"{re.escape(CLIENT_SECRET)}[A-Za-z0-9_-]{{43}}\.[0-9a-f]{{{_CHECKSUM_CHARS}}}", re.ASCII)


def client_secret(random_part: str) -> str:
    """A `client_secret` around 256 random bits in base64url: prefix, those, and a checksum that scanners can verify."""
    text = CLIENT_SECRET + random_part
    return f"{text}.{hash_of(text)[:_CHECKSUM_CHARS]}"


def is_client_secret(text: str) -> bool:
    """Whether a text is a `client_secret` with its checksum: one that this product made, of whatever installation.

    The checksum is the beginning of the SHA-256 of all that stands before its dot. It opens nothing and is no proof: it
    keeps a scanner of repositories from reporting what only looks like one.
    """
    body, _, checksum = text.rpartition(".")
    return bool(_CHECKED_SECRET.fullmatch(text)) and hash_of(body)[:_CHECKSUM_CHARS] == checksum


def redacted(text: str) -> str:
    """The text with every token, code, secret and JWT replaced: somebody may have sent one in the wrong place."""
    text = _CREDENTIAL.sub(REDACTED, text)
    return _LINK.sub(rf"\1{REDACTED}", text) if "account" in text else text


def key_id(key: bytes) -> str:
    """The short public name of a derived key: tells which one to try, and nothing about it."""
    return hashlib.sha256(b"varco/key-id|" + key).hexdigest()[:8]
