"""The chain of evidence: how an application came to a clinic's data, from the ticket for its developer to the last call.

A *stage* is one part of the chain, with what was recorded of it. `SOURCES` has a function for each.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from varco.audit import queries as events
from varco.audit.models import Event
from varco.audit.tags import Tag
from varco.clinical.access import records
from varco.clinical.access.records import Wanted
from varco.registry import access
from varco.registry.models import Application
from varco.tenants.models import Tenant

SHOWN = 20
"""Events of a stage on a page; the export has all."""
_TICKETS = 50  # of one clinic for one developer, which asks for them once or twice

REVIEW = (
    Tag.APPLICATION_SUBMITTED, Tag.APPLICATION_APPROVED, Tag.APPLICATION_CHANGES_REQUESTED, Tag.APPLICATION_REJECTED,
    Tag.APPLICATION_SUSPENDED, Tag.APPLICATION_RESTORED, Tag.APPLICATION_RETIRED, Tag.APPLICATION_PKCE_CHANGED,
)  # fmt: skip
CONSENT = (
    Tag.CONSENT_GIVEN, Tag.CONSENT_REFUSED, Tag.CONSENT_WITHDRAWN, Tag.DEVICE_APPROVED, Tag.DEVICE_DENIED,
    Tag.CLINIC_APPLICATION_BLOCKED, Tag.CLINIC_APPLICATION_UNBLOCKED,
)  # fmt: skip
ROLE = (Tag.ACCOUNT_CREATED, Tag.ACCOUNT_INVITED, Tag.ACCOUNT_INVITATION_ACCEPTED, Tag.ACCOUNT_ROLE_CHANGED)
TICKET = (
    Tag.TICKET_OPENED, Tag.TICKET_FIRST_APPROVED, Tag.TICKET_APPROVED, Tag.TICKET_REFUSED, Tag.DEVELOPER_ACTIVATED, Tag.DEVELOPER_DEACTIVATED,
)  # fmt: skip
MEMBERSHIP = (
    Tag.INTEGRATOR_ACCEPTED, Tag.INTEGRATOR_DATES_CHANGED, Tag.INTEGRATOR_ENDED, Tag.MEMBER_ADDED, Tag.MEMBER_REMOVED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage:
    """A part of the chain: its code, its events (the oldest first), and for the calls how often who did what."""

    code: str
    events: Sequence[Event] = ()
    calls: Sequence[dict[str, Any]] = ()
    more: bool = False
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Question:
    """Whose chain, and how much of it: at most `limit` events a stage, calls from `since` on (epoch ms)."""

    tenant: Tenant
    application: Application
    limit: int | None = SHOWN
    since: int | None = None

    @property
    def calls(self) -> Wanted:
        """The application's records at the clinic."""
        return Wanted(self.tenant.database, self.tenant.public_id, application_id=self.application.pk, since=self.since)


def _cut(code: str, found: Iterator[Event], limit: int | None) -> Stage:
    rows = list(islice(found, limit + 1 if limit else None))
    return Stage(code, rows[:limit] if limit else rows, more=bool(limit and len(rows) > limit))


def _ticket(question: Question) -> Stage:
    """The tickets by which this clinic asked for the developer, from being opened to their end; another clinic's are its own matter."""
    here, developer = question.tenant.public_id, access.developer_of(question.application)
    activated = events.acts_on_person(developer.public_id, [Tag.DEVELOPER_ACTIVATED]).filter(tenant=here)
    numbers = {event.detail.get("number") for event in activated[:_TICKETS]} - {None}
    found = events.events_of_tickets(here, sorted(numbers), TICKET) if numbers else ()
    return _cut("ticket", iter(found), question.limit)


def _developer(question: Question) -> Stage:
    developer = access.developer_of(question.application)
    found = events.acts_on_person(developer.public_id, ROLE) if developer else ()
    stage = _cut("developer", iter(found), question.limit)
    return Stage("developer", stage.events, more=stage.more, facts={"developer": developer.name if developer else ""})


def _review(question: Question) -> Stage:
    found = events.events_of_application(question.application.pk, REVIEW).reverse()
    return _cut("review", found.iterator(), question.limit)


def _consent(question: Question) -> Stage:
    found = events.events_of_application(question.application.pk, CONSENT).filter(tenant=question.tenant.public_id)
    return _cut("consent", found.reverse().iterator(), question.limit)


def _people(question: Question) -> Stage:
    """Who was of the clinic for a time only, and called through the application; where else they were is no matter of this clinic."""
    for_a_time = question.calls.found().filter(person_kind="integrator").order_by()
    people = sorted(for_a_time.values_list("person", flat=True).distinct())
    here = question.tenant.public_id
    found = (event for person in people for event in events.acts_on_person(person, MEMBERSHIP).filter(tenant=here))
    return _cut("people", found, question.limit)


def _calls(question: Question) -> Stage:
    return Stage("calls", calls=[dict(row) for row in records.summary(question.calls)])


SOURCES: list[Callable[[Question], Stage]] = [_ticket, _developer, _review, _consent, _people, _calls]
"""The stages in their order."""


def chain(question: Question) -> list[Stage]:
    """The chain of evidence of an application at a clinic."""
    return [source(question) for source in SOURCES]
