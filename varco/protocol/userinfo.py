"""UserInfo: the answers of both userinfo endpoints (OpenID Connect Core §5.3; S20)."""

from collections.abc import Collection
from typing import Any

from varco.protocol.claims import USERINFO, Person, TenantFacts, claims_at

USERINFO_TYP = "userinfo+jwt"
"""Of its own (RFC 8725 §3.11): a UserInfo answer has iss, sub and aud as ID tokens have, and must not pass for one."""


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
