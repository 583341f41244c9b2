"""The end of a secret by the clock: warned of by mail 60, 30, 7 and 1 days before, once each. Run by every worker."""

from varco import clock
from varco.mail.notifications import notify
from varco.protocol.client import SECRET_METHODS
from varco.registry import access
from varco.registry.models import Application, Secret
from varco.registry.notifications import SecretExpires
from varco.registry.queries import live_secrets
from varco.registry.recipients import developers_and_contacts
from varco.scheduled import BATCH, perform_due

DAY = 86400
WARN_DAYS = (60, 30, 7, 1)
"""Days before the end of a secret on which its developers are warned."""


def next_warning(expires_at: int | None, now: int) -> int | None:
    """When to warn next of an end (epoch seconds); None for a secret that has none, or no more warning before it."""
    if expires_at is None:
        return None
    return next((expires_at - days * DAY for days in WARN_DAYS if expires_at - days * DAY > now), None)


def run() -> int:
    """Warn of every secret for which it is time; of how many."""
    # Made by a version that knew no warnings.
    known = Secret.objects.filter(due_at=None, warned_days=0, revoked_at=None, expires_at__gt=clock.now() + DAY)
    for secret in known[:BATCH]:
        due_at = next_warning(secret.expires_at, clock.now())
        Secret.objects.filter(pk=secret.pk, due_at=None, revoked_at=None).update(due_at=due_at)
    return perform_due(Secret, warn)


def warn(secret: Secret) -> None:
    """Warn of one secret, whose claim the caller's transaction holds, and set the next date."""
    secret.refresh_from_db()
    now, expires_at = clock.now(), secret.expires_at
    if secret.revoked_at is not None or expires_at is None or expires_at <= now:
        return
    rows = access.with_developer(Application.objects.select_related("live_revision"))
    application = rows.get(pk=secret.application_id)
    # After a long standstill the nearest one says it all.
    days = min((days for days in WARN_DAYS if expires_at - now <= days * DAY), default=WARN_DAYS[0])
    live = application.live_revision
    sends = live is not None and live.token_endpoint_auth_method in SECRET_METHODS
    # Of one that signs, nothing stops with a secret; when all of them end is told by `secret_overlap`.
    if sends and application.state != Application.State.RETIRED:
        others = live_secrets(application).exclude(pk=secret.pk).count()
        notify(SecretExpires(application, secret, days, others), developers_and_contacts(application))
    secret.warned_days = days
    secret.due_at = next_warning(expires_at, now)
    secret.save(update_fields=["due_at", "warned_days"])
