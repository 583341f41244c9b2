"""ID tokens: the claims of one (OpenID Connect Core §2)."""

import hashlib
from collections.abc import Collection
from typing import Any

from varco.protocol.claims import ID_TOKEN, Person, TenantFacts, claims_at
from varco.protocol.jose import base64url

ID_TYP = "JWT"


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
