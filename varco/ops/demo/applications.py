"""Building the demo's applications the way people would: registered, submitted, reviewed, approved."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.ops.demo.client_file import Change
from varco.ops.demo.clients import Plan
from varco.ops.demo.past import REGISTERED, ago
from varco.ops.demo.state import ClientState, State
from varco.ops.preflight import OperationError
from varco.portal.common import fault_words
from varco.protocol.client import SECRET_METHODS
from varco.protocol.jose import base64url
from varco.protocol.jose import jwk as protocol_keys
from varco.registry import access, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.lifecycle import Role
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration


def build(plan: Plan, change: Change, state: State, developer: User, operator: User) -> Application:
    """The application of a plan, made if it is not there; `change` is what a client file sets.

    Whatever people did to it since stays. Raises `OperationError` when the registry refuses what the client file asks, and has
    done nothing then: the next start, with another file, begins with it anew.
    """
    known = state.clients.get(plan.key)
    application = Application.objects.filter(pk=known.id).first() if known else None
    application = application or access.visible_to(developer).filter(name=plan.details.name).first()
    kept = known if known and application and known.id == application.pk else ClientState(0)
    if {"jwks", "jwks_uri"} & set(change.registration):
        kept.jwks = None
    try:
        with transaction.atomic():
            if application is None:
                with ago(REGISTERED):
                    application = _create(plan, change.registration, kept, developer, operator)
            elif change.registration and application.state == Application.State.ACTIVE:
                _change(application, change.registration, developer, operator)
            application.refresh_from_db()
            kept.id = application.pk
            if change.pkce_required is not None and application.state == Application.State.ACTIVE:
                application = _set_pkce(application, operator, required=change.pkce_required)
            if application.state == Application.State.ACTIVE:
                _keep_secret(application, kept, developer)
    except Invalid as invalid:
        raise OperationError(f"client {plan.key}: {fault_words.summary(invalid.faults)}") from None
    except Conflict as conflict:
        raise OperationError(f"client {plan.key}: {fault_words.conflict_sentence(conflict)}") from None
    except Denied:
        raise OperationError(f"client {plan.key}: its developer or operator may not act any more") from None
    except _UnusedError as unused:
        raise OperationError(f"client {plan.key}: {unused}") from None
    state.clients[plan.key] = kept
    return application


def _create(plan: Plan, change: Mapping[str, Any], kept: ClientState, developer: User, operator: User) -> Application:
    wanted = _wanted(plan.registration, change)
    if wanted.token_endpoint_auth_method == "private_key_jwt" and not (wanted.jwks or wanted.jwks_uri):  # noqa: S105
        kept.jwks = {"keys": [_private_jwk(plan.key)]}
        wanted = replace(wanted, jwks={"keys": [_public_part(key) for key in kept.jwks["keys"]]})
    made = services.create_application(details=plan.details, registration=wanted, origin=Origin(developer))
    _approve(made, developer, operator)
    if plan.pkce_optional:
        return _set_pkce(made, operator, required=False)
    return made


class _UnusedError(ValueError):
    """The client file sets something that a client of this kind has no use for."""


def _wanted(before: Registration, change: Mapping[str, Any]) -> Registration:
    """The registration with the change in it. Raises `_UnusedError` for what would be dropped without a word, as keys of a client with a secret."""
    wanted = replace(before, **change)
    taken = wanted.normalised()
    dropped = [name for name, value in change.items() if value and getattr(taken, name) != value]
    if dropped:
        what = f"A client of type {taken.type} with {taken.token_endpoint_auth_method} as token_endpoint_auth_method has no use for this."
        raise _UnusedError("; ".join(f"{name}: {what}" for name in dropped))
    return wanted


def _set_pkce(application: Application, operator: User, *, required: bool) -> Application:
    reason = "It can do PKCE now." if required else "Legacy client, to be replaced by the end of the year."
    return services.set_pkce_required(application, required=required, origin=Origin(operator), reason=reason)


def _private_jwk(client: str) -> dict[str, Any]:
    private = protocol_keys.generate("ES256")
    number = private.private_numbers().private_value  # type: ignore[union-attr]
    jwk = protocol_keys.public_jwk(private, f"{client}-1", "ES256")
    return {**jwk, "d": base64url.encode(number.to_bytes(32, "big"))}


def _public_part(jwk: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in jwk.items() if name != "d"}


def _change(application: Application, change: Mapping[str, Any], developer: User, operator: User) -> None:
    """A new revision with the change in it, put in force; one that was waiting is taken back."""
    live = application.live_revision
    if live is None:
        return
    wanted = _wanted(Registration.of(live), change)
    if wanted.normalised() == Registration.of(live):
        return
    if application.revisions.filter(state=Revision.State.SUBMITTED).exists():
        services.withdraw(application, Origin(developer))
    services.save_draft(application, wanted, Origin(developer))
    _approve(application, developer, operator)


def _approve(application: Application, developer: User, operator: User) -> None:
    revision = services.submit(application, Origin(developer))
    if revision.state == Revision.State.APPROVED:  # by a policy
        return
    if services.approve(revision, Origin(operator)).state != Revision.State.APPROVED:
        # A client file may ask for what takes two people.
        second = next(person for person in access.whom_to_tell(application, Role.OPERATOR) if person != operator)
        services.approve(revision, Origin(second))


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
