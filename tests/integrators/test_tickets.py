"""AccessRequest for in a ticket, given by its approval: the way of every access where the vendor keeps the default."""

import datetime as dt
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import integrators, people, tickets
from tests.support.integrators import fresh
from varco.audit.services import Origin
from varco.integrators import services as integrator_services
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.mail.models import Message
from varco.registry.errors import Conflict, Invalid
from varco.tickets import services
from varco.tickets.models import Ticket

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _standing(frozen: FrozenClock) -> None:
    """All of this is about days."""


def test_approving_the_ticket_gives_the_access_and_invites(db: None) -> None:
    ticket, sara = tickets.opened(people.marta(), "integrator_access", permissions=["patients.read"]), people.sara()
    assert not IntegratorAccess.objects.exists()
    services.approve(ticket, Origin(sara))
    access = IntegratorAccess.objects.get()
    assert access.ceiling == ["patients.read", "agenda.read", "agenda.write", "treatments.read"]
    assert (access.ticket, access.asked_by, access.granted_by) == (ticket.number, ticket.opener, sara)
    assert Message.objects.filter(to="ivo@integra.example").count() == 1
    assert tickets.fresh(ticket).outcome == "approved"


def test_refused_nobody_hears_of_it_but_who_asked(db: None) -> None:
    ticket = tickets.opened(people.marta(), "integrator_access")
    services.refuse(ticket, Origin(people.sara()), text="Which project?")
    assert not IntegratorAccess.objects.exists()
    assert not Message.objects.filter(to="ivo@integra.example").exists()


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"sets": []}, "sets", IntegratorFault.PERMISSIONS_MISSING),
        ({"email": "marta@aurora.example"}, "email", IntegratorFault.EMAIL_MEMBER),
        ({"client_id": "varco-none"}, "client_id", IntegratorFault.APPLICATION_UNKNOWN),
        ({"last_day": "2027-01-14"}, "last_day", IntegratorFault.LAST_DAY_PAST),
        ({"last_day": "2028-01-16"}, "last_day", IntegratorFault.LAST_DAY_FAR),
        ({"first_day": "2027-01-14"}, "first_day", IntegratorFault.FIRST_DAY_PAST),
    ],
)
def test_what_is_wrong_is_told_when_it_is_asked_for(db: None, changes: dict[str, Any], field: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        tickets.opened(people.marta(), "integrator_access", **changes)
    assert refused.value.faults[field][0].code == code
    assert not Ticket.objects.exists()


def test_what_speaks_against_it_by_the_time_it_is_approved_leaves_the_ticket_as_it_was(
    db: None, frozen: FrozenClock
) -> None:
    marta, sara = people.marta(), people.sara()
    first, second = (tickets.opened(marta, "integrator_access") for _ in range(2))
    services.approve(first, Origin(sara))
    with pytest.raises(Conflict):
        services.approve(second, Origin(sara))
    assert tickets.fresh(second).outcome == ""
    late = tickets.opened(marta, "integrator_access", email="late@integra.example")
    frozen.advance(61 * 86400)
    with pytest.raises(Conflict):
        services.approve(late, Origin(sara))
    assert IntegratorAccess.objects.count() == 1


def test_an_extension_is_asked_for_and_given(db: None) -> None:
    access = integrators.given()
    marta, sara = access.asked_by, access.granted_by
    assert marta
    assert sara
    ticket = tickets.opened(marta, "integrator_extension")
    assert fresh(access).last_day == access.last_day
    services.approve(ticket, Origin(sara))
    assert fresh(access).last_day == access.last_day + 30 * DAY


def test_an_access_of_another_clinic_is_no_choice_and_one_that_is_over_is_not_extended(db: None) -> None:
    access = integrators.given()
    marta, sara = access.asked_by, access.granted_by
    assert marta
    assert sara
    integrators.given(tenant=people.luca().membership.tenant, email="leo@integra.example")
    with pytest.raises(Invalid):
        tickets.opened(marta, "integrator_extension", access="leo@integra.example")
    for last_day in (access.last_day, access.last_day + 400 * DAY):
        with pytest.raises(Invalid):
            tickets.opened(marta, "integrator_extension", last_day=last_day.isoformat())
    ticket = tickets.opened(marta, "integrator_extension")
    integrator_services.end(access, Origin(marta), text="Done.")
    with pytest.raises(Conflict):
        services.approve(ticket, Origin(sara))
    assert fresh(access).state == "ended"


def test_an_extension_is_of_the_access_that_was_there_when_it_was_asked_for(db: None, frozen: FrozenClock) -> None:
    """Not of the next one to the same address, which may open much more."""
    access = integrators.given()
    marta, sara = access.asked_by, access.granted_by
    assert marta
    assert sara
    ticket = tickets.opened(marta, "integrator_extension")
    integrator_services.end(access, Origin(marta), text="Done.")
    frozen.advance(60)
    other = integrators.given(days=7, permissions=("patients.read", "patients.write"))
    with pytest.raises(Conflict):
        services.approve(ticket, Origin(sara))
    assert fresh(other).last_day == other.last_day
