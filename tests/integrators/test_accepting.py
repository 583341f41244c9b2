"""The invitation: once, 48 hours, by the person it was sent to; and a second factor before anything works."""

import dataclasses
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tests.conftest import FrozenClock
from tests.support import integrators, people
from tests.support.integrators import accepted, active, fresh, given, secret_of
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.integrators import queries, schedule, services
from varco.integrators.faults import IntegratorFault
from varco.people import accounts, members
from varco.people.errors import Refused
from varco.registry.errors import Denied, Invalid
from varco.tenants import queries as tenants
from varco.tenants.models import Membership, Tenant

DAY = 86400


@pytest.fixture(autouse=True)
def _standing(frozen: FrozenClock, settings: Any) -> None:
    """All of this is about days, and about an installation that is no demo: there integrators must have a second factor."""
    settings.VARCO = dataclasses.replace(settings.VARCO, second_factor_roles=("integrator",))


def refusal(secret: str, origin: Origin | None = None) -> str:
    with pytest.raises(Invalid) as refused:
        services.accept(secret, origin or Origin())
    return str(refused.value.faults[""][0].code)


def test_whoever_accepts_is_a_temporary_member_and_switched_on_by_a_second_factor(db: None) -> None:
    access = given()
    user = accepted(access, factor=False)
    membership = tenants.membership_of(user)
    assert membership
    assert (membership.role, membership.active, membership.expires_at) == ("integrator", False, access.ends_at)
    assert membership.permissions.split() == access.ceiling
    factor = Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert Membership.objects.get(user=user).active
    factor.delete()
    assert not Membership.objects.get(user=user).active
    # Recovery codes alone are no second factor.
    Authenticator.objects.create(user=user, type=Authenticator.Type.RECOVERY_CODES, data={"seed": "x"})
    assert not Membership.objects.get(user=user).active


def test_a_factor_reset_by_support_switches_it_off(db: None) -> None:
    _access, user = active()
    accounts.reset_factors(user, Origin())
    assert not Membership.objects.get(user=user).active


def test_the_link_works_once_and_for_48_hours(db: None, frozen: FrozenClock) -> None:
    access = given()
    secret = secret_of()
    frozen.advance(2 * DAY)
    assert refusal(secret) == IntegratorFault.INVITATION_OVER
    marta = access.asked_by
    services.invite_again(access, Origin(marta))
    assert refusal(secret) == IntegratorFault.INVITATION_OVER
    new = secret_of()
    with pytest.raises(Invalid):  # nobody's mailbox is filled
        services.invite_again(access, Origin(marta))
    frozen.advance(2 * DAY - 1)
    assert services.accept(new, Origin())
    assert refusal(new) == IntegratorFault.INVITATION_OVER


@pytest.mark.parametrize("secret", ["", "vin.", "vin." + "x" * 43, "vin." + "é" * 43, "x" * 47, "vin." + "\0" * 43])
def test_no_other_link_opens_anything(db: None, secret: str) -> None:
    given()
    assert queries.invited(secret) is None
    assert refusal(secret) == IntegratorFault.INVITATION_OVER


def test_a_clinic_that_is_not_active_lets_nobody_in(db: None) -> None:
    given()
    Tenant.objects.update(state="suspended")
    assert refusal(secret_of()) == IntegratorFault.INVITATION_OVER


def test_an_account_accepts_signed_in_as_its_person_and_no_other(db: None) -> None:
    davide = people.davide()
    given(email=davide.email)
    secret = secret_of(davide.email)
    assert refusal(secret) == refusal(secret, Origin(people.silvia())) == IntegratorFault.OTHER_ACCOUNT
    assert services.accept(secret, Origin(davide)) == ""
    membership = tenants.membership_of(davide)
    assert membership
    assert not membership.active  # he has no second factor yet


def test_one_belongs_to_one_clinic_and_leaves_a_sandbox_for_it(db: None) -> None:
    lia, sandro, olga = people.lia(), people.sandro(), people.olga()
    for user, code in ((lia, IntegratorFault.ELSEWHERE), (olga, IntegratorFault.ACCOUNT_OF_VENDOR)):
        given(email=user.email)
        assert refusal(secret_of(user.email), Origin(user)) == code
    given(email=sandro.email)
    services.accept(secret_of(sandro.email), Origin(sandro))
    assert tenants.tenant_of(sandro) == people.tenant("Aurora")


def test_of_many_who_use_the_link_at_once_one_gets_in(transactional_db: None) -> None:
    given()
    secret = secret_of()

    def run(_number: int) -> bool:
        try:
            services.accept(secret, Origin())
        except Invalid:
            return False
        return True

    assert sum(race(run, 4)) == 1
    assert User.objects.filter(email=integrators.EMAIL).count() == 1
    assert Event.objects.filter(tag="integrator.accepted").count() == 1


def test_it_begins_on_its_first_day(db: None, frozen: FrozenClock) -> None:
    import datetime as dt

    access = given(first_day=integrators.today() + dt.timedelta(days=5))
    schedule.run()
    assert fresh(access).invited_at is None
    with pytest.raises(Invalid):
        services.invite_again(access, Origin(access.asked_by))
    frozen.milliseconds = (access.starts_at - 1) * 1000
    schedule.run()
    assert fresh(access).invited_at is None
    frozen.advance(1)
    schedule.run()
    assert fresh(access).invited_at == access.starts_at
    assert accepted(access)


ACTS: dict[str, Any] = {
    "shorten": lambda access, user: services.shorten(access, Origin(user), last_day=access.first_day),
    "extend": lambda access, user: services.extend(access, Origin(user), last_day=access.last_day.replace(year=2028)),
    "end": lambda access, user: services.end(access, Origin(user), text="Mine."),
    "confirm": lambda access, user: services.confirm(access, Origin(user)),
    "invite again": lambda access, user: services.invite_again(access, Origin(user)),
    "give": lambda access, user: services.grant(integrators.asked(email="c@x.example"), access.tenant, None, Origin(user), ticket=1),
    "change oneself": lambda access, user: members.change(
        access.tenant, user, Origin(user), role="manager", permissions=["invoices.read"]
    ),
    "switch oneself on": lambda access, user: members.activate(access.tenant, user, Origin(user), reason="Mine."),
}  # fmt: skip


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("who", ["integrator", "doctor", "other manager"])
def test_nobody_but_who_may_moves_anything(db: None, act: str, who: str) -> None:
    access, user = active()
    actor = {"integrator": lambda: user, "doctor": people.dario, "other manager": people.luca}[who]()
    before = [access.ends_at, access.permissions, Membership.objects.filter(user=user).values().get()]
    with pytest.raises(Denied):
        ACTS[act](access, actor)
    after = fresh(access)
    assert [after.ends_at, after.permissions, Membership.objects.filter(user=user).values().get()] == before


def test_not_even_the_manager_raises_what_they_may_do(db: None) -> None:
    access, user = active()
    for permissions in (["patients.read", "invoices.write"], ["patients.read"]):
        with pytest.raises(Refused):
            members.change(access.tenant, user, Origin(access.asked_by), role="doctor", permissions=permissions)
    assert Membership.objects.get(user=user).permissions.split() == access.ceiling


def test_where_the_vendor_asks_integrators_for_no_second_factor_it_works_at_once(db: None, settings: Any) -> None:
    settings.VARCO = dataclasses.replace(settings.VARCO, second_factor_roles=())
    given()
    assert Membership.objects.get(user=accepted(fresh(given(email="b@integra.example")), factor=False)).active
