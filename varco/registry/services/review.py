"""Work on a review that decides nothing: who reads it, questions and answers, notes."""

from django.db import transaction

from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.mail.notifications import notify
from varco.protocol.fault import Fault
from varco.registry import desk
from varco.registry.access import role_of, whom_to_tell
from varco.registry.errors import Conflict, Invalid
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.lifecycle import RevisionAct, Role
from varco.registry.models import Application, Review, ReviewMessage, Revision
from varco.registry.review_notifications import ReviewAnswered, ReviewAssigned, ReviewQuestioned
from varco.registry.services import reviewing
from varco.registry.services.limits import check_often
from varco.registry.services.locking import Locked
from varco.registry.services.texts import required_text


@transaction.atomic
def assign(revision: Revision, origin: Origin, *, to: User | None, stamp: str = "") -> Review:
    """Take a review, give it to a colleague (who is told), or with None give it back.

    Raises `Conflict` where somebody else was quicker, and `Invalid` for somebody who could not decide about it.
    """
    locked, fresh, review = reviewing.lock_review(revision, origin, RevisionAct.ASSIGN, side=Role.OPERATOR, stamp=stamp)
    assignee = read_again(to)
    if to is not None and (assignee is None or role_of(assignee, locked.application) != Role.OPERATOR):
        raise Invalid({"assignee": [Fault(RegistrationFault.ASSIGNEE)]})
    if review.assignee == assignee:
        return review
    review.assignee = assignee
    reviewing.save(review, "assignee")
    record(
        Tag.APPLICATION_ASSIGNED, origin, application=locked.application, user=assignee, revision=fresh.number,
        to=assignee.name if assignee else "",
    )  # fmt: skip
    if assignee is not None and assignee != locked.actor:
        notify(ReviewAssigned(locked.application, fresh, locked.actor), [assignee])
    return review


@transaction.atomic
def send_question(revision: Revision, origin: Origin, *, text: str, stamp: str = "") -> ReviewMessage:
    """Write to the developer, who answers without sending anything in again; the clock goes on."""
    locked, fresh, review = reviewing.lock_review(
        revision, origin, RevisionAct.MESSAGE, side=Role.OPERATOR, stamp=stamp
    )
    message = _write(locked, fresh, review, text)
    record(Tag.APPLICATION_QUESTIONED, origin, application=locked.application, revision=fresh.number)
    notify(ReviewQuestioned(locked.application, fresh, message.text), whom_to_tell(locked.application, Role.DEVELOPER))
    return message


@transaction.atomic
def send_answer(application: Application, origin: Origin, *, text: str) -> ReviewMessage:
    """Write to whoever reviews the application: the one who has taken it, or all who could.

    Raises `Conflict` where nothing is under review and nothing was sent back, or very much was written today.
    """
    subject = desk.reviewed(application)
    if subject is None:
        raise Conflict(ConflictFault.NO_REVIEW)
    locked, fresh, review = reviewing.lock_review(subject, origin, RevisionAct.MESSAGE, side=Role.DEVELOPER)
    check_often(Tag.APPLICATION_ANSWERED, origin)
    message = _write(locked, fresh, review, text)
    record(Tag.APPLICATION_ANSWERED, origin, application=locked.application, revision=fresh.number)
    readers = whom_to_tell(locked.application, Role.OPERATOR)
    notify(
        ReviewAnswered(locked.application, fresh, message.text, locked.actor),
        [reader for reader in readers if reader == review.assignee] or readers,
    )
    return message


@transaction.atomic
def note(revision: Revision, origin: Origin, *, text: str) -> ReviewMessage:
    """Keep a note that only those read who review, at whatever state the revision is."""
    locked, fresh, review = reviewing.lock_review(revision, origin, RevisionAct.NOTE, side=Role.OPERATOR)
    message = _add(locked, fresh, ReviewMessage.Sort.NOTE, text)
    reviewing.save(review)
    record(Tag.APPLICATION_NOTED, origin, application=locked.application, revision=fresh.number)
    return message


def _write(locked: Locked, revision: Revision, review: Review, text: str) -> ReviewMessage:
    message = _add(locked, revision, ReviewMessage.Sort.MESSAGE, text)
    review.last_word = locked.role
    reviewing.save(review, "last_word")
    return message


def _add(locked: Locked, revision: Revision, sort: ReviewMessage.Sort, text: str) -> ReviewMessage:
    return ReviewMessage.objects.create(
        application=locked.application, revision=revision, sort=sort, text=required_text(text),
        author=locked.actor, author_name=locked.actor.name, side=locked.role,
    )  # fmt: skip
