"""The end of the time in which an application that signs may still send its secrets: told of before, and done. Run by every worker."""

from django.db.models import Max

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.registry import access
from varco.registry.models import Application, SecretOverlap
from varco.registry.notifications import SecretsEnded, SecretsEndSoon
from varco.registry.queries import live_secrets
from varco.registry.recipients import developers_and_contacts
from varco.scheduled import perform_due

DAY = 86400
LONGEST_DAYS = 30
LONGEST = LONGEST_DAYS * DAY
"""Seconds after the approval in which secrets are taken at most."""

WARN = 7 * DAY
"""Seconds before the end at which its developers are told that it comes."""


def next_due(ends_at: int, now: int) -> int:
    """When to act next on an overlap: to tell of its end, or to end it."""
    return ends_at - WARN if ends_at - WARN > now else ends_at


def of(application: Application) -> SecretOverlap | None:
    """The overlap of an application while its secrets are taken; None before and after."""
    return SecretOverlap.objects.filter(application=application, ends_at__gt=clock.now()).first()


def last_use(application: Application) -> int | None:
    """When one of the secrets that are live was last used (epoch seconds); None: never."""
    found: int | None = live_secrets(application).aggregate(last=Max("last_used_at"))["last"]
    return found


def run() -> int:
    """Act on every overlap for which it is time; of how many."""
    return perform_due(SecretOverlap, perform)


def perform(overlap: SecretOverlap) -> None:
    """Tell of the end of one overlap, or end it; the caller's transaction holds its claim.

    It takes no lock of the application: who acts on that one holds it first and then comes here. The gate needs none
    either, since it goes by the clock.
    """
    overlap.refresh_from_db()
    application = access.with_developer(Application.objects.all()).get(pk=overlap.application_id)
    if overlap.ends_at <= clock.now():
        end(overlap, application, Origin())
        return
    if application.state != Application.State.RETIRED:
        told = SecretsEndSoon(application, overlap.ends_at, last_use(application) or 0)
        notify(told, developers_and_contacts(application))
    overlap.due_at = overlap.ends_at
    overlap.save(update_fields=["due_at"])


def end(overlap: SecretOverlap, application: Application, origin: Origin, *, by: User | None = None) -> None:
    """End an overlap: its secrets are revoked, because nothing takes them any more. Its developers are told, whoever ended it; `by`: one of them."""
    live = live_secrets(application)
    used = last_use(application) or 0
    ended = list(live.values_list("pk", flat=True))
    application.secrets.filter(pk__in=ended).update(revoked_at=clock.now(), due_at=None)
    overlap.delete()
    record(Tag.SECRET_OVERLAP_ENDED, origin, application=application, secrets=ended)
    if application.state != Application.State.RETIRED:
        notify(SecretsEnded(application, by, used), developers_and_contacts(application))
