"""Building the demo's applications the way people would: registered, submitted, reviewed, approved."""

import hashlib
from typing import Any

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.ops.demo.clients import Plan
from varco.ops.demo.state import ClientState, State
from varco.ops.preflight import OperationError
from varco.protocol import base64url
from varco.protocol import keys as protocol_keys
from varco.registry import services
from varco.registry.errors import Conflict, Invalid
from varco.registry.models import Application, Revision
from varco.registry.registration import SECRET_METHODS, Registration


def build(plan: Plan, state: State, developer: User, operator: User) -> Application:
    """The application of a plan, made or brought to what the plan says; what people did to it besides stays.

    Raises `OperationError` when the registry refuses what a client file asks for.
    """
    known = state.clients.get(plan.key)
    application = Application.objects.filter(pk=known.id).first() if known else None
    application = application or Application.objects.filter(owner=developer, name=plan.details.name).first()
    kept = known if known and application and known.id == application.pk else ClientState(0)
    if plan.registration.token_endpoint_auth_method == "private_key_jwt" and not plan.registration.jwks_uri:  # noqa: S105
        plan = _with_keys(plan, kept)
    try:
        if application is None:
            application = services.create_application(
                owner=developer, details=plan.details, registration=plan.registration, origin=Origin(developer)
            )
            _approve(application, developer, operator)
        elif application.state == Application.State.ACTIVE and _differs(application, plan.registration):
            _change(application, plan.registration, developer, operator)
        application.refresh_from_db()
        if plan.pkce_optional and application.pkce_required:
            services.set_pkce_required(
                application,
                required=False,
                origin=Origin(operator),
                reason="Legacy client, to be replaced by the end of the year.",
            )
        kept.id = application.pk
        _keep_secret(application, kept, developer)
    except (Conflict, Invalid) as fault:
        raise OperationError(f"client {plan.key}: {fault}") from None
    state.clients[plan.key] = kept
    return application


def _with_keys(plan: Plan, kept: ClientState) -> Plan:
    """The plan with public keys: those of the client file, or of a key pair that the manifest tells."""
    if plan.registration.jwks:
        kept.jwks = None
        return plan
    kept.jwks = kept.jwks or {"keys": [_private_jwk(plan.key)]}
    return plan.changed(jwks={"keys": [_public_part(key) for key in kept.jwks["keys"]]})


def _private_jwk(owner: str) -> dict[str, Any]:
    private = protocol_keys.generate("ES256")
    number = private.private_numbers().private_value  # type: ignore[union-attr]
    jwk = protocol_keys.public_jwk(private, f"{owner}-1", "ES256")
    return {**jwk, "d": base64url.encode(number.to_bytes(32, "big"))}


def _public_part(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name != "d"}


def _differs(application: Application, wanted: Registration) -> bool:
    live = application.live_revision
    return live is None or Registration.of(live) != wanted.normalised()


def _change(application: Application, wanted: Registration, developer: User, operator: User) -> None:
    """A new revision with what is wanted, put in force; one that was waiting is taken back."""
    waiting = application.revisions.filter(state=Revision.State.SUBMITTED).exists()
    if waiting:
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
