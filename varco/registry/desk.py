"""Reading the review desk: one review, its thread, its place in the queue, and what is known of those who ask."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet

from varco.accounts.models import User
from varco.registry import access, evidence
from varco.registry.models import Application, Remark, Review, ReviewMessage, Revision


def review_of(revision: Revision) -> Review | None:
    """The review of a revision, with the people at it; None for a draft, or one of before there were any."""
    return Review.objects.select_related("assignee", "first_approver").filter(revision=revision).first()


def thread(application: Application) -> QuerySet[ReviewMessage]:
    """What both sides wrote about an application, over all of its revisions, the newest first."""
    return _messages(application, ReviewMessage.Sort.MESSAGE)


def notes(application: Application) -> QuerySet[ReviewMessage]:
    """What those who review wrote for themselves. Nothing of it is for the developer."""
    return _messages(application, ReviewMessage.Sort.NOTE)


def _messages(application: Application, sort: ReviewMessage.Sort) -> QuerySet[ReviewMessage]:
    written = ReviewMessage.objects.filter(application=application, sort=sort)
    return written.select_related("revision").order_by("-at_ms", "-pk")


def written_by(person: User) -> QuerySet[ReviewMessage]:
    """What somebody wrote to the other side of a review, or at the desk, the oldest first."""
    return ReviewMessage.objects.filter(author=person).select_related("application").order_by("at_ms", "pk")


def reviewed(application: Application) -> Revision | None:
    """The revision that a thread is about: the last one handed in; None where there was none."""
    return application.revisions.exclude(state=Revision.State.DRAFT).order_by("-number").first()


def remarks_on(revision: Revision) -> dict[str, str]:
    """The reviewer's remarks on a revision, by field."""
    return dict(Remark.objects.filter(revision=revision).values_list("field", "text"))


def answered_by(revision: Revision) -> Revision | None:
    """The revision that this one answers: the last decided before it, if it was sent back or rejected."""
    decided = (Revision.State.APPROVED, Revision.State.CHANGES_REQUESTED, Revision.State.REJECTED)
    last = (
        Revision.objects.filter(application=revision.application_id, state__in=decided, number__lt=revision.number)
        .select_related("decided_by")
        .order_by("-number")
        .first()
    )
    return last if last and last.state != Revision.State.APPROVED else None


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


def developer_history(revision: Revision) -> DeveloperHistory:
    """The history of whoever asks, this revision left out."""
    keys = evidence.applications_of_developer(revision)
    states = Application.objects.filter(pk__in=keys).values("state").annotate(total=Count("pk")).order_by("state")
    # All states: with those that were decided alone, an engine reads what was ever decided about anybody.
    made = Revision.objects.filter(application__in=keys).exclude(pk=revision.pk)
    by_state = _counted(made.values("state").annotate(total=Count("pk")).order_by("state"))
    return DeveloperHistory(
        _counted(states), {state: total for state, total in by_state.items() if state in evidence.DECIDED}
    )


def _counted(rows: Iterable[Mapping[str, object]]) -> dict[str, int]:
    return {str(row["state"]): int(str(row["total"])) for row in rows}


@dataclass(frozen=True, slots=True)
class HostHistory:
    """What is known of a redirect host: who uses it now, and what was decided about it."""

    host: str
    own: int
    others: int
    revisions: Mapping[str, int]


def host_history(revision: Revision) -> list[HostHistory]:
    """The history of each public redirect host of a revision, this revision left out, as far as the newest of them tell it."""
    hosts = evidence.public_hosts(revision)
    if not hosts:
        return []
    known = Q(state__in=evidence.DECIDED) | Q(pk=F("application__live_revision"))
    found = Revision.objects.filter(known, pk__in=evidence.revisions_of_hosts(revision)).exclude(pk=revision.pk)
    # What is looked at of the newest two hundred, and nothing of what else each of them holds.
    read = ("state", "redirect_uris", "application__state", "application__team", "application__live_revision")
    rows = list(found.select_related("application").only(*read).order_by("-pk"))
    return [_of_host(host, rows, revision) for host in sorted(hosts)]


def _of_host(host: str, rows: Iterable[Revision], revision: Revision) -> HostHistory:
    mine = [row for row in rows if host in evidence.hosts_of(tuple(row.redirect_uris))]
    live = {
        row.application_id: row.application
        for row in mine
        if row.application.live_revision_id == row.pk
        and row.application.state != Application.State.RETIRED
        and row.application_id != revision.application_id
    }
    own = sum(access.have_same_developer(one, revision.application) for one in live.values())
    states: dict[str, int] = {}
    for row in mine:
        if row.state in evidence.DECIDED:
            states[row.state] = states.get(row.state, 0) + 1
    return HostHistory(host, own, len(live) - own, states)
