"""What an access must not bring about: an account unlocked behind an operator's back, an end in another clinic, mail to nobody."""

import dataclasses
from typing import Any

import pytest
from allauth.mfa.models import Authenticator

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.integrators import active, fresh, given, secret_of
from varco.accounts import queries as accounts_queries
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.integrators import schedule, services
from varco.integrators.faults import IntegratorFault
from varco.integrators.models import IntegratorAccess
from varco.mail.models import Message
from varco.people import administration, clinics, closing
from varco.registry.errors import Invalid
from varco.tenants import queries as tenants
from varco.tenants.models import Membership

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _standing(frozen: FrozenClock, settings: Any) -> None:
    settings.VARCO = dataclasses.replace(settings.VARCO, second_factor_roles=("integrator",))


def now(user: User) -> User:
    found = accounts_queries.read_again(user)
    assert found
    return found


@pytest.mark.parametrize("first", ["schedule", "manager"])
def test_another_access_does_not_unlock_whom_an_operator_locked(first: str) -> None:
    access, user = active()
    administration.lock(user, Origin(people.olga()), reason="They sold what they saw.")
    if first == "manager":
        services.end(fresh(access), Origin(access.asked_by), text="Operators have locked them.")
    else:
        schedule.run()
    assert fresh(access).state == IntegratorAccess.State.ENDED
    given()
    with pytest.raises(Invalid) as refused:
        services.accept(secret_of(), Origin())
    assert refused.value.faults[""][0].code in {IntegratorFault.ACCOUNT_OFF, IntegratorFault.OTHER_ACCOUNT}
    assert not now(user).is_active


def test_an_account_that_ended_with_its_access_begins_again_with_the_next() -> None:
    for _time in range(2):
        access, user = active()
        services.end(access, Origin(access.asked_by), text="Done.")
        assert not now(user).is_active


def test_whoever_has_gone_to_another_clinic_is_not_ended_there() -> None:
    access, user = active()
    clinics.remove_member(user, Origin(user))
    clinics.add_member(user, people.tenant("Levante"), "secretary", Origin(user))
    schedule.run()
    assert fresh(access).state == IntegratorAccess.State.ENDED
    assert now(user).is_active
    assert tenants.tenant_of(user) == people.tenant("Levante")


def test_whoever_comes_back_as_staff_is_not_ended_by_the_access_of_before() -> None:
    access, user = active()
    clinics.remove_member(user, Origin(user))
    clinics.add_member(user, access.tenant, "secretary", Origin(user))
    Authenticator.objects.filter(user=user).delete()
    services.shorten(fresh(access), Origin(access.asked_by), last_day=access.first_day)
    schedule.run()
    assert fresh(access).state == IntegratorAccess.State.ENDED
    membership = Membership.objects.get(user=user)
    assert (membership.role, membership.active, membership.expires_at) == ("secretary", True, None)
    assert now(user).is_active


def test_nobody_writes_to_the_address_of_a_closed_account() -> None:
    access, user = active()
    closing.close(user, Origin(user))
    schedule.run()
    assert fresh(access).state == IntegratorAccess.State.ENDED
    assert not Message.objects.filter(to__endswith=".invalid").exists()
