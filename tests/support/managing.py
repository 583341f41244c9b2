"""Calling the management API as the bridge hands requests over: the ASGI scope with the proven caller stands in the environment."""

import json
from typing import Any

from django.test import Client

from varco import clock
from varco.accounts.models import User
from varco.caller import SCOPE_KEY, ManagementCaller
from varco.grants.models import Grant
from varco.protocol.claims import TWO_FACTORS
from varco.registry.models import Application

APPLICATIONS = "/manage/v1/applications"
SCOPES = ("openid", "varco.registrations")


def caller(
    user: User, scopes: tuple[str, ...] = SCOPES, *, application: Application | None = None, grant: int = 0
) -> ManagementCaller:
    """Who asks, by default through an application that is none of those that are asked about."""
    through, client_id = (application.pk, application.client_id or "") if application else (0, "varco-0")
    return ManagementCaller(
        user.public_id, through, client_id, grant, "tenant-sandbox", frozenset(scopes), "request-1", "192.0.2.7"
    )


def signed_in(user: User, through: Application, tenant: Any, *, ago: int = 0, acr: str = TWO_FACTORS) -> int:
    """A grant of somebody who signed in so many seconds ago; its id."""
    now = clock.now()
    made = Grant.objects.create(
        user=user, application=through, tenant=tenant, scopes=" ".join(SCOPES), state="active",
        expires_at=now + 3600, auth_time=now - ago, acr=acr,
    )  # fmt: skip
    return made.pk


def manage(proven: object, method: str, address: str, body: Any = None, **headers: str) -> Any:
    """Ask; the body is sent as JSON, and header names are written with `_` for `-`."""
    extra: dict[str, Any] = {"asgi.scope": {SCOPE_KEY: proven}}
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    data = b"" if body is None else json.dumps(body).encode()
    return Client().generic(method, address, data, "application/json", headers=sent, **extra)


def error(answer: Any) -> tuple[int, str]:
    """Status and code of a refusal."""
    return answer.status_code, answer.json()["error"]


NEW = {
    "name": "Agenda Facile", "publisher": "Facile Srl", "description": "Keeps agendas of small clinics in step.",
    "contacts": ["dev@facile.example"], "type": "web", "redirectUris": ["https://agenda.example/callback"],
    "scopes": [{"name": "openid", "reason": "People sign in with it."}],
}  # fmt: skip
"""A registration that can be submitted."""
