"""Reading the review desk: one review, its thread, its place in the queue, and what is known of those who ask."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import BigIntegerField, CharField, Count, IntegerField, Q, QuerySet

from varco.accounts.models import User
from varco.compiled import Compiled
from varco.registry import evidence
from varco.registry.models import Application, Remark, Review, ReviewMessage, Revision

SAID = 5
"""How much of what was written stands on the page of the review itself."""


def review_of(revision: Revision) -> Review | None:
    """The review of a revision, with the people at it; None for a draft, or one of before there were any."""
    return _REVIEW_OF.only(revision=revision.pk)


_REVIEW_OF: Compiled[Review] = Compiled(
    lambda revision: Review.objects.select_related("assignee", "first_approver").filter(revision=revision),
    revision=BigIntegerField(),
)


def thread(application: Application) -> QuerySet[ReviewMessage]:
    """What both sides wrote about an application, over all of its revisions, the newest first."""
    return _messages(application, ReviewMessage.Sort.MESSAGE)


def notes(application: Application) -> QuerySet[ReviewMessage]:
    """What those who review wrote for themselves. Nothing of it is for the developer."""
    return _messages(application, ReviewMessage.Sort.NOTE)


def _messages(application: Application, sort: ReviewMessage.Sort) -> QuerySet[ReviewMessage]:
    written = ReviewMessage.objects.filter(application=application, sort=sort)
    return written.select_related("revision").order_by("-at_ms", "-pk")


def last_written(application: Application, sort: ReviewMessage.Sort) -> list[ReviewMessage]:
    """The last of either, as many as the page of a review shows and one more."""
    return _LAST_WRITTEN(application=application.pk, sort=sort)


_LAST_WRITTEN: Compiled[ReviewMessage] = Compiled(
    lambda application, sort: (
        ReviewMessage.objects.filter(application=application, sort=sort)
        .select_related("revision")
        .order_by("-at_ms", "-pk")[: SAID + 1]
    ),
    application=BigIntegerField(),
    sort=CharField(),
)


def written_by(person: User) -> QuerySet[ReviewMessage]:
    """What somebody wrote to the other side of a review, or at the desk, the oldest first."""
    return ReviewMessage.objects.filter(author=person).select_related("application").order_by("at_ms", "pk")


def reviewed(application: Application) -> Revision | None:
    """The revision that a thread is about: the last one handed in; None where there was none."""
    found = _REVIEWED.only(application=application.pk)
    if found is not None:
        found.application = application
    return found


_REVIEWED: Compiled[Revision] = Compiled(
    lambda application: (
        Revision.objects.filter(application=application).exclude(state=Revision.State.DRAFT).order_by("-number")[:1]
    ),
    application=BigIntegerField(),
)


def remarks_on(revision: Revision) -> dict[str, str]:
    """The reviewer's remarks on a revision, by field."""
    return dict(_REMARKS_ON(revision=revision.pk))


_REMARKS_ON: Compiled[tuple[str, str]] = Compiled(
    lambda revision: Remark.objects.filter(revision=revision).values_list("field", "text"), revision=BigIntegerField()
)


def answered_by(revision: Revision) -> Revision | None:
    """The revision that this one answers: the last decided before it, if it was sent back or rejected."""
    last = _DECIDED_BEFORE.only(application=revision.application_id, number=revision.number)
    return last if last and last.state != Revision.State.APPROVED else None


_DECIDED_BEFORE: Compiled[Revision] = Compiled(
    lambda application, number: (
        Revision.objects.filter(application=application, state__in=evidence.DECIDED, number__lt=number)
        .select_related("decided_by")
        .order_by("-number")[:1]
    ),
    application=BigIntegerField(),
    number=IntegerField(),
)


def approved_before(revision: Revision) -> Revision | None:
    """The revision of the same application that was approved last before this one."""
    return _APPROVED_BEFORE.only(application=revision.application_id, number=revision.number)


_APPROVED_BEFORE: Compiled[Revision] = Compiled(
    lambda application, number: Revision.objects.filter(
        application=application, state=Revision.State.APPROVED, number__lt=number
    ).order_by("-number")[:1],
    application=BigIntegerField(),
    number=IntegerField(),
)


def remarks(revision: Revision) -> dict[str, str]:
    """What a developer should see beside the fields of a revision: remarks on it, or, while they answer them, on the one before."""
    found = remarks_on(revision)
    if found or revision.state not in {Revision.State.DRAFT, Revision.State.SUBMITTED}:
        return found
    before = answered_by(revision)
    return remarks_on(before) if before else {}


def before_in_queue(revision: Revision) -> int:
    """How many wait longer than this one."""
    earlier = Q(submitted_at__lt=revision.submitted_at) | Q(submitted_at=revision.submitted_at, pk__lt=revision.pk)
    return Revision.objects.filter(earlier, state=Revision.State.SUBMITTED).count()


@dataclass(frozen=True, slots=True)
class DeveloperHistory:
    """What is known of a developer: their applications by state, and how many of their revisions were decided how."""

    by_state: Mapping[str, int]
    revisions: Mapping[str, int]

    @property
    def is_new(self) -> bool:
        """Whether nothing of theirs was ever decided."""
        return not any(self.revisions.values())


def developer_history(revision: Revision, related: evidence.Related) -> DeveloperHistory:
    """The history of whoever asks, this revision left out."""
    # All states: with those that were decided alone, an engine reads what was ever decided about anybody.
    made = Revision.objects.filter(application__in=related.siblings).exclude(pk=revision.pk)
    by_state = dict(made.order_by("state").values_list("state").annotate(total=Count("pk")))
    return DeveloperHistory(
        dict(sorted(Counter(related.siblings.values()).items())),
        {state: total for state, total in by_state.items() if state in evidence.DECIDED},
    )


@dataclass(frozen=True, slots=True)
class HostHistory:
    """What is known of a redirect host: who uses it now, and what was decided about it."""

    host: str
    own: int
    others: int
    revisions: Mapping[str, int]


def host_history(revision: Revision, related: evidence.Related) -> list[HostHistory]:
    """The history of each public redirect host of a revision, this revision left out, as far as the newest of them tell it."""
    uses = [(use, evidence.hosts_of(use.redirect_uris)) for use in related.of_hosts]
    return [
        _of_host(host, [use for use, hosts in uses if host in hosts], revision.application_id)
        for host in sorted(evidence.public_hosts(revision))
    ]


def _of_host(host: str, uses: Sequence[evidence.HostUse], application: int) -> HostHistory:
    live = {use.application: use.own for use in uses if use.in_force and use.application != application}
    states = Counter(use.state for use in uses if use.state in evidence.DECIDED)
    return HostHistory(host, sum(live.values()), len(live) - sum(live.values()), states)
