"""Another last day, the end, and the report."""

import dataclasses
import datetime as dt
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tests.conftest import FrozenClock
from tests.support import access_rows, integrators, people
from tests.support.integrators import active, fresh, given
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants.models import Grant, LogoutNotice
from varco.integrators import report, schedule, services
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.mail.models import Message
from varco.people import accounts, clinics, members
from varco.registry.errors import Denied, Invalid
from varco.tenants.models import Membership, Tenant

DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _standing(frozen: FrozenClock, settings: Any) -> None:
    """All of this is about days, and about an installation that is no demo."""
    settings.VARCO = dataclasses.replace(settings.VARCO, second_factor_roles=("integrator",))


def connected(user: User, made: people.Registered, **changes: object) -> Grant:
    """A grant of the person to an application, in a browser session that goes on."""
    fields = {
        "state": "active",
        "scopes": "openid offline_access giponext.patients",
        "sid": "s",
        "last_used_at": 1_800_000_000,
    }
    return Grant.objects.create(
        user=user, application=made.application, tenant=user.membership.tenant, expires_at=2_000_000_000, **fields | changes
    )  # fmt: skip


def called(user: User, made: people.Registered, operation: str, at_ms: int, **fields: Any) -> None:
    """A call of the API, as the gate records it."""
    who: dict[str, Any] = {
        "person": user.public_id,
        "application_id": made.application.pk,
        "application_name": made.application.name,
    }
    access_rows.record(0, [7], at=at_ms, operation=operation, **who | fields)


def test_the_manager_ends_it_and_everything_that_went_with_it_is_over(db: None) -> None:
    made = people.application(people.davide(), backchannel_logout_uri="https://agenda.example/logout")
    access, user = active()
    grant = connected(user, made)
    services.end(access, Origin(access.asked_by), text="The work is done.")
    assert not Membership.objects.filter(user=user).exists()
    user.refresh_from_db()
    assert not user.is_active  # the account was made for it
    grant.refresh_from_db()
    assert grant.state == "ended"
    assert LogoutNotice.objects.filter(user=user, application=made.application).count() == 1
    ended = fresh(access)
    assert (ended.state, ended.end_reason, ended.end_text, ended.due_at) == (
        "ended",
        "manager",
        "The work is done.",
        None,
    )
    told = dict(Message.objects.filter(subject__contains="ended").values_list("to", "subject"))
    assert set(told) == {"marta@aurora.example", integrators.EMAIL}
    with pytest.raises(Invalid):
        services.end(access, Origin(access.asked_by), text="Again.")


def test_a_person_who_was_here_before_keeps_their_account(db: None) -> None:
    davide = people.davide()
    access = given(email=davide.email)
    services.accept(integrators.secret_of(davide.email), Origin(davide))
    services.end(access, Origin(access.asked_by), text="Done.")
    davide.refresh_from_db()
    assert davide.is_active
    assert not Membership.objects.filter(user=davide).exists()


def test_whoever_had_access_once_gets_it_anew_with_another_password_and_factor(db: None) -> None:
    access, user = active()
    services.end(access, Origin(access.asked_by), text="Done.")
    again = given()
    same = integrators.accepted(again, factor=False)
    assert same.pk == user.pk
    assert same.is_active
    assert not Membership.objects.get(user=user).active


def test_the_report_counts_what_was_done_and_says_nothing_of_whom(db: None, frozen: FrozenClock) -> None:
    made, other = people.application(people.davide()), people.application(people.person("Dora", "D"), name="Other")
    access, user = active()
    start = frozen.milliseconds
    for seconds in (10, 70, 40):
        called(user, made, "patient.read", start + seconds * 1000)
    called(user, other, "patients.listed", start + 5000)
    called(user, made, "patient.read", start + 9000, tenant_id="tenant-levante")  # another clinic's
    called(user, made, "patient.read", start - 9000)  # before it
    called(people.dario(), made, "patient.changed", start + 9000)  # somebody else
    called(user, made, "patient.read", start + 9000, outcome="not_found")  # nothing was shown
    frozen.advance(100)
    services.end(access, Origin(access.asked_by), text="Done.")
    found = fresh(access).report
    begun = start // 1000
    assert (found["calls"], found["first"], found["last"]) == (4, begun + 5, begun + 70)
    rows = [
        (row["application"], row["operation"], row["times"], row["first"], row["last"]) for row in found["operations"]
    ]
    assert rows == [
        ("Agenda Facile", "patient.read", 3, begun + 10, begun + 70),
        ("Other", "patients.listed", 1, begun + 5, begun + 5),
    ]
    assert "7" not in str([row["operation"] + row["application"] for row in found["operations"]])


def test_it_is_shortened_by_the_manager_and_extended_by_support(db: None) -> None:
    access, user = active(days=60)
    marta, support = Origin(access.asked_by), Origin(people.person("Sam", "Support", platform_role="support"))
    sooner = access.last_day - 20 * DAY
    services.shorten(access, marta, last_day=sooner)
    assert (fresh(access).last_day, Membership.objects.get(user=user).expires_at) == (sooner, fresh(access).ends_at)
    for origin in (marta, Origin(user)):
        with pytest.raises(Denied):
            services.extend(access, origin, last_day=access.last_day)
    with pytest.raises(Denied):
        services.shorten(access, support, last_day=integrators.today())
    later = access.last_day + 30 * DAY
    services.extend(access, support, last_day=later)
    assert (fresh(access).last_day, Membership.objects.get(user=user).expires_at) == (later, fresh(access).ends_at)


@pytest.mark.parametrize(
    ("act", "days", "code"),
    [
        ("shorten", -1, IntegratorFault.LAST_DAY_PAST),
        ("shorten", 60, IntegratorFault.NOT_SHORTER),
        ("extend", 60, IntegratorFault.NOT_LONGER),
        ("extend", 367, IntegratorFault.LAST_DAY_FAR),
    ],
)
def test_a_day_that_will_not_do_changes_nothing(db: None, act: str, days: int, code: str) -> None:
    access, user = active(days=60)
    by = access.asked_by if act == "shorten" else User.objects.get(platform_role="support")
    before = Membership.objects.get(user=user).expires_at
    with pytest.raises(Invalid) as refused:
        getattr(services, act)(access, Origin(by), last_day=integrators.today() + days * DAY)
    assert refused.value.faults["last_day"][0].code == code
    assert Membership.objects.get(user=user).expires_at == before


def test_two_forms_at_once_leave_one_truth(transactional_db: None) -> None:
    access, user = active(days=60)
    marta = access.asked_by
    days = [integrators.today() + (10 + number) * DAY for number in range(4)]

    def run(number: int) -> bool:
        try:
            services.shorten(access, Origin(marta), last_day=days[number])
        except Invalid:
            return False
        return True

    race(run, 4)
    assert fresh(access).last_day == min(days)
    assert Membership.objects.get(user=user).expires_at == fresh(access).ends_at

    def finish(number: int) -> bool:
        try:
            if number % 2:
                services.end(access, Origin(marta), text="Done.")
            else:
                services.shorten(access, Origin(marta), last_day=integrators.today())
        except Invalid:
            return False
        return True

    race(finish, 4)
    assert fresh(access).state == "ended"
    assert Event.objects.filter(tag="integrator.ended").count() == 1


def switched_off_by_the_manager(user: User) -> None:
    """Among the people of the clinic; another factor changes nothing about that."""
    tenant, marta = user.membership.tenant, User.objects.get(email="marta@aurora.example")
    members.deactivate(tenant, user, Origin(marta), reason="Not here.")
    Authenticator.objects.filter(user=user).delete()
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert not Membership.objects.get(user=user).active


@pytest.mark.parametrize(
    ("gone", "reason"),
    [
        (lambda user: Tenant.objects.update(state="closed"), "clinic_closed"),
        (lambda user: clinics.remove_member(user, Origin()), "account"),
        (lambda user: accounts.deactivate(user, Origin()), "account"),
        (switched_off_by_the_manager, "manager"),
    ],
)
def test_it_outlives_neither_its_clinic_nor_its_account(db: None, gone: object, reason: str) -> None:
    access, user = active()
    gone(user)  # type: ignore[operator]
    schedule.run()
    assert (fresh(access).state, fresh(access).end_reason) == ("ended", reason)
    assert not Membership.objects.filter(user=user).exists()


def test_a_report_can_be_read_before_the_end(db: None, frozen: FrozenClock) -> None:
    access, user = active()
    assert report.made(access)["calls"] == 0
    called(user, people.application(people.davide()), "patient.added", frozen.milliseconds + 1)
    assert report.made(fresh(access))["calls"] == 1
    assert IntegratorAccess.objects.get().report == {}
