"""private_key_jwt: a client proves itself with a JWT it signs (RFC 7523 §3, OpenID Connect Core §9, FAPI 2.0 §5.3.2.1)."""

import hashlib
from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from varco.protocol.client import Client
from varco.protocol.discovery import token_endpoint
from varco.protocol.errors import OAuthError, invalid_client
from varco.protocol.jose import client_jwt
from varco.protocol.jose.algorithms import ALGORITHMS, FAPI_ALGORITHMS

HEADER = frozenset({"alg", "kid", "typ", "cty", "x5t", "x5t#S256"})
TYPES = frozenset({"jwt", "client-authentication+jwt"})

LONGEST_LIFE = 3600
"""Seconds an assertion may still be good for: its `jti` is remembered that long."""

AHEAD = 30
BEHIND = 10
"""Seconds a client's clock may be ahead of ours, or an assertion late (FAPI 2.0 §5.3.2.1 asks for 10 ahead, less than 60)."""


class Verified(msgspec.Struct, frozen=True):
    """A verified assertion. The caller remembers `single_use` until `remember_until` and refuses a second one (§3 jti)."""

    client_id: str
    jti: str
    remember_until: int

    @property
    def single_use(self) -> str:
        """What to remember: a hash of its own kind, so that no other single-use value can stand in for it."""
        return hashlib.sha256(f"client-assertion|{self.client_id}|{self.jti}".encode()).hexdigest()


def has_key(assertion: str, jwks: Mapping[str, Any] | None) -> bool:
    """Whether a key set has a key that may have signed an assertion; if not, a fresh copy of the set is worth fetching.

    True for garbage, for which nothing needs to be fetched.
    """
    try:
        found = client_jwt.read(assertion, members=HEADER, algorithms=ALGORITHMS)
    except client_jwt.JwtError:
        return True
    return bool(client_jwt.candidates(found, jwks))


def audiences(client: Client, issuer: str) -> list[str]:
    """The values of `aud` that assertions of this client may have (RFC 7523 §3); the first is the better one."""
    return [issuer, token_endpoint(issuer)] if client.token_endpoint_audience else [issuer]


def verify(
    assertion: str,
    client: Client,
    *,
    issuer: str,
    now: int,
    jwks: Mapping[str, Any] | None = None,
) -> Verified:
    """Whether this client signed an assertion for this server, now (epoch seconds).

    `jwks` are the keys fetched from the client's `jwks_uri`; without, those by value.
    Raises `OAuthError` (invalid_client, 401).
    """
    allowed = FAPI_ALGORITHMS if client.fapi else ALGORITHMS
    try:
        found = client_jwt.read(assertion, members=HEADER, algorithms=allowed)
    except client_jwt.JwtError as fault:
        raise invalid_client(
            "The client assertion cannot be accepted.",
            rule="RFC 7523 §3 JWT",
            received=str(fault),
            expected=_good(allowed),
        ) from None
    _typ_is_right(found)
    _subject_is_the_client(found, client)
    _audience_is_this_server(found, client, issuer)
    remember_until = _times_are_right(found, now)
    jti = _single_use_id(found)
    # The signature last: everything above is cheap, and nothing above is kept when it fails.
    chosen = client_jwt.candidates(found, client.jwks if jwks is None else jwks)
    if not any(client_jwt.signed_by(found, key) for key in chosen):
        raise invalid_client(
            "The client assertion is not signed by a registered key of this application.",
            rule="RFC 7523 §3 signature",
            received=f"kid {found.kid or '(none)'}, {len(chosen)} registered keys of that kid and kind",
            expected="a signature by a registered key",
        )
    return Verified(client.client_id, jti, remember_until)


def _typ_is_right(found: client_jwt.UnverifiedJwt) -> None:
    """RFC 8725 §3.11: an access token, logout token or DPoP proof is no assertion."""
    typ = found.header.get("typ", "JWT")
    if not isinstance(typ, str) or typ.lower().removeprefix("application/") not in TYPES:
        raise invalid_client(
            "The client assertion has another type.", rule="RFC 8725 §3.11 typ", received=f"typ {typ}", expected="JWT"
        )


def _subject_is_the_client(found: client_jwt.UnverifiedJwt, client: Client) -> None:
    """RFC 7523 §3 (1), (2): the client speaks for itself."""
    for name in ("iss", "sub"):
        if found.claims.get(name) != client.client_id:
            raise invalid_client(
                f"{name} of the client assertion must be the client_id.",
                rule=f"RFC 7523 §3 {name}",
                received=str(found.claims.get(name, f"no {name}")),
                expected=client.client_id,
            )


def _audience_is_this_server(found: client_jwt.UnverifiedJwt, client: Client, issuer: str) -> None:
    """RFC 7523 §3 (3): the issuer, alone. An assertion that names another server too could be stolen there.

    The address of the token endpoint does only where the registration says so: a client that takes it from the metadata
    of a hostile server would sign for both. A list of one is taken for its one, except under FAPI (FAPI 2.0 §5.3.2.1:
    the issuer, as text).
    """
    audience = found.claims.get("aud")
    accepted = audiences(client, issuer)
    if isinstance(audience, list) and len(audience) == 1 and not client.fapi:
        audience = audience[0]
    if audience not in accepted:
        raise invalid_client(
            "aud of the client assertion must be the issuer of this server, alone; the address of the token endpoint will do "
            "only for an application that is registered so, and never under FAPI.",
            rule="RFC 7523 §3 aud",
            received=str(audience),
            expected=" or ".join(accepted),
        )


def _times_are_right(found: client_jwt.UnverifiedJwt, now: int) -> int:
    """RFC 7523 §3 (4)-(6). Returns until when the `jti` must be remembered."""
    claims = found.claims
    exp = client_jwt.number(claims.get("exp"))
    if exp is None or exp <= now - BEHIND:
        late = "no exp" if exp is None else f"expired {int(now - exp)} s ago"
        raise invalid_client(
            "The client assertion has expired, or has no exp.",
            rule="RFC 7523 §3 exp",
            received=late,
            expected="exp in the future",
        )
    if exp > now + LONGEST_LIFE + AHEAD:
        raise invalid_client(
            "exp of the client assertion is too far in the future. Make a new assertion for every request.",
            rule="RFC 7523 §3 exp",
            received=f"{int(min(exp, 1e15) - now)} s from now",
            expected=f"at most {LONGEST_LIFE} s",
        )
    for name in ("nbf", "iat"):
        value = client_jwt.number(claims.get(name, 0))
        if value is None or value > now + AHEAD:
            raise invalid_client(
                f"{name} of the client assertion is in the future. Check the clock of your server.",
                rule=f"RFC 7523 §3 {name}",
                received=f"{name} {claims.get(name)}, {now} here",
                expected=f"at most {AHEAD} s ahead",
            )
    return int(exp) + BEHIND + 1


def _single_use_id(found: client_jwt.UnverifiedJwt) -> str:
    """RFC 7523 §3 (7), OpenID Connect Core §9: required, so that an assertion is used once."""
    jti = found.claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= 256:
        raise invalid_client(
            "The client assertion needs a jti: a new random text for every assertion.",
            rule="RFC 7523 §3 jti",
            received="no jti" if jti is None else "a jti that is no text of 1 to 256 characters",
            expected="a jti",
        )
    return jti


def used_before() -> OAuthError:
    """The refusal of an assertion whose `jti` is remembered."""
    return invalid_client(
        "This client assertion was used before. Make a new one, with a new jti, for every request.",
        rule="RFC 7523 §3 jti",
        received="a jti used before",
        expected="a new jti",
    )


def _good(allowed: Collection[str]) -> str:
    return f"a JWT signed with {', '.join(sorted(allowed))}, whose header holds alg, kid and typ"
