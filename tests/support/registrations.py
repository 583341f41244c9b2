"""Registrations that are right, for tests to change one thing in."""

from dataclasses import replace
from typing import Any

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import services
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration, ScopeRequest

REASON = "The secretary looks up who is calling."
DETAILS = Details(
    name="Agenda Facile",
    publisher="Facile Srl",
    description="Books appointments.",
    contacts=("dev@facile.example",),
    home_url="https://facile.example/",
    privacy_url="https://facile.example/privacy",
)
REGISTRATION = Registration(
    type="web",
    redirect_uris=("https://app.facile.example/callback",),
    scopes=(ScopeRequest("openid", REASON), ScopeRequest("giponext.patients", REASON, required=True)),
    claims=("tenant",),
)

FAPI: dict[str, Any] = {
    "profile": "fapi2",
    "token_endpoint_auth_method": "private_key_jwt",
    "jwks_uri": "https://app.facile.example/jwks",
    "id_token_alg": "PS256",
}
"""What turns the good registration into a good one under FAPI 2.0."""


def registration(**changes: Any) -> Registration:
    """The good registration with some fields changed; `scopes` may be names."""
    if "scopes" in changes:
        changes["scopes"] = tuple(
            ScopeRequest(scope, REASON) if isinstance(scope, str) else scope for scope in changes["scopes"]
        )
    return replace(REGISTRATION, **changes)


def draft(owner: User, **changes: Any) -> Application:
    """An application with a draft; `name` goes to its details."""
    details = replace(DETAILS, name=changes.pop("name", DETAILS.name))
    return services.create_application(details=details, registration=registration(**changes), origin=Origin(owner))


def submitted(owner: User, **changes: Any) -> Revision:
    """A revision that waits for review."""
    return services.submit(draft(owner, **changes), Origin(owner))


def approved(owner: User, operator: User, **changes: Any) -> Application:
    """An application in force."""
    revision = services.approve(submitted(owner, **changes), Origin(operator))
    return Application.objects.get(pk=revision.application_id)
