"""Device authorization (RFC 8628): a device without browser asks, a person approves elsewhere, the device polls."""

import base64
import hashlib
import hmac
import re
from collections.abc import Collection
from enum import StrEnum
from typing import Any

import msgspec

from varco.protocol import authorization_request, pkce, resource_indicators
from varco.protocol.client import DEVICE_CODE, Client
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError, invalid_grant, unauthorized_client
from varco.protocol.grant import GrantRecord, GrantState, check_eligibility
from varco.protocol.parameters import Parameters
from varco.protocol.scope import Scopes
from varco.protocol.token_request import DeviceCodeRequest

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
"""No vowels, so that no words come out; no digits, which look like letters (§6.1)."""

USER_CODE_LENGTH = 8
USER_CODES = len(LETTERS) ** USER_CODE_LENGTH
"""How many there are: 34 bits, enough for a short life and a limited number of tries (§5.1)."""

USER_CODE_KEY = "user-code"
"""Purpose of the key under which user codes are stored (`varco.sealing.derive`)."""

LIFETIME = 600
INTERVAL = 5
"""Seconds a device code lives, and seconds between polls (§3.2)."""

SLOWER = 5
"""Seconds the interval grows by when a device polls too fast (§3.5)."""

DUPLICATE = 60
"""Seconds after its tokens were given in which a device's further poll is taken for one that was under way already."""

_TOLERANCE_MS = 500
_PUNCTUATION = re.compile(r"[^A-Za-z0-9]+")


class DeviceAuthorization(msgspec.Struct, frozen=True, kw_only=True):
    """What a device asks for, fixed from then on. A `code_challenge` is an S256 one."""

    scope: Scopes
    code_challenge: str = ""
    resource: tuple[str, ...] = ()


class DeviceState(StrEnum):
    """Where a device request stands: `pending → approved → redeemed`, or `denied`; also over when it expires."""

    PENDING = "pending"
    APPROVED = "approved"
    DENIED = "denied"
    REDEEMED = "redeemed"


class DeviceRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A stored device request.

    `expires_at` in seconds; `polled_at`, the last poll that counted, in ms: of a redeemed one, when its tokens were given.
    """

    application_id: int
    state: str
    expires_at: int
    interval: int = INTERVAL
    polled_at: int = 0
    code_challenge: str = ""
    dpop_jkt: str = ""
    grant_id: int = 0


def parse(
    parameters: Parameters,
    client: Client,
    catalog_scopes: Collection[str],
    *,
    audiences: Collection[str] | None = None,
) -> DeviceAuthorization:
    """The request of a device (§3.1). Raises `OAuthError`: unauthorized_client, invalid_scope, invalid_request, invalid_target."""
    if DEVICE_CODE not in client.grant_types:
        raise unauthorized_client(
            "This application is not registered for the device flow.",
            rule="RFC 8628 §3.1 unauthorized_client",
            received=DEVICE_CODE,
            expected=", ".join(sorted(client.grant_types)),
        )
    challenge, method = parameters.get("code_challenge", ""), parameters.get("code_challenge_method", "")
    pkce.check_challenge(challenge, method, required=False)
    resources = parameters.all("resource")
    if audiences is not None:
        resource_indicators.check(resources, audiences)
    return DeviceAuthorization(
        scope=authorization_request.requested_scope(parameters.get("scope", ""), client, catalog_scopes),
        code_challenge=challenge,
        resource=resources,
    )


def user_code(number: int) -> str:
    """The user code of a random number below `USER_CODES`: eight letters."""
    letters = []
    for _ in range(USER_CODE_LENGTH):
        number, letter = divmod(number, len(LETTERS))
        letters.append(LETTERS[letter])
    return "".join(letters)


def stored_user_code(key: bytes, code: str) -> str:
    """What a device's request is stored under: 96 bits of a keyed hash, since so few codes could all be tried with a plain one."""
    return base64.urlsafe_b64encode(hmac.digest(key, code.encode(), hashlib.sha256)[:12]).decode()


def formatted_user_code(code: str) -> str:
    """A user code as people read it: `XXXX-XXXX`."""
    return f"{code[:4]}-{code[4:]}"


def normalized_user_code(text: str) -> str | None:
    """The user code somebody typed, whatever its case and punctuation (§6.1); None if it can be none."""
    code = _PUNCTUATION.sub("", text).upper() if len(text) <= 64 else ""
    return code if len(code) == USER_CODE_LENGTH and set(code) <= set(LETTERS) else None


def response(device_code: str, code: str, *, issuer: str) -> dict[str, Any]:
    """The answer to a device's request (§3.2)."""
    return {
        "device_code": device_code,
        "user_code": formatted_user_code(code),
        "verification_uri": f"{issuer}/device",
        "verification_uri_complete": complete_uri(code, issuer=issuer),
        "expires_in": LIFETIME,
        "interval": INTERVAL,
    }


def complete_uri(code: str, *, issuer: str) -> str:
    """The address of the device page that brings its code along (§3.3.1)."""
    return f"{issuer}/device?user_code={formatted_user_code(code)}"


def next_interval(record: DeviceRecord, now_ms: int) -> int:
    """The interval from this poll on (§3.5): longer after one that came too early. The caller stores it with `polled_at`."""
    return record.interval + SLOWER if _too_early(record, now_ms) else record.interval


def _too_early(record: DeviceRecord, now_ms: int) -> bool:
    return record.state == DeviceState.PENDING and now_ms - record.polled_at < record.interval * 1000 - _TOLERANCE_MS


def unknown_device_code(received: str = "an unknown device code") -> OAuthError:
    """The error for a device code that was not issued here to this client."""
    return invalid_grant(
        "The device code is not valid.",
        rule="RFC 8628 §3.5 device code",
        received=received,
        expected="a device code issued to this client",
    )


def check_poll(request: DeviceCodeRequest, client: Client, record: DeviceRecord, now_ms: int) -> None:
    """Whether a device gets its tokens now (§3.5). Returns when the request is approved and unused.

    Raises `OAuthError`: invalid_grant, expired_token, access_denied, slow_down, authorization_pending.
    """
    if record.application_id != client.application_id:
        raise unknown_device_code("a device code of another client")
    pkce.verify(record.code_challenge, pkce.S256, request.code_verifier)
    if record.dpop_jkt and request.dpop_jkt != record.dpop_jkt:
        raise invalid_grant(
            "The device code was asked for with a DPoP key: send a DPoP proof made with that key.",
            rule="RFC 9449 §5 device code",
            received=request.dpop_jkt or "no DPoP proof",
            expected=record.dpop_jkt,
        )
    if record.state == DeviceState.REDEEMED:
        raise _used_before(record, now_ms)
    if record.state == DeviceState.DENIED:
        raise _poll_error("access_denied", "The person refused.", "refused", Fixer.PERSON)
    now = now_ms // 1000
    if record.expires_at <= now:
        raise _poll_error(
            "expired_token",
            "The device code has expired. Start again with a new one.",
            f"expired {now - record.expires_at} s ago",
            Fixer.RETRY,
        )
    if record.state == DeviceState.APPROVED:
        return
    if _too_early(record, now_ms):
        raise _poll_error(
            "slow_down",
            f"Poll more slowly: wait {record.interval + SLOWER} seconds between requests from now on.",
            f"a poll {now_ms - record.polled_at} ms after the last",
            Fixer.DEVELOPER,
        )
    raise _poll_error("authorization_pending", "The person has not answered yet.", "no answer yet", Fixer.RETRY)


def _used_before(record: DeviceRecord, now_ms: int) -> OAuthError:
    """A device code gives tokens once; whether one that comes back ends them depends on when it does.

    An authorization code passes through a browser, so a second one means that somebody read it there (RFC 9700 §4.2.4). A
    device code is known to the device alone, and RFC 8628 §3.5 tells it to poll again when a connection times out: a poll
    that overtook another, or one sent again by an impatient client, must not end what the device just got. It gets no
    tokens either: whoever did not receive them starts again, so that at no moment two answers hold the same access. Long
    after, no poll is under way any more: whoever asks then never got the tokens, and the one who did should not have.
    """
    age_ms = now_ms - record.polled_at
    if age_ms <= DUPLICATE * 1000:
        return invalid_grant(
            "The device code was used a moment ago, and its tokens were given in that answer. If it was lost, start again "
            "with a new device code.",
            rule="RFC 8628 §3.5 device code used",
            received=f"a device code used {age_ms} ms ago",
            expected="a device code used once",
        )
    return invalid_grant(
        "The device code was used before. All access given for it has been ended; the person has to approve again.",
        rule="RFC 8628 §3.5 device code replay",
        received=f"a device code used {age_ms // 1000} s ago",
        expected="a device code used once",
        effects=(EndGrant(record.grant_id, EndReason.CODE_REPLAYED),),
    )


def check_grant(record: GrantRecord, now: int) -> None:
    """Whether what the person approved still stands when the device polls (epoch seconds). Raises `OAuthError`."""
    if record.state == GrantState.ENDED:
        raise _poll_error(
            "access_denied",
            "The person has taken back what they had approved.",
            f"grant ended: {record.end_reason}",
            Fixer.PERSON,
        )
    check_eligibility(record, now)


def _poll_error(error: str, description: str, received: str, fixer: Fixer) -> OAuthError:
    return OAuthError(
        error,
        description,
        rule=f"RFC 8628 §3.5 {error}",
        fixer=fixer,
        received=received,
        expected="an approved request",
    )
