"""What tokens and userinfo say (RFC 9068, OpenID Connect Core §2, §5.3) and the token response (RFC 6749 §5.1)."""

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec

from varco.protocol.claims import ID_TOKEN, USERINFO, Person, TenantFacts, claims_at
from varco.protocol.errors import Fixer, invalid_token
from varco.protocol.jose import base64url

_NOT_FOR_THIS_API = "The access token is not one for this API."

ACCESS_TYP = "at+jwt"
ID_TYP = "JWT"
USERINFO_TYP = "userinfo+jwt"
"""Of its own (RFC 8725 §3.11): a UserInfo answer has iss, sub and aud as ID tokens have, and must not pass for one."""


class AccessClaims(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The claims of an access token (RFC 9068 §2.2): `gid` is the grant, `tenant` the medical centre's public id."""

    iss: str
    sub: str
    aud: str
    exp: int
    iat: int
    jti: str
    client_id: str
    scope: str
    gid: str
    tenant: str
    cnf: dict[str, str] | None = None

    @property
    def jkt(self) -> str:
        """The thumbprint of the DPoP key it is bound to (RFC 9449 §6.1); empty for a bearer token."""
        return self.cnf.get("jkt", "") if self.cnf else ""


_access_encoder = msgspec.json.Encoder()
_access_decoder = msgspec.json.Decoder(AccessClaims)


def access_claims(
    *,
    issuer: str,
    audience: str,
    sub: str,
    client_id: str,
    scope: str,
    grant_id: int,
    tenant: str,
    jti: str,
    now: int,
    lifetime: int,
    dpop_jkt: str = "",
) -> AccessClaims:
    """The claims of a new access token, living `lifetime` seconds; bound to a DPoP key where there is one (RFC 9449 §6.1)."""
    return AccessClaims(
        iss=issuer,
        sub=sub,
        aud=audience,
        exp=now + lifetime,
        iat=now,
        jti=jti,
        client_id=client_id,
        scope=scope,
        gid=str(grant_id),
        tenant=tenant,
        cnf={"jkt": dpop_jkt} if dpop_jkt else None,
    )


def encode_access(claims: AccessClaims) -> bytes:
    """The claims as the JSON to sign."""
    return _access_encoder.encode(claims)


def decode_access(payload: bytes) -> AccessClaims:
    """The claims of a payload whose signature was verified. Raises `OAuthError` (invalid_token, 401)."""
    try:
        return _access_decoder.decode(payload)
    except (ValueError, RecursionError):  # UnicodeDecodeError is a ValueError, and so are all of msgspec's
        raise invalid_token(
            _NOT_FOR_THIS_API,
            rule="RFC 9068 §2.2",
            received="a payload without the claims of an access token",
            expected="an access token",
        ) from None


def check_access(claims: AccessClaims, *, issuer: str, audience: str, now: int) -> None:
    """Whether an access token is ours, for this API, and has not expired (RFC 9068 §4). Raises `OAuthError` (invalid_token, 401)."""
    if claims.iss != issuer:
        raise invalid_token(_NOT_FOR_THIS_API, rule="RFC 9068 §4 iss", received=f"issuer {claims.iss}", expected=issuer)
    if claims.aud != audience:
        raise invalid_token(
            _NOT_FOR_THIS_API, rule="RFC 9068 §4 aud", received=f"audience {claims.aud}", expected=audience
        )
    if claims.exp <= now:
        raise invalid_token(
            "The access token has expired. Get a new one with the refresh token, or ask the person to sign in again.",
            rule="RFC 9068 §4 exp",
            fixer=Fixer.RETRY,
            received=f"expired {now - claims.exp} s ago",
            expected="a token that has not expired",
        )


def token_hash(token: str, alg: str) -> str:
    """`at_hash`: the left half of the token's hash, by the hash of the ID token's algorithm (OpenID Connect Core §3.1.3.6)."""
    digest = (hashlib.sha512 if alg == "EdDSA" else hashlib.sha256)(token.encode("ascii")).digest()
    return base64url.encode(digest[: len(digest) // 2])


def id_token_claims(
    *,
    issuer: str,
    client_id: str,
    person: Person,
    tenant: TenantFacts | None,
    groups: Collection[str],
    scopes: Collection[str],
    claims_request: str,
    now: int,
    lifetime: int,
    auth_time: int,
    nonce: str = "",
    access_token: str = "",
    alg: str = "RS256",
    acr: str = "",
    amr: str = "",
    sid: str = "",
) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core §2), with those about the person that the grant has for it (§5.4, §5.5).

    `amr` is separated by spaces. On refresh leave `nonce` out (§12.2). The audience is the client alone, so there is no `azp`.
    """
    claims = claims_at(ID_TOKEN, person, tenant, groups, scopes=scopes, claims_request=claims_request)
    claims |= {"iss": issuer, "sub": person.sub, "aud": client_id, "exp": now + lifetime, "iat": now}
    optional: dict[str, Any] = {
        "auth_time": auth_time,
        "nonce": nonce,
        "acr": acr,
        "amr": amr.split(),
        "sid": sid,
        "at_hash": token_hash(access_token, alg) if access_token else "",
    }
    return claims | {name: value for name, value in optional.items() if value}


def userinfo_claims(
    person: Person,
    tenant: TenantFacts | None,
    groups: Collection[str],
    *,
    scopes: Collection[str],
    claims_request: str = "",
) -> dict[str, Any]:
    """The answer of `/oauth2/userinfo`: `sub` and what the grant has for it (OpenID Connect Core §5.3.2, §5.4, §5.5)."""
    told = claims_at(USERINFO, person, tenant, groups, scopes=scopes, claims_request=claims_request)
    return {"sub": person.sub} | told


def signed_userinfo_claims(claims: dict[str, Any], *, issuer: str, client_id: str, now: int) -> dict[str, Any]:
    """The answer of `/oauth2/userinfo` as a JWT for one client (OpenID Connect Core §5.3.2); no `exp`, it is no credential."""
    return claims | {"iss": issuer, "aud": client_id, "iat": now}


def api_userinfo(person: Person, tenant: TenantFacts) -> dict[str, Any]:
    """The answer of `/v2/userinfo`: always `sub`, `name` and `tenants` (S20)."""
    return {"sub": person.sub, "name": person.name or person.sub, "tenants": [{"id": tenant.id, "name": tenant.name}]}


def token_response(
    *,
    access_token: str,
    expires_in: int,
    scope: str,
    refresh_token: str = "",
    id_token: str = "",
    token_type: str = "Bearer",  # noqa: S107 - the name of a type
) -> dict[str, Any]:
    """The successful answer of the token endpoint (RFC 6749 §5.1); `scope` is always told (S18)."""
    answer: dict[str, Any] = {
        "access_token": access_token,
        "token_type": token_type,
        "expires_in": expires_in,
        "scope": scope,
    }
    if refresh_token:
        answer["refresh_token"] = refresh_token
    if id_token:
        answer["id_token"] = id_token
    return answer
