"""What a browser session is and says, without Django: the portal keeps sessions, the gate reads them.

A session stands under a hash of its cookie, and what it holds is sealed for this one row: `varco.portal.session_store`.
"""

import base64
import hashlib
import hmac
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from varco import sealing
from varco.protocol.claims import ONE_FACTOR, TWO_FACTORS

PURPOSE = "browser-session"
"""What the key is derived for that seals what a session holds."""

SEEN_EVERY = 300
"""Seconds between two notes of "last seen" in the list of sessions."""

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
"""What has signed a person in, as Django notes it."""

SIGNED_IN_AT, SID, SEEN = "varco_signed_in_ms", "varco_sid", "seen_at"
"""Keys of a session: when its person last proved who they are (epoch milliseconds), its name in ID tokens, when it was last seen (s)."""

_USER, _BACKEND, _PASSWORD = "_auth_user_id", "_auth_user_backend", "_auth_user_hash"  # Django's keys
_RECORDS, _RECORDS_OF = "account_authentication_methods", "account_authentication_methods_user"  # allauth's
_KEY_LENGTH = 40  # hexadecimal digits that the columns have room for: 160 bits of the hash
# RFC 8176. A passkey proves possession of a key; where the key is kept, nobody tells us.
_METHODS = {"password": "pwd", "totp": "otp", "recovery_codes": "otp", "webauthn": "pop"}


def session_cookie(*, https: bool) -> str:
    """The name of the cookie of a session."""
    return "__Host-varco_session" if https else "varco_session"


def browser_cookie(*, https: bool) -> str:
    """The name of the cookie by which the browser of an authorization request is known again."""
    return "__Host-varco_browser" if https else "varco_browser"


def key_of(cookie: str) -> str:
    """What a session is stored under, by its cookie."""
    return hashlib.sha256(cookie.encode("utf-8", "surrogateescape")).hexdigest()[:_KEY_LENGTH]


def sealed(masters: tuple[bytes, ...], key: str, held: Mapping[str, Any]) -> str:
    """What a session holds, as its row keeps it."""
    plain = zlib.compress(json.dumps(held, separators=(",", ":")).encode(), 1)
    return base64.b64encode(sealing.seal(masters, PURPOSE, plain, key.encode())).decode()


def opened(masters: tuple[bytes, ...], key: str, row: str | bytes) -> dict[str, Any]:
    """What a row holds; nothing, where it was sealed for another one or by an earlier version."""
    try:
        plain = sealing.open_sealed(masters, PURPOSE, base64.b64decode(row), key.encode())
    except ValueError:
        return {}
    held: dict[str, Any] = json.loads(zlib.decompress(plain))
    return held


def password_mark(encoded: str, secret: str) -> str:
    """What a session keeps of the password that it was begun with (its encoded hash), under Django's secret key.

    It binds to the hash's salt, which is new with every password that is set. The hash itself changes when it is upgraded, and
    nobody should be signed out by that. A password that cannot be used has no salt; it is random itself.
    """
    material = encoded if encoded.startswith("!") else _salt(encoded)
    key = hashlib.sha256(f"varco.accounts.session{secret}".encode()).digest()  # as Django's `salted_hmac` makes it
    return hmac.new(key, material.encode(), hashlib.sha256).hexdigest()


def _salt(encoded: str) -> str:
    """The salt of `argon2$argon2id$v=…$m=…,t=…,p=…$salt$hash`."""
    salt = encoded.split("$")[-2]
    return base64.b64decode(salt + "=" * (-len(salt) % 4)).decode("latin-1")


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an ID token says about a sign-in: when (epoch seconds), how well, by which means, in which browser session."""

    auth_time: int
    acr: str = ""
    amr: str = ""
    sid: str = ""


def signed_in_ms(held: Mapping[str, Any]) -> int:
    """Epoch milliseconds of the last time the person proved who they are; 0 if that is not known."""
    return int(held.get(SIGNED_IN_AT, 0))


def sign_in_of(held: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> SignIn:
    """What a session says about its sign-in, by the records of the steps that were taken."""
    listed = list(records)
    used = {_METHODS.get(str(record.get("type") or record.get("method")), "") for record in listed} - {""}
    # A passkey that signs in by itself has verified its owner, by a PIN or a finger: something one has, and another factor.
    several = len(used) > 1 or any(record.get("passwordless") for record in listed)
    amr = sorted(used | ({"mfa"} if several else set()))
    return SignIn(
        auth_time=signed_in_ms(held) // 1000,
        acr=TWO_FACTORS if several else ONE_FACTOR,
        amr=" ".join(amr),
        sid=str(held.get(SID, "")),
    )


def is_of(held: Mapping[str, Any], user_id: int, encoded: str, secret: str) -> bool:
    """Whether a session is this person's, under the password they have now and this secret key."""
    if held.get(_USER) != str(user_id) or held.get(_BACKEND) != BACKEND:
        return False
    return hmac.compare_digest(str(held.get(_PASSWORD, "")), password_mark(encoded, secret))


def records_of(held: Mapping[str, Any], user_id: int) -> list[dict[str, Any]]:
    """The records that a session has of the steps of somebody's sign-in."""
    records = held.get(_RECORDS) if held.get(_RECORDS_OF) == str(user_id) else None
    return records if isinstance(records, list) else []
