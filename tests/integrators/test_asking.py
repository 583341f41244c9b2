"""What a manager may ask for, and who may give it."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import integrators, people
from tests.support.integrators import asked, given
from tests.support.races import race
from varco.accounts import queries as accounts
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.integrators import services
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.mail.models import Message
from varco.registry.errors import Denied, Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.tenants.models import Membership, Tenant

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _standing(frozen: FrozenClock) -> None:
    """All of this is about days."""


def codes(tenant: Tenant, **changes: Any) -> dict[str, list[str]]:
    found = services.check(tenant, asked(**changes))
    return {name: [str(fault.code) for fault in faults] for name, faults in found.items()}


def test_a_right_request_has_no_faults(db: None) -> None:
    assert codes(people.marta().membership.tenant) == {}


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"email": "no address"}, "email", IntegratorFault.EMAIL_MALFORMED),
        ({"email": "ines@integra.example\nBcc: all@x.example"}, "email", IntegratorFault.EMAIL_MALFORMED),
        ({"email": "inеs@integra.example"}, "email", IntegratorFault.EMAIL_MALFORMED),  # one letter is Cyrillic
        ({"email": "ines@intеgra.example"}, "email", IntegratorFault.EMAIL_MALFORMED),
        ({"email": "Marta@Aurora.example"}, "email", IntegratorFault.EMAIL_MEMBER),
        ({"project": "  "}, "project", IntegratorFault.PROJECT_MISSING),
        ({"project": "x" * 501}, "project", RegistrationFault.TOO_LONG),
        ({"project": "\u202egnissecca"}, "project", RegistrationFault.INVISIBLE_CHARACTERS),
        ({"permissions": ()}, "permissions", IntegratorFault.PERMISSIONS_MISSING),
        ({"permissions": ("patients.read", "root")}, "permissions", IntegratorFault.PERMISSION_UNKNOWN),
        ({"client_id": "varco-none"}, "client_id", IntegratorFault.APPLICATION_UNKNOWN),
        ({"client_id": "a\0b"}, "client_id", IntegratorFault.APPLICATION_UNKNOWN),
        ({"last_day": None}, "last_day", IntegratorFault.LAST_DAY_MISSING),
        ({"days": -1}, "last_day", IntegratorFault.LAST_DAY_PAST),
        ({"days": 367}, "last_day", IntegratorFault.LAST_DAY_FAR),
    ],
)
def test_what_is_wrong_stands_beside_its_field(db: None, changes: dict[str, Any], field: str, code: str) -> None:
    assert codes(people.marta().membership.tenant, **changes) == {field: [code]}


def test_days_begin_today_and_end_within_twelve_months(db: None) -> None:
    tenant, day = people.marta().membership.tenant, integrators.today()
    year = day.replace(year=day.year + 1)
    assert codes(tenant, first_day=day, last_day=day) == codes(tenant, last_day=year) == {}
    assert codes(tenant, first_day=day - DAY) == {"first_day": [IntegratorFault.FIRST_DAY_PAST]}
    assert codes(tenant, first_day=day + 91 * DAY, days=200) == {"first_day": [IntegratorFault.FIRST_DAY_FAR]}
    before = codes(tenant, first_day=day + 9 * DAY, days=8)
    assert before == {"last_day": [IntegratorFault.LAST_DAY_BEFORE_FIRST]}
    assert codes(tenant, last_day=year + DAY) == {"last_day": [IntegratorFault.LAST_DAY_FAR]}


def test_the_one_application_has_to_be_in_force(db: None) -> None:
    made, tenant = people.application(people.davide()), people.marta().membership.tenant
    assert codes(tenant, client_id=made.client_id) == {}
    made.application.state = "suspended"
    made.application.save()
    assert codes(tenant, client_id=made.client_id) == {"client_id": [IntegratorFault.APPLICATION_UNKNOWN]}


def test_support_gives_it_and_the_link_goes_to_the_address_alone(db: None) -> None:
    access = given()
    assert (access.state, access.email, access.ceiling) == (
        "granted",
        integrators.EMAIL,
        ["patients.read", "agenda.read"],
    )
    (mail,) = Message.objects.all()
    assert mail.to == integrators.EMAIL
    assert integrators.secret_of() not in repr(Event.objects.values_list())
    assert accounts.by_email(integrators.EMAIL) is None
    assert not Membership.objects.filter(expires_at__isnull=False).exists()


def test_nobody_else_gives_it(db: None) -> None:
    marta, tenant = people.marta(), people.tenant("Aurora")
    for person in (marta, people.dario(), people.davide(), people.luca()):
        with pytest.raises(Denied):
            services.grant(asked(), tenant, marta, Origin(person), ticket=1)
    sara = people.sara()
    with pytest.raises(Denied):  # who asked does not decide
        services.grant(asked(), tenant, sara, Origin(sara), ticket=1)
    with pytest.raises(Denied):  # the vendor has not said that managers may
        services.create(asked(), Origin(marta))
    assert not IntegratorAccess.objects.exists()


def test_where_the_vendor_lets_them_managers_give_it_themselves_for_their_clinic_alone(db: None, settings: Any) -> None:
    import dataclasses

    settings.VARCO = dataclasses.replace(settings.VARCO, integrators_direct=True)
    marta = people.marta()
    assert services.create(asked(), Origin(marta)).tenant == marta.membership.tenant
    for person in (people.dario(), people.olga(), people.davide()):
        with pytest.raises(Denied):
            services.create(asked(email="b@integra.example"), Origin(person))


def test_what_was_asked_for_days_ago_begins_on_the_day_it_is_granted(db: None, frozen: FrozenClock) -> None:
    marta, sara, old = people.marta(), people.sara(), asked(first_day=integrators.today())
    frozen.advance(3 * 86400)
    access = services.grant(old, marta.membership.tenant, marta, Origin(sara), ticket=1)
    assert access.first_day == integrators.today()
    late = replace(old, email="b@integra.example", last_day=integrators.today() - DAY)
    with pytest.raises(Invalid):
        services.grant(late, marta.membership.tenant, marta, Origin(sara), ticket=2)


def test_of_two_who_give_it_at_once_one_does(transactional_db: None) -> None:
    marta, sara, olga = people.marta(), people.sara(), people.olga()

    def run(number: int) -> str:
        try:
            services.grant(asked(), marta.membership.tenant, marta, Origin((sara, olga)[number % 2]), ticket=1)
        except Invalid as invalid:
            return str(next(iter(invalid.faults.values()))[0].code)
        return "given"

    assert sorted(race(run, 4)) == ["given", *[IntegratorFault.GIVEN_ALREADY] * 3]
    assert IntegratorAccess.objects.count() == Message.objects.filter(to=integrators.EMAIL).count() == 1
