"""What a person's answer does to a device's request."""

import pytest

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.device_pages import stored
from tests.support.races import race
from varco import clock
from varco.accounts.browser_session import SignIn
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants import device_approval
from varco.grants.consent_request import ConsentDecision
from varco.grants.device_approval import DeviceRequestOver
from varco.grants.models import Consent, DeviceRequest, Grant
from varco.grants.parties import Parties

pytestmark = pytest.mark.django_db(transaction=True)

ACCEPTED = ConsentDecision(("openid", "giponext.patients"), ("giponext.agenda",), frozenset({"tenant"}))


@pytest.fixture
def box(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide(), type="device", redirect_uris=[])


@pytest.fixture
def waiting(box: people.Registered) -> DeviceRequest:
    return DeviceRequest.objects.create(
        device_code_hash="0" * 64,
        user_code=stored("BCDFGHJK"),
        application=box.application,
        scopes="openid giponext.patients giponext.agenda",
        ip="192.0.2.7",
        expires_at=clock.now() + 600,
    )


def approve(waiting: DeviceRequest, user: User) -> Grant:
    parties = Parties(user, user.membership.tenant, waiting.application)
    return device_approval.approve(
        waiting,
        parties,
        ACCEPTED,
        SignIn(auth_time=5, amr="pwd"),
        Origin(user, "203.0.113.1", "r1"),
        still_signed_in=lambda: True,
    )


@pytest.mark.parametrize("text", ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk ", "B-C-D-F-G-H-J-K", "bcdf—ghjk"])
def test_a_code_is_found_whatever_its_case_and_punctuation(waiting: DeviceRequest, text: str) -> None:
    assert device_approval.find(text) == waiting


@pytest.mark.parametrize("text", ["", "BCDF-GHJ", "BCDF-GHJKL", "BCDF-GHJA", "1", "x" * 10_000, "%", "BCDF-GHJZ"])
def test_another_code_finds_nothing(waiting: DeviceRequest, text: str) -> None:
    assert device_approval.find(text) is None


def test_an_approval_makes_a_grant_a_consent_and_a_record(waiting: DeviceRequest) -> None:
    dario = people.dario()
    grant = approve(waiting, dario)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.grant) == ("approved", grant)
    assert (grant.state, grant.code_hash, grant.scopes) == ("code", None, "openid giponext.patients")
    consent = Consent.objects.get(user=dario)
    assert (consent.scopes, consent.refused) == ("openid giponext.patients", "giponext.agenda")
    event = Event.objects.get(tag="device.approved")
    assert (event.actor, event.tenant, event.ip) == (dario.public_id, "tenant-aurora", "203.0.113.1")
    assert event.detail == {
        "grant": str(grant.pk),
        "scopes": ["openid", "giponext.patients"],
        "device_ip": "192.0.2.7",
    }


def test_a_denial_makes_a_record_and_nothing_else(waiting: DeviceRequest) -> None:
    dario = people.dario()
    device_approval.deny(waiting, dario, dario.membership.tenant, Origin(dario))
    waiting.refresh_from_db()
    assert waiting.state == "denied"
    assert Event.objects.get(tag="device.denied").user == dario.public_id
    assert not Grant.objects.exists()
    assert not Consent.objects.exists()


def test_a_request_is_answered_once(waiting: DeviceRequest) -> None:
    dario, lia = people.dario(), people.lia()
    approve(waiting, dario)
    again = DeviceRequest.objects.get()
    with pytest.raises(DeviceRequestOver):
        approve(again, lia)
    with pytest.raises(DeviceRequestOver):
        device_approval.deny(again, lia, lia.membership.tenant, Origin(lia))
    assert device_approval.find("BCDFGHJK") is None
    assert Grant.objects.get().user == dario
    assert not Consent.objects.filter(user=lia).exists()


def test_a_request_whose_time_is_up_is_not_answered(waiting: DeviceRequest, frozen: FrozenClock) -> None:
    dario = people.dario()
    frozen.advance(600)
    assert device_approval.find("BCDFGHJK") is None
    with pytest.raises(DeviceRequestOver):
        approve(waiting, dario)
    assert not Grant.objects.exists()


def test_of_many_answers_at_the_same_moment_one_counts(waiting: DeviceRequest) -> None:
    dario = people.dario()
    tenant = dario.membership.tenant

    def answer(number: int) -> str:
        mine = DeviceRequest.objects.select_related("application").get()
        try:
            if number % 2:
                approve(mine, User.objects.get(pk=dario.pk))
            else:
                device_approval.deny(mine, dario, tenant, Origin(dario))
        except DeviceRequestOver:
            return "over"
        return mine.state

    said = race(answer, 8)
    assert sorted(said).count("over") == len(said) - 1
    assert DeviceRequest.objects.get().state in said
    assert Grant.objects.count() == (1 if "approved" in said else 0)


def test_an_approval_for_another_application_is_a_fault(waiting: DeviceRequest) -> None:
    dario = people.dario()
    other = people.application(waiting.application.owner, name="Another")
    parties = Parties(dario, dario.membership.tenant, other.application)
    with pytest.raises(ValueError, match="another application"):
        device_approval.approve(
            waiting, parties, ACCEPTED, SignIn(auth_time=5), Origin(dario), still_signed_in=lambda: True
        )
    waiting.refresh_from_db()
    assert waiting.state == "pending"
