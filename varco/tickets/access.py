"""Who stands where to a ticket, and whom to tell. To everybody else a ticket does not exist."""

from enum import StrEnum

from django.db.models import Q

from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant
from varco.tickets import factors, kinds
from varco.tickets.fields import Asker
from varco.tickets.kinds import Decider, Reader
from varco.tickets.models import Ticket


class Side(StrEnum):
    """On which side of a ticket somebody stands."""

    ASKER = "asker"  # who opened it, whom it is about, or who manages the clinic whose ticket it is
    CLINIC = "clinic"  # a manager who did not ask, and can prove the person
    STAFF = "staff"


def asker(user: User) -> Asker:
    """Somebody who is signed in, as the one who asks."""
    return Asker(user, tenants.managed_by(user))


def half_signed_in(user: User) -> Asker:
    """Somebody whose password was right, and who has lost the second factor."""
    return Asker(user, None, half=True)


def side_of(user: User | None, ticket: Ticket) -> Side | None:
    """On which side an account stands; None for nobody of it. The vendor's people are askers of what they asked for themselves."""
    if user is None or not user.is_active or ticket.kind not in kinds.BY_CODE:
        return None
    readers = kinds.of(ticket).readers
    if Reader.OPENER in readers and ticket.opener_id == user.pk:
        return Side.ASKER
    if Reader.PERSON in readers and ticket.person_id == user.pk:
        return Side.ASKER
    if Reader.CLINIC in readers and ticket.tenant_id is not None and _manages(user, ticket):
        return Side.CLINIC if kinds.of(ticket).proof and ticket.opener_id != user.pk else Side.ASKER
    return Side.STAFF if user.answers_for_all else None


def _manages(user: User, ticket: Ticket) -> bool:
    managed = tenants.managed_by(user)
    return managed is not None and managed.pk == ticket.tenant_id


def visible_to(user: User, managed: Tenant | None) -> Q:
    """A condition: the tickets that somebody stands to as an asker, or as a manager of the clinic. `managed` is that clinic."""
    own = Q(opener=user, kind__in=kinds.read_by(Reader.OPENER)) | Q(person=user, kind__in=kinds.read_by(Reader.PERSON))
    # Whatever has one of them first, by an index each: asked for one or the other, a database would go through all tickets.
    tickets = Ticket.objects.order_by().values("pk")
    around = [tickets.filter(person=user), *([tickets.filter(tenant=managed)] if managed else [])]
    if managed:
        own |= Q(tenant=managed, kind__in=kinds.read_by(Reader.CLINIC))
    return Q(pk__in=tickets.filter(opener=user).union(*around)) & own


def decides(user: User, ticket: Ticket) -> bool:
    """Whether somebody may decide about a ticket, as far as who they are goes; not about what is their own."""
    if side_of(user, ticket) != Side.STAFF or user.pk in (ticket.opener_id, ticket.person_id):
        return False
    if ticket.about_email and ticket.about_email == user.email:
        return False
    return user.is_operator or kinds.of(ticket).deciders(ticket) == Decider.STAFF


def may_confirm(user: User, ticket: Ticket) -> bool:
    """Whether somebody can prove the person of a ticket."""
    return kinds.of(ticket).proof and user.pk in {prover.pk for prover in factors.provers(ticket)}


def needs_two(ticket: Ticket) -> bool:
    """Whether two of the vendor's people have to approve, as nobody else can prove the person."""
    return kinds.of(ticket).proof and ticket.confirmed_at is None and not factors.provers(ticket)


def askers(ticket: Ticket) -> list[User]:
    """Who gets the mails to whoever asked: the opener while they may see it, else the clinic's managers; whom it is about too."""
    asked = [user for user in (ticket.opener, ticket.person) if user is not None]
    found = [user for user in asked if side_of(user, ticket) in (Side.ASKER, Side.CLINIC)]
    if not found and ticket.tenant and Reader.CLINIC in kinds.of(ticket).readers:
        found = tenants.people_managing(ticket.tenant)
    return list({user.pk: user for user in found}.values())


def staff_to_tell(ticket: Ticket) -> list[User]:
    """Who gets the mails to the vendor's people: whoever works it, else support, else the operators; never about their own."""
    assignee = accounts.read_again(ticket.assignee)
    if assignee and assignee.is_active and assignee.answers_for_all:
        return [assignee]
    everybody = [user for user in accounts.staff() if decides(user, ticket)]
    return [user for user in everybody if not user.is_operator] or everybody
