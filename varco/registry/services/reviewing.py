"""The review of one revision as it is locked: the stamp of what the reviewer saw, and the version that every act moves."""

from varco import clock
from varco.audit.services import Origin
from varco.registry import desk, hosts, placing
from varco.registry.deadline import half_at
from varco.registry.errors import Conflict
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import RevisionAct, Role
from varco.registry.models import Application, Review, Revision, RevisionHost
from varco.registry.registration import stamp as stamp_of
from varco.registry.review_stamp import review_stamp
from varco.registry.services.locking import Locked, lock


def begin(revision: Revision) -> Review:
    """The review of a revision that was handed in now, with its clock running and its hosts to be found by."""
    keys = sorted(hosts.keys_of(revision.redirect_uris))
    RevisionHost.objects.bulk_create((RevisionHost(revision=revision, host=key) for key in keys), ignore_conflicts=True)
    placing.place(Application.objects.filter(pk=revision.application_id))
    due = half_at(revision.submitted_at or clock.now())
    return Review.objects.get_or_create(revision=revision, defaults={"due_at": due})[0]


def end(revision: Revision) -> None:
    """Stop the clock, and leave what waits."""
    placing.place(Application.objects.filter(pk=revision.application_id))
    Review.objects.filter(revision=revision).update(due_at=None)


def lock_review(
    revision: Revision, origin: Origin, act: RevisionAct, *, side: Role, stamp: str = ""
) -> tuple[Locked, Revision, Review]:
    """The revision read again under the lock of its application, moved by the act, with its review.

    `stamp` is that of the registration alone, or `review_stamp` of all that the page of the review showed. Raises `Denied`
    and `Conflict`.
    """
    locked = lock(revision.application, origin, side=side)
    fresh = Revision.objects.get(pk=revision.pk, application=locked.application)
    review = desk.review_of(fresh) or begin(fresh)
    seen = (stamp_of(locked.application, fresh), review_stamp(locked.application, fresh, review))
    fresh.state = locked.move_revision(fresh, act)
    if stamp and stamp not in seen:
        raise Conflict(ConflictFault.STALE)
    return locked, fresh, review


def save(review: Review, *changed: str) -> None:
    """Write the named fields, so that every page that showed the review before is out of date."""
    review.version += 1
    review.save(update_fields=[*changed, "version"])
