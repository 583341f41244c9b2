"""Making the tokens of a grant: signatures, and the answer of the token endpoint."""

import os
from collections.abc import Collection
from typing import Any

from varco.gate.context import GateContext
from varco.gate.errors import unavailable
from varco.gate.http import Response, encode_json, json_response
from varco.gate.records import person, tenant
from varco.gate.store.sql.grants import GrantRow, RotatedRow
from varco.protocol import fapi
from varco.protocol import scope as scope_rules
from varco.protocol.access_token import ACCESS_TYP, access_claims, encode_access
from varco.protocol.client import Client
from varco.protocol.id_token import ID_TYP, id_token_claims
from varco.protocol.scope import Scopes
from varco.protocol.token_response import token_response


def access_token(
    context: GateContext,
    client: Client,
    grant: RotatedRow | GrantRow,
    *,
    scope: Scopes,
    now: int,
    dpop_jkt: str,
) -> str:
    """A signed access token of a grant, bound to a DPoP key unless `dpop_jkt` is empty. Raises `OAuthError` (503) while there is no key."""
    settings = context.settings
    signer = context.keyring.signer(fapi.access_token_alg(client, settings.access_token_alg), ACCESS_TYP, now)
    if signer is None:
        raise unavailable(5)
    claims = access_claims(
        issuer=settings.issuer,
        audience=settings.api_url,
        sub=grant.sub,
        client_id=client.client_id,
        scope=str(scope),
        grant_id=grant.id,
        tenant=grant.tenant,
        jti=os.urandom(16).hex(),
        now=now,
        lifetime=settings.access_token_lifetime,
        acr=grant.acr,
        auth_time=grant.auth_time,
        dpop_jkt=dpop_jkt,
    )
    return signer.sign(encode_access(claims))


def id_token(
    context: GateContext,
    client: Client,
    row: GrantRow,
    *,
    groups: Collection[str],
    access: str,
    now: int,
    nonce: str = "",
) -> str:
    """A signed ID token in the client's algorithm. Raises `OAuthError` (503) while there is no key for it."""
    signer = context.keyring.signer(client.id_token_alg, ID_TYP, now)
    if signer is None:
        raise unavailable(5)
    claims = id_token_claims(
        issuer=context.settings.issuer,
        client_id=client.client_id,
        person=person(row),
        tenant=tenant(row),
        groups=groups,
        scopes=row.scopes.split(),
        claims_request=row.claims_request,
        now=now,
        lifetime=context.settings.id_token_lifetime,
        auth_time=row.auth_time,
        nonce=nonce,
        access_token=access,
        alg=client.id_token_alg,
        acr=row.acr,
        amr=row.amr,
        sid=row.sid,
    )
    return signer.sign(encode_json(claims))


def allowed_scope(scopes: str, client: Client) -> Scopes:
    """The scopes of a grant that the application is approved for now (S13), in the grant's order."""
    return scope_rules.stored(scopes).within(client.scopes)


def allowed_groups(claims: str, client: Client) -> frozenset[str]:
    """The claim groups of a grant that the application is approved for now (S13)."""
    return client.claims.intersection(claims.split())


def success(
    context: GateContext, access: str, scope: Scopes, *, refresh: str = "", id_token: str = "", dpop_jkt: str = ""
) -> Response:
    """The successful token response (RFC 6749 §5.1, RFC 9449 §5)."""
    content: dict[str, Any] = token_response(
        access_token=access,
        expires_in=context.settings.access_token_lifetime,
        scope=str(scope),
        refresh_token=refresh,
        id_token=id_token,
        token_type="DPoP" if dpop_jkt else "Bearer",
    )
    return json_response(content)
