"""The one error of the protocol, and a constructor for each of its codes.

`OAuthError` has a public half that goes to the client and a private half that goes to the log of refused requests. Rules
raise it by the constructors below, which are named as the codes of their specifications; a code that is raised in one place
alone has none. What belongs to HTTP rather than OAuth has its constructors in `varco.gate.errors`.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypedDict, Unpack

import msgspec

from varco.protocol.credentials import redacted

Headers = tuple[tuple[bytes, bytes], ...]

# RFC 6749 §5.2: error_description = *( %x20-21 / %x23-5B / %x5D-7E ), so neither quotation mark nor backslash.
_OUTSIDE = re.compile(r"[^\x20-\x21\x23-\x5b\x5d-\x7e]")
_REPLACED = {'"': "'", "\\": "/", "“": "'", "”": "'", "’": "'", "–": "-", "—": "-", "…": "..."}

HELP = "/help/unsupported"
"""Path of the page that says why some things are left out on purpose, each under an anchor of its own."""

HELP_REQUESTS = "/help/requests"
"""Path below which each refused request has a page, by its request id."""

STORED_LIMIT = 500
"""Characters kept of a text of a request: enough to see the fault, too few to fill the log."""


class Fixer(StrEnum):
    """Who can put it right."""

    DEVELOPER = "developer"
    PERSON = "person"
    MANAGER = "manager"
    ADMINISTRATOR = "administrator"
    RETRY = "retry"


class EndReason(StrEnum):
    """Why a grant ended."""

    CODE_REPLAYED = "code_replayed"
    REFRESH_REUSED = "refresh_reused"
    REVOKED = "revoked"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    SESSION_ENDED = "session_ended"
    ACCOUNT_DEACTIVATED = "account_deactivated"
    ACCOUNT_CLOSED = "account_closed"
    MEMBERSHIP_ENDED = "membership_ended"


class EndGrant(msgspec.Struct, frozen=True):
    """An effect of an error: the caller ends this grant *and* still answers the error."""

    grant_id: int
    reason: EndReason


def describable(text: str) -> str:
    """The text with every character replaced that an `error_description` may not carry (RFC 6749 §5.2)."""
    return _OUTSIDE.sub(lambda found: _REPLACED.get(found[0], "?"), text)


def storable(text: str, limit: int = STORED_LIMIT) -> str:
    """What may be stored or logged of any text of a request: without credentials, its beginning, and as both engines keep it.

    Neither keeps a NUL, or what is not Unicode. Of what is longer than `limit` characters the length is told.
    """
    text = redacted(text)
    if len(text) > limit:
        text = f"{text[:limit]}… ({len(text)} characters)"
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


class OAuthError(Exception):
    """A request that is refused, and everything its answer and its log row need.

    Public: `error` (a registered code), `description` (what happened and what to do), `status` (HTTP, where the answer is
    not a redirect), `headers` of that answer, `extra` members of its JSON (on the API), and for what is left out on purpose
    `why`, the anchor on the page `HELP`. Private: `fixer`, `rule` (what refused, with the section of its source), `received`
    and `expected`, which never hold secrets, codes or tokens. `effects` are carried out whatever the answer.
    """

    def __init__(
        self,
        error: str,
        description: str,
        *,
        rule: str,
        received: str = "",
        expected: str = "",
        status: int = 400,
        fixer: Fixer = Fixer.DEVELOPER,
        effects: tuple[EndGrant, ...] = (),
        why: str = "",
        headers: Headers = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{error}: {description}")
        self.error = error
        self.description = describable(description)
        self.rule = rule
        self.received = storable(received)
        self.expected = storable(expected)
        self.status = status
        self.fixer = fixer
        self.effects = effects
        self.why = why
        self.headers = headers
        self.extra = extra or {}

    def public(self, issuer: str, request_id: str = "") -> dict[str, str]:
        """The members of an OAuth error response (RFC 6749 §4.1.2.1, §5.2).

        Its `error_uri` leads to why something is left out on purpose, else to the page of the request in the log of refused
        requests; where the log has none, `request_id` is empty, and it leads to what the code means.
        """
        members = {"error": self.error, "error_description": self.description}
        if self.why:
            members["error_uri"] = f"{issuer}{HELP}#{self.why}"
        elif request_id:
            members["error_uri"] = help_address(issuer, request_id)
        else:
            members["error_uri"] = meaning_address(issuer, self.error)
        return members


def help_address(issuer: str, request_id: str) -> str:
    """The address of the page of a refused request."""
    return f"{issuer}{HELP_REQUESTS}/{request_id}"


def meaning_address(issuer: str, error: str) -> str:
    """The address of the page of an error code."""
    return f"{issuer}/docs/errors/{error}/"


class Details(TypedDict, total=False):
    """What every constructor takes besides the description and the rule, as `OAuthError` does."""

    received: str
    expected: str
    fixer: Fixer
    effects: tuple[EndGrant, ...]
    why: str
    headers: Headers
    extra: Mapping[str, Any]


def invalid_request(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """A request that is malformed, or lacks a parameter (RFC 6749 §4.1.2.1, §5.2)."""
    return OAuthError("invalid_request", description, rule=rule, **details)


def invalid_client(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """A client that did not authenticate (RFC 6749 §5.2); status 401."""
    return OAuthError("invalid_client", description, rule=rule, status=401, **details)


def invalid_grant(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """A code or refresh token that is not valid, or not this client's (RFC 6749 §5.2)."""
    return OAuthError("invalid_grant", description, rule=rule, **details)


def unauthorized_client(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """A client that may not make this request at all (RFC 6749 §4.1.2.1, §5.2)."""
    return OAuthError("unauthorized_client", description, rule=rule, **details)


def invalid_scope(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """A scope that is malformed or goes too far (RFC 6749 §4.1.2.1, §5.2)."""
    return OAuthError("invalid_scope", description, rule=rule, **details)


def access_denied(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """What the person, or a rule about them, refused (RFC 6749 §4.1.2.1)."""
    return OAuthError("access_denied", description, rule=rule, **details)


def invalid_token(description: str, *, rule: str, **details: Unpack[Details]) -> OAuthError:
    """An access token that is expired, revoked or malformed (RFC 6750 §3.1); status 401."""
    return OAuthError("invalid_token", description, rule=rule, status=401, **details)


def insufficient_scope(description: str, *, rule: str, received: str, scope: str) -> OAuthError:
    """An access token without the scope that is needed, which the challenge names (RFC 6750 §3.1); status 403."""
    return OAuthError(
        "insufficient_scope",
        description,
        rule=rule,
        status=403,
        received=received,
        expected=scope,
        extra={"required": scope},
    )


def invalid_dpop_proof(description: str, *, rule: str, status: int = 400, **details: Unpack[Details]) -> OAuthError:
    """A DPoP proof that is not one for this request (RFC 9449 §5, §7.1); `status` is 401 where a resource refuses it."""
    return OAuthError("invalid_dpop_proof", description, rule=rule, status=status, **details)
