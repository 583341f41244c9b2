"""`client_secret`s: several at a time, so that one can be replaced without an hour of downtime (S12)."""

import secrets
from dataclasses import dataclass, field

from django.db import transaction
from django.utils.translation import gettext as _

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol import credentials
from varco.protocol.client import SECRET_METHODS
from varco.registry.errors import Conflict, Invalid
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application, Secret
from varco.registry.queries import live_secrets
from varco.registry.services.locking import lock
from varco.registry.validation import unstorable

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
    """Make a secret; `expires_at` in epoch seconds, None for never. The others stay as they are.

    `after`, the id of the newest secret the person saw (0: none), keeps a form sent twice from making two. Raises
    `Conflict` for that, for a client without secrets and for one not approved yet; `Invalid` at `MAX_LIVE`.
    """
    held = lock(application, origin, side=Role.DEVELOPER)
    held.move(ApplicationAct.CREATE_SECRET)
    live = held.application.live_revision
    if live is None or live.token_endpoint_auth_method not in SECRET_METHODS:
        raise Conflict(_("This application does not authenticate with a secret, so it has none."))
    newest = held.application.secrets.order_by("-pk").values_list("pk", flat=True).first() or 0
    if after is not None and after != newest:
        raise Conflict(
            _("A secret was already created from this page. If its text is lost, revoke it and create another one.")
        )
    label = label.strip()
    if not label or len(label) > MAX_LABEL or unstorable(label):
        raise Invalid({"label": [_("Give the secret a label of at most %(limit)d characters.") % {"limit": MAX_LABEL}]})
    if expires_at is not None and expires_at <= clock.now():
        raise Invalid({"expires_at": [_("Choose an expiry in the future.")]})
    if live_secrets(held.application).count() >= MAX_LIVE:
        raise Invalid({"": [_("There are already %(limit)d live secrets. Revoke one first.") % {"limit": MAX_LIVE}]})
    text = credentials.CLIENT_SECRET + secrets.token_urlsafe(32)
    secret = Secret.objects.create(
        application=held.application,
        label=label,
        digest=credentials.hash_of(text),
        hint=text[-4:],
        created_by=held.actor,
        expires_at=expires_at,
    )
    held.save(gate=True)
    record(
        Tag.SECRET_CREATED, origin, application=held.application, secret=secret.pk, label=label, expires_at=expires_at
    )
    return NewSecret(secret, text)


@transaction.atomic
def revoke_secret(secret: Secret, origin: Origin) -> Secret:
    """Revoke a secret: refused from the next request on. Revoking twice changes nothing."""
    held = lock(secret.application, origin, side=Role.DEVELOPER)
    held.move(ApplicationAct.REVOKE_SECRET)
    fresh = Secret.objects.get(pk=secret.pk, application=held.application)
    if fresh.revoked_at is None:
        fresh.revoked_at = clock.now()
        fresh.save(update_fields=["revoked_at"])
        held.save(gate=True)
        record(Tag.SECRET_REVOKED, origin, application=held.application, secret=fresh.pk, label=fresh.label)
    return fresh
