"""What the two sides of a review are told of it, besides the decision."""

from dataclasses import dataclass
from typing import ClassVar

from varco.accounts.models import User
from varco.mail.notifications import Notification
from varco.registry.models import Application, Revision


@dataclass(frozen=True)
class ReviewAssigned(Notification):
    """To a reviewer: `person` gave them a review."""

    code: ClassVar[str] = "review_assigned"
    application: Application
    revision: Revision
    person: User


@dataclass(frozen=True)
class ReviewQuestioned(Notification):
    """To the developer: a reviewer has written in the thread, without a name of theirs."""

    code: ClassVar[str] = "review_questioned"
    application: Application
    revision: Revision
    written: str


@dataclass(frozen=True)
class ReviewAnswered(Notification):
    """To the reviewer, or to all of them: `person` has written in the thread."""

    code: ClassVar[str] = "review_answered"
    application: Application
    revision: Revision
    written: str
    person: User


@dataclass(frozen=True)
class ReviewHalfTime(Notification):
    """To the operators: half of the time for an answer is over. `assignee` may be empty."""

    code: ClassVar[str] = "review_half_time"
    application: Application
    revision: Revision
    answer_due: int
    assignee: str


@dataclass(frozen=True)
class ReviewOverdue(Notification):
    """To the operators: the answer is overdue. `assignee` may be empty."""

    code: ClassVar[str] = "review_overdue"
    application: Application
    revision: Revision
    answer_due: int
    assignee: str


@dataclass(frozen=True)
class SecondApprovalNeeded(Notification):
    """To the other operators: `person` has approved a revision that takes two."""

    code: ClassVar[str] = "review_second_approval"
    application: Application
    revision: Revision
    person: User
