"""What people are told of tickets and of the Developer role, by kind."""

from dataclasses import dataclass, field
from typing import ClassVar

from varco.accounts.models import User
from varco.mail.notifications import Notification
from varco.tenants.models import Tenant
from varco.tickets.models import Ticket


@dataclass(frozen=True)
class TicketReceived(Notification):
    """To whoever asked: it is here, under a number."""

    code: ClassVar[str] = "ticket_received"
    ticket: Ticket


@dataclass(frozen=True)
class TicketOpened(Notification):
    """To the vendor's people: a ticket waits for them, new or by somebody's answer."""

    code: ClassVar[str] = "ticket_opened"
    ticket: Ticket
    new: bool


@dataclass(frozen=True)
class TicketAnswered(Notification):
    """To whoever asked: the vendor's people have written."""

    code: ClassVar[str] = "ticket_answered"
    ticket: Ticket


@dataclass(frozen=True)
class TicketDecided(Notification):
    """To whoever asked: approved or refused, and why."""

    code: ClassVar[str] = "ticket_decided"
    ticket: Ticket
    reason: str


@dataclass(frozen=True)
class TicketClosed(Notification):
    """To whoever asked: it is settled."""

    code: ClassVar[str] = "ticket_closed"
    ticket: Ticket


@dataclass(frozen=True)
class TicketToConfirm(Notification):
    """To the managers of a clinic: somebody of theirs has lost a second factor, and they can say whether it is them."""

    code: ClassVar[str] = "ticket_to_confirm"
    ticket: Ticket
    person: User


@dataclass(frozen=True)
class DeveloperActivated(Notification):
    """To the developer: the role is on; `introduced_by` is a clinic's name."""

    code: ClassVar[str] = "account_developer_activated"
    introduced_by: str


@dataclass(frozen=True)
class DeveloperInvited(Notification):
    """To somebody new: the link by which they become a developer, good for `days` and once."""

    code: ClassVar[str] = "account_developer_invited"
    secret: str = field(repr=False)
    days: int
    introduced_by: str
    company: str


@dataclass(frozen=True)
class DeveloperRefused(Notification):
    """To the developer: a clinic asked for their role, and it was refused."""

    code: ClassVar[str] = "account_developer_refused"
    introduced_by: str
    reason: str


@dataclass(frozen=True)
class DeveloperDeactivated(Notification):
    """To the developer: the role is off, and why."""

    code: ClassVar[str] = "account_developer_deactivated"
    reason: str


@dataclass(frozen=True)
class IntroductionBegun(Notification):
    """To the managers of the clinic: somebody whom it introduced has accepted the invitation."""

    code: ClassVar[str] = "account_introduction_begun"
    developer: User
    ticket: Ticket


@dataclass(frozen=True)
class IntroductionEnded(Notification):
    """To the managers of the clinic that introduced a developer: the role is off, and why."""

    code: ClassVar[str] = "account_introduction_ended"
    developer: User
    tenant: Tenant
    reason: str
