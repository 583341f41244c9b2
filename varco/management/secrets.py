"""Client secrets: listed without their text, made, revoked (S12)."""

import datetime as dt
from typing import Annotated

import msgspec
from django.conf import settings
from django.views.decorators.debug import sensitive_variables
from msgspec import UNSET, Meta, UnsetType

from varco import clock
from varco.management.errors import ManagementError, not_found
from varco.management.operations import DEVELOPER, Answer, Call, operation
from varco.management.representations import moment, moment_or_none
from varco.registry import queries, services
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, Role, may
from varco.registry.models import Application, Secret
from varco.registry.secret_expiry import DAY
from varco.registry.secret_use import use_of

A_YEAR = 365


class NewSecret(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """A secret to make. Without `lifetimeDays` it lives a year, or as long as this installation allows; null is for ever."""

    label: Annotated[str, Meta(description="Where it will be used.")]
    lifetime_days: Annotated[int, Meta(ge=1, le=3650)] | UnsetType | None = UNSET
    after: Annotated[
        int | UnsetType,
        Meta(
            description="The id of the newest secret you know of, 0 for none: a call sent twice makes no second secret."
        ),
    ] = UNSET


class SecretDetail(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A secret without its text; `hint` are its last characters, `use` says whether it may be revoked, as far as its use tells."""

    id: int
    label: str
    hint: str
    live: bool
    created_at: dt.datetime
    created_by: str
    expires_at: dt.datetime | None
    revoked_at: dt.datetime | None
    last_used_at: dt.datetime | None
    last_used_from: str
    use: str | None


class SecretList(msgspec.Struct, frozen=True, kw_only=True):
    """The secrets of an application, the live ones first."""

    items: list[SecretDetail]


class SecretMade(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A secret just made. `text` is told here and nowhere else: keep it now."""

    text: str
    secret: SecretDetail

    def __repr__(self) -> str:
        """Without the text, which no log is to hold."""
        return f"SecretMade({self.secret!r})"


LISTED = 200
"""Most secrets that are listed: of those that are over, the newest."""


@operation("GET", role=DEVELOPER)
def list_secrets(call: Call) -> SecretList:
    """List the secrets of an application, never their texts."""
    found = list(queries.secrets(call.application)[:LISTED])
    live = list(queries.live_secrets(call.application))
    return SecretList(items=[_detail(secret, live) for secret in found])


@operation("POST", role=DEVELOPER, body=NewSecret, success=201, stepped_up=True)
@sensitive_variables("made")
def create_secret(call: Call) -> Answer[SecretMade]:
    """Make a secret, whose text is in this one answer. The others stay as they are."""
    if "Idempotency-Key" in call.request.headers:
        raise ManagementError(
            "invalid_request",
            "The text of a secret is kept nowhere, so it cannot be told again: send after instead.",
            400,
        )
    sent: NewSecret = call.sent
    days = _default_days() if sent.lifetime_days is UNSET else sent.lifetime_days
    ends = None if days is None else clock.now() + days * DAY
    after = None if sent.after is UNSET else sent.after
    try:
        made = services.create_secret(call.application, call.origin, label=sent.label, expires_at=ends, after=after)
    except Invalid as invalid:
        names = {"expires_at": "lifetime_days"}
        raise Invalid({names.get(name, name): found for name, found in invalid.faults.items()}) from None
    detail = _detail(made.secret, [made.secret])
    return Answer(SecretMade(text=made.text, secret=detail), {"Location": call.below(made.secret.pk)})


@operation("GET", role=DEVELOPER)
def read_secret(call: Call, secret_id: int) -> SecretDetail:
    """Read what is known of a secret, which its text is not."""
    return _detail(_secret(call.application, secret_id), list(queries.live_secrets(call.application)))


@operation("DELETE", role=DEVELOPER, stepped_up=True)
def revoke_secret(call: Call, secret_id: int) -> SecretDetail:
    """Revoke a secret: refused from the next request on. Revoking twice changes nothing."""
    secret = _secret(call.application, secret_id)
    if not may(call.application.state, ApplicationAct.REVOKE_SECRET, Role.DEVELOPER):
        raise Conflict(ConflictFault.APPLICATION_STATE, state=call.application.state)
    return _detail(services.revoke_secret(secret, call.origin), [])


def _secret(application: Application, pk: int) -> Secret:
    found = queries.secrets(application).filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def _default_days() -> int:
    bound: int = settings.VARCO.secret_days
    return min(A_YEAR, bound) if bound else A_YEAR


def _detail(secret: Secret, live: list[Secret]) -> SecretDetail:
    is_live = any(other.pk == secret.pk for other in live)
    return SecretDetail(
        id=secret.pk,
        label=secret.label,
        hint=secret.hint,
        live=is_live,
        created_at=moment(secret.created_at),
        created_by=secret.created_by.name,
        expires_at=moment_or_none(secret.expires_at),
        revoked_at=moment_or_none(secret.revoked_at),
        last_used_at=moment_or_none(secret.last_used_at),
        last_used_from=secret.last_used_from,
        use=str(use_of(secret, live, clock.now())) if is_live else None,
    )
