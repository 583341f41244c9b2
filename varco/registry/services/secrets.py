"""`client_secret`s: several at a time, so that one can be replaced without an hour of downtime (S12)."""

import secrets
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol import credentials
from varco.protocol.client import SECRET_METHODS
from varco.protocol.fault import Fault
from varco.registry import secret_expiry
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application, Secret
from varco.registry.notifications import SecretLeaked
from varco.registry.queries import live_secrets
from varco.registry.recipients import developers_and_contacts
from varco.registry.services.locking import lock
from varco.registry.validation import text_faults

MAX_LIVE = 5
MAX_LABEL = 60


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A secret just made. `text` exists here and nowhere else: show it once and let it go."""

    secret: Secret
    text: str = field(repr=False)


@transaction.atomic
def create_secret(
    application: Application, origin: Origin, *, label: str, expires_at: int | None = None, after: int | None = None
) -> NewSecret:
    """Make a secret; `expires_at` in epoch seconds, None for never, where `VARCO_SECRET_DAYS` sets no bound. The others stay as they are.

    `after`, the id of the newest secret the person saw (0: none), keeps a form sent twice from making two. Raises
    `Conflict` for that, for a client without secrets and for one not approved yet; `Invalid` at `MAX_LIVE`.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.CREATE_SECRET)
    live = locked.application.live_revision
    if live is None or live.token_endpoint_auth_method not in SECRET_METHODS:
        raise Conflict(ConflictFault.NO_SECRETS)
    newest = locked.application.secrets.order_by("-pk").values_list("pk", flat=True).first() or 0
    if after is not None and after != newest:
        raise Conflict(ConflictFault.SECRET_CREATED_ALREADY)
    label = label.strip()
    faults = text_faults(label, MAX_LABEL) if label else [Fault(RegistrationFault.SECRET_LABEL, {"limit": MAX_LABEL})]
    if faults:
        raise Invalid({"label": faults})
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid({"expires_at": [Fault(RegistrationFault.SECRET_EXPIRY_PAST)]})
    bound = settings.VARCO.secret_days
    if bound and (expires_at is None or expires_at > clock.now() + bound * secret_expiry.DAY):
        raise Invalid({"expires_at": [Fault(RegistrationFault.SECRET_LIFETIME, {"limit": bound})]})
    if live_secrets(locked.application).count() >= MAX_LIVE:
        raise Invalid({"": [Fault(RegistrationFault.SECRETS_TOO_MANY, {"limit": MAX_LIVE})]})
    text = credentials.client_secret(secrets.token_urlsafe(32))
    secret = Secret.objects.create(
        application=locked.application,
        label=label,
        digest=credentials.hash_of(text),
        hint=text[-4:],
        created_by=locked.actor,
        expires_at=expires_at,
        due_at=secret_expiry.next_warning(expires_at, clock.now()),
    )
    locked.save(gate=True)
    record(
        Tag.SECRET_CREATED, origin, application=locked.application, secret=secret.pk, label=label, expires_at=expires_at
    )
    return NewSecret(secret, text)


@transaction.atomic
def revoke_secret(secret: Secret, origin: Origin) -> Secret:
    """Revoke a secret: refused from the next request on. Revoking twice changes nothing."""
    locked = lock(secret.application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.REVOKE_SECRET)
    fresh = Secret.objects.get(pk=secret.pk, application=locked.application)
    if fresh.revoked_at is None:
        fresh.revoked_at = clock.now()
        fresh.due_at = None
        fresh.save(update_fields=["revoked_at", "due_at"])
        locked.save(gate=True)
        record(Tag.SECRET_REVOKED, origin, application=locked.application, secret=fresh.pk, label=fresh.label)
    return fresh


@transaction.atomic
def end_leaked_secret(secret: Secret, origin: Origin, *, ends_at: int, grants: bool) -> Secret:
    """End a secret that others may know: at once where `ends_at` is past, else at that time, or at its own if that is sooner.

    `grants`: those of the application are ended with it (`grants.services.answer_leak`). Raises `Conflict` for one that is over.
    """
    locked = lock(secret.application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.REVOKE_SECRET)
    fresh = live_secrets(locked.application).filter(pk=secret.pk).first()
    if fresh is None:
        raise Conflict(ConflictFault.SECRET_OVER)
    now = clock.now()
    if ends_at <= now:
        fresh.revoked_at = ends_at = now
    else:
        fresh.expires_at = ends_at = min(ends_at, fresh.expires_at or ends_at)
    fresh.due_at = None  # what is told now is the last that needs to be told
    fresh.warned_days = max(fresh.warned_days, 1)
    fresh.save(update_fields=["revoked_at", "expires_at", "due_at", "warned_days"])
    locked.save(gate=True)
    record(
        Tag.SECRET_LEAKED, origin, application=locked.application, secret=fresh.pk, label=fresh.label, ends_at=ends_at,
        grants_ended=grants,
    )  # fmt: skip
    told = SecretLeaked(locked.application, fresh, locked.actor, ends_at, grants)
    notify(told, developers_and_contacts(locked.application))
    return fresh
