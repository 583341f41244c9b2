"""From secrets to keys without an outage: both are taken for a while after the approval (S12, S13).

What the gate takes, it reads off the row by the clock (`protocol.client.Client.still_takes`), so that nothing is taken
longer because a worker stood still.
"""

from django.db import transaction

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.protocol.client import SECRET_METHODS
from varco.protocol.fault import Fault
from varco.registry import key_change, secret_overlap
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import ApplicationAct, Role
from varco.registry.models import Application, Revision, SecretOverlap
from varco.registry.queries import live_secrets
from varco.registry.services.locking import lock


def follow(
    application: Application, before: Revision | None, now_live: Revision, origin: Origin
) -> SecretOverlap | None:
    """Begin the overlap, keep the one there is, or end it, as an approval asks for it; the caller holds the application.

    Nothing of the kind under FAPI 2.0, whose clients sign always. Back to secrets, they go on as they are.
    """
    running = SecretOverlap.objects.select_for_update().filter(application=application).first()
    if (
        running and running.ends_at <= clock.now()
    ):  # no worker has come to it yet, and what has ended does not come back
        secret_overlap.end(running, application, origin)
        running = None
    if now_live.token_endpoint_auth_method in SECRET_METHODS:
        if running:
            running.delete()
        return None
    if not key_change.may_overlap(now_live):
        if running:
            secret_overlap.end(running, application, origin)
        return None
    if running or before is None or not key_change.leaves_secrets(before, now_live):
        return running
    if not live_secrets(application).exists():
        return None
    begun_at = clock.now()
    ends_at = begun_at + secret_overlap.LONGEST
    begun = SecretOverlap.objects.create(
        application=application,
        method=before.token_endpoint_auth_method,
        begun_at=begun_at,
        ends_at=ends_at,
        due_at=secret_overlap.next_due(ends_at, begun_at),
    )
    record(Tag.SECRET_OVERLAP_BEGUN, origin, application=application, method=begun.method, ends_at=ends_at)
    return begun


@transaction.atomic
def set_overlap_end(application: Application, origin: Origin, *, ends_at: int) -> SecretOverlap | None:
    """Have the secrets of an application that signs be refused from a time on (epoch seconds), at most `LONGEST` after the approval.

    Where that is past, they end now and are revoked; None then. Raises `Conflict` where they have ended already.
    """
    locked = lock(application, origin, side=Role.DEVELOPER)
    locked.move(ApplicationAct.REVOKE_SECRET)
    running = SecretOverlap.objects.select_for_update().filter(application=locked.application).first()
    now = clock.now()
    if running is None or running.ends_at <= now:
        raise Conflict(ConflictFault.NO_OVERLAP)
    if ends_at > running.begun_at + secret_overlap.LONGEST:
        raise Invalid({"ends": [Fault(RegistrationFault.OVERLAP_TOO_LONG, {"limit": secret_overlap.LONGEST_DAYS})]})
    if ends_at <= now:
        secret_overlap.end(running, locked.application, origin, by=locked.actor)
        locked.save(gate=True)
        return None
    running.ends_at, running.due_at = ends_at, secret_overlap.next_due(ends_at, now)
    running.save(update_fields=["ends_at", "due_at"])
    locked.save(gate=True)
    record(Tag.SECRET_OVERLAP_MOVED, origin, application=locked.application, ends_at=ends_at)
    return running
