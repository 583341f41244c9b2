"""The manifest: one JSON file with everything a test or a person needs to use the demo."""

import json
from pathlib import Path
from typing import Any

from django.conf import settings

from varco.ops.demo import cast, state
from varco.ops.demo.world import World
from varco.protocol.client import AuthMethod
from varco.registry import queries as registry
from varco.registry.models import Application


def write(path: Path, told: dict[str, Any]) -> None:
    """Write it, readable by its owner only: it holds passwords and secrets, if only of an invented world."""
    state.write(path, (json.dumps(told, indent=2, ensure_ascii=False) + "\n").encode())


def document(world: World, known: state.State) -> dict[str, Any]:
    """The manifest as values."""
    return {
        "issuer": settings.VARCO.issuer,
        "api": settings.VARCO.api_url,
        "tenants": [
            {"key": clinic.key, "id": clinic.public_id, "name": clinic.name, "kind": clinic.kind}
            for clinic in cast.CLINICS
        ],
        "accounts": [
            {
                "key": account.key,
                "email": account.email,
                "password": cast.PASSWORD,
                "tenant": account.clinic,
                "roles": [account.role],
            }
            for account in cast.EVERYBODY
        ],
        "applications": [_application(key, application, known) for key, application in world.items()],
    }


def _standard_method(registered: str) -> str:
    """The method of RFC 7591 §2 that a library of a client is to be told; of the two a secret may come by, the usual one."""
    return AuthMethod.BASIC if registered == AuthMethod.SECRET else registered


def _pkce(application: Application) -> str:
    """`required`, `optional`, or `nonce`: PKCE, or a nonce instead."""
    client = registry.client_of(application)
    if not client.pkce_required:
        return "optional"
    return "nonce" if client.nonce_instead else "required"


def _application(key: str, application: Application, known: state.State) -> dict[str, Any]:
    live = application.live_revision
    if live is None:
        raise LookupError(f"{application} is not approved")
    told = {
        "key": key,
        "name": application.name,
        "type": live.type,
        "client_id": application.client_id,
        "client_secrets": known.clients[key].secrets,
        "redirect_uris": live.redirect_uris,
        "post_logout_redirect_uris": live.post_logout_redirect_uris,
        "grant_types": live.grant_types,
        "scopes": [scope["name"] for scope in live.scopes],
        "claims": live.claims,
        "pkce": _pkce(application),
        "token_endpoint_auth_method": _standard_method(live.token_endpoint_auth_method),
    }
    keys = known.clients[key].jwks
    return told | ({"jwks": keys} if keys else {})
