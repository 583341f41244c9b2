"""A registered client as the protocol sees it: what is approved and in force, and its live secrets."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

AUTHORIZATION_CODE = "authorization_code"
REFRESH_TOKEN = "refresh_token"  # noqa: S105 - the name of a grant type
DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"


class AuthMethod(StrEnum):
    """How a client authenticates at the token endpoint and its kin (RFC 7591 §2, OpenID Connect Core §9).

    `SECRET` is of registrations alone: the secret comes by HTTP Basic or in the body, as the client likes (RFC 6749 §2.3.1).
    """

    NONE = "none"
    SECRET = "client_secret"  # noqa: S105 - the name of a method
    BASIC = "client_secret_basic"
    POST = "client_secret_post"
    PRIVATE_KEY_JWT = "private_key_jwt"


_NONE, _SECRET = (
    AuthMethod.NONE,
    AuthMethod.SECRET,
)  # asked of every request: an enum's attribute costs three times a global name
_EITHER = (AuthMethod.BASIC, AuthMethod.POST)

SECRET_METHODS = frozenset({AuthMethod.SECRET, AuthMethod.BASIC, AuthMethod.POST})
"""Registered methods, and methods of requests, that need a client secret."""

PUBLIC_TYPES = frozenset({"spa", "native", "device"})
"""Types of application that cannot keep a secret unless they authenticate all the same (RFC 6749 §2.1)."""


class SecretRecord(msgspec.Struct, frozen=True):
    """A client secret that is not revoked: the SHA-256 of its text (hexadecimal) and its end (epoch seconds, None: never)."""

    id: int
    digest: str
    expires_at: int | None


class ScopeRule(msgspec.Struct, frozen=True):
    """A scope of the revision in force, whether the application needs it, and the developer's reason."""

    name: str
    required: bool
    reason: str
    reason_it: str = ""


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One application under its live revision."""

    application_id: int
    client_id: str
    name: str
    state: str
    version: int
    type: str
    environment: str
    acts_by_itself: bool
    grant_types: frozenset[str]
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    scopes: dict[str, ScopeRule]
    claims: frozenset[str]
    profile: str
    auth_method: str
    id_token_alg: str
    userinfo_alg: str
    pkce_required: bool
    nonce_instead: bool
    jwks: dict[str, Any] | None
    jwks_uri: str
    token_endpoint_audience: bool
    secrets: tuple[SecretRecord, ...]
    overlap_method: str
    overlap_until: int

    @property
    def confidential(self) -> bool:
        """Whether it authenticates at the token endpoint (RFC 6749 §2.1)."""
        return self.auth_method != _NONE

    @property
    def accepted_methods(self) -> tuple[str, ...]:
        """The methods of authentication that a request may use (RFC 7591 §2 token_endpoint_auth_method)."""
        return _EITHER if self.auth_method == _SECRET else (self.auth_method,)

    def still_takes(self, method: str, now: int) -> bool:
        """Whether it may use a secret yet, because it moved to keys of its own a short while ago; never under FAPI."""
        if now >= self.overlap_until or self.auth_method != AuthMethod.PRIVATE_KEY_JWT or self.fapi:
            return False
        return method in (_EITHER if self.overlap_method == _SECRET else (self.overlap_method,))

    @property
    def usable(self) -> bool:
        """Whether the application is in force: approved, not suspended, not retired."""
        return self.state == "active"

    @property
    def fapi(self) -> bool:
        """Whether the FAPI 2.0 Security Profile applies to it."""
        return self.profile == "fapi2"


def from_record(record: Mapping[str, Any]) -> Client:
    """The client of one joined row of application, live revision and secrets.

    JSON columns may come as text (as SQLite and asyncpg give them) or already decoded. `pkce_required` can only be
    switched off for a confidential client outside FAPI (RFC 9700 §2.1.1, FAPI 2.0 §5.3.2.2); nor can another send `nonce`
    instead, whatever its registration says.
    """
    auth_method = record["token_endpoint_auth_method"]
    profile = record["profile"] or ""
    return Client(
        application_id=record["application_id"],
        client_id=record["client_id"],
        name=record["name"],
        state=record["application_state"],
        version=record["version"],
        type=record["type"],
        environment=record["environment"],
        acts_by_itself=bool(record["acts_by_itself"]),
        grant_types=frozenset(_decoded(record["grant_types"]) or ()),
        redirect_uris=tuple(_decoded(record["redirect_uris"]) or ()),
        post_logout_redirect_uris=tuple(_decoded(record["post_logout_redirect_uris"]) or ()),
        scopes=_scopes(_decoded(record["scopes"]) or ()),
        claims=frozenset(_decoded(record["claims"]) or ()),
        profile=profile,
        auth_method=auth_method,
        id_token_alg=record["id_token_alg"],
        userinfo_alg=record["userinfo_alg"] or "",
        pkce_required=bool(record["pkce_required"]) or auth_method == AuthMethod.NONE or profile == "fapi2",
        nonce_instead=bool(record["pkce_exception"]) and auth_method != AuthMethod.NONE and profile != "fapi2",
        jwks=_decoded(record["jwks"]) or None,
        jwks_uri=record["jwks_uri"] or "",
        token_endpoint_audience=bool(record["token_endpoint_audience"]) and profile != "fapi2",
        secrets=tuple(SecretRecord(int(id_), digest, expires_at) for id_, digest, expires_at in record["secrets"]),
        overlap_method=record["overlap_method"] or "",
        overlap_until=record["overlap_until"] or 0,
    )


def _decoded(value: Any) -> Any:
    return msgspec.json.decode(value) if isinstance(value, str | bytes) else value


def _scopes(listed: Iterable[Mapping[str, Any]]) -> dict[str, ScopeRule]:
    return {
        item["name"]: ScopeRule(
            item["name"],
            bool(item.get("required", False)),
            str(item.get("reason", "")),
            str(item.get("reason_it", "")),
        )
        for item in listed
    }
