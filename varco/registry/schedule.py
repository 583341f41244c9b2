"""The clock of the review desk as mail: at half time and when overdue, once each. Run by every worker (`varco.scheduled`)."""

from varco import clock
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.registry import access
from varco.registry.deadline import due_at, half_at
from varco.registry.lifecycle import Role
from varco.registry.models import Review, Revision
from varco.registry.review_notifications import ReviewHalfTime, ReviewOverdue
from varco.registry.services.reviewing import begin
from varco.scheduled import BATCH, perform_due

_OPEN_WITHOUT = Revision.objects.filter(state=Revision.State.SUBMITTED, review=None)


def run() -> int:
    """Remind the desk of what is due now; of how many reviews."""
    # Handed in by a version that knew no reviews.
    for revision in _OPEN_WITHOUT.all()[:BATCH]:
        begin(revision)
    return perform_due(Review, perform)


def perform(review: Review) -> None:
    """Remind the desk of one review, whose claim the caller's transaction holds, and set the next date.

    It takes no lock of the application: who decides holds that one first and then comes here.
    """
    revisions = access.with_developer(Revision.objects.select_related("application"), "application__")
    revision = revisions.get(pk=review.revision_id)
    if revision.state != Revision.State.SUBMITTED or revision.submitted_at is None:
        return
    now, answer_due = clock.now(), due_at(revision.submitted_at)
    reminded = review.reminded
    # Where both have passed, as after a long standstill, the second says it all.
    if now >= answer_due:
        review.reminded = Review.Reminded.OVERDUE
    elif now >= half_at(revision.submitted_at):
        review.reminded = max(reminded, Review.Reminded.HALF)
    if review.reminded != reminded:
        _tell(review, revision, answer_due)
    review.due_at = _next_at(review, revision.submitted_at)
    review.save(update_fields=["due_at", "reminded"])


def _next_at(review: Review, submitted_at: int) -> int | None:
    match review.reminded:
        case Review.Reminded.NOT:
            return half_at(submitted_at)
        case Review.Reminded.HALF:
            return due_at(submitted_at)
    return None


def _tell(review: Review, revision: Revision, answer_due: int) -> None:
    application = revision.application
    kind = ReviewOverdue if review.reminded == Review.Reminded.OVERDUE else ReviewHalfTime
    assignee = review.assignee.name if review.assignee else ""
    record(
        Tag.APPLICATION_REMINDED, Origin(), application=application, revision=revision.number,
        overdue=review.reminded == Review.Reminded.OVERDUE,
    )  # fmt: skip
    notify(kind(application, revision, answer_due, assignee), access.whom_to_tell(application, Role.OPERATOR))
