"""Building the demo's applications the way people would: registered, submitted, reviewed, approved."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.ops.demo.clients import Plan
from varco.ops.demo.state import ClientState, State
from varco.ops.preflight import OperationError
from varco.protocol import base64url
from varco.protocol import keys as protocol_keys
from varco.registry import services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.models import Application, Revision
from varco.registry.registration import SECRET_METHODS, Registration


def build(plan: Plan, change: Mapping[str, Any], state: State, developer: User, operator: User) -> Application:
    """The application of a plan, made if it is not there; `change` is what a client file sets in its registration.

    Whatever people did to it since stays. Raises `OperationError` when the registry refuses what the client file asks.
    """
    known = state.clients.get(plan.key)
    application = Application.objects.filter(pk=known.id).first() if known else None
    application = application or Application.objects.filter(owner=developer, name=plan.details.name).first()
    kept = known if known and application and known.id == application.pk else ClientState(0)
    if {"jwks", "jwks_uri"} & set(change):
        kept.jwks = None
    try:
        if application is None:
            application = _create(plan, change, kept, developer, operator)
        elif change and application.state == Application.State.ACTIVE:
            _change(application, change, developer, operator)
        application.refresh_from_db()
        kept.id = application.pk
        if application.state == Application.State.ACTIVE:
            _keep_secret(application, kept, developer)
    except (Conflict, Denied, Invalid) as fault:
        raise OperationError(
            f"client {plan.key}: {fault or 'its developer or operator may not act any more'}"
        ) from None
    state.clients[plan.key] = kept
    return application


def _create(plan: Plan, change: Mapping[str, Any], kept: ClientState, developer: User, operator: User) -> Application:
    wanted = replace(plan.registration, **change)
    if wanted.token_endpoint_auth_method == "private_key_jwt" and not (wanted.jwks or wanted.jwks_uri):  # noqa: S105
        kept.jwks = {"keys": [_private_jwk(plan.key)]}
        wanted = replace(wanted, jwks={"keys": [_public_part(key) for key in kept.jwks["keys"]]})
    made = services.create_application(
        owner=developer, details=plan.details, registration=wanted, origin=Origin(developer)
    )
    _approve(made, developer, operator)
    if plan.pkce_optional:
        reason = "Legacy client, to be replaced by the end of the year."
        services.set_pkce_required(made, required=False, origin=Origin(operator), reason=reason)
    return made


def _private_jwk(owner: str) -> dict[str, Any]:
    private = protocol_keys.generate("ES256")
    number = private.private_numbers().private_value  # type: ignore[union-attr]
    jwk = protocol_keys.public_jwk(private, f"{owner}-1", "ES256")
    return {**jwk, "d": base64url.encode(number.to_bytes(32, "big"))}


def _public_part(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name != "d"}


def _change(application: Application, change: Mapping[str, Any], developer: User, operator: User) -> None:
    """A new revision with the change in it, put in force; one that was waiting is taken back."""
    live = application.live_revision
    if live is None:
        return
    wanted = replace(Registration.of(live), **change)
    if wanted.normalised() == Registration.of(live):
        return
    if application.revisions.filter(state=Revision.State.SUBMITTED).exists():
        services.withdraw(application, Origin(developer))
    services.save_draft(application, wanted, Origin(developer))
    _approve(application, developer, operator)


def _approve(application: Application, developer: User, operator: User) -> None:
    revision = services.submit(application, Origin(developer))
    services.approve(revision, Origin(operator))


def _keep_secret(application: Application, kept: ClientState, developer: User) -> None:
    """See that the client has a secret whose text is known, without touching those that people made."""
    live = application.live_revision
    if live is None or live.token_endpoint_auth_method not in SECRET_METHODS:
        kept.secrets = []
        return
    digests = {secret.digest for secret in application.secrets.filter(revoked_at=None) if secret.expires_at is None}
    kept.secrets = [text for text in kept.secrets if hashlib.sha256(text.encode()).hexdigest() in digests]
    if not kept.secrets:
        kept.secrets = [services.create_secret(application, Origin(developer), label="Demo").text]
