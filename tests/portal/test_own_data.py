"""The file of all that is kept about oneself, and the end of one's account."""

import json
from dataclasses import replace
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.portal.test_account import words
from tests.portal.test_account_second_step import protected
from tests.portal.test_registration import PASSWORD, link_to, register
from tests.portal.test_session_ends import OFFLINE, ONLINE, URI, noted, used
from tests.portal.test_step_up import older
from tests.support import people
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants.models import Consent, Grant
from varco.mail.models import Message
from varco.people import accounts, closing
from varco.people.errors import PeopleFault, Refused
from varco.registry.models import Application
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db
DATA, CLOSE = "/account/data/", "/account/close/"


@pytest.fixture
def application(frozen: FrozenClock) -> Registered:
    return people.application(people.davide(), backchannel_logout_uri=URI)


@pytest.fixture
def dario(frozen: FrozenClock) -> User:
    return people.dario()


def sent(browser: Client, **form: str) -> Any:
    return browser.post(CLOSE, form)


# --- The file ---------------------------------------------------------------------------------------------------------


def test_the_file_holds_everything_and_no_secret(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser = as_user(dario)
    grant = used(application, dario, browser, frozen)
    Consent.objects.create(user=dario, application=application.application, tenant=grant.tenant, scopes="openid")
    protected(dario)
    Authenticator.objects.create(user=dario, type="webauthn", data={"name": "Laptop", "credential": {"x": "a-key"}})
    browser.post("/account/password/reset/", {"email": dario.email})
    silvia = people.silvia()
    record(Tag.ACCOUNT_INVITED, Origin(dario), user=silvia, by="mail", until=1)
    record(Tag.MEMBER_DEACTIVATED, Origin(people.marta()), user=dario, grants=0, text="We suspect him.")
    answer = older(browser).post(DATA)
    assert answer.status_code == 303  # something sensitive
    browser = _with_second_step(browser, dario)
    answer = browser.post(DATA)
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert answer["Content-Disposition"].startswith(f'attachment; filename="varco-{dario.public_id}-')
    assert answer["Cache-Control"] == "no-store"
    held = json.loads(answer.content)
    assert held["account"]["email"] == "dario@aurora.example"
    assert held["account"]["addresses"] == [{"email": "dario@aurora.example", "confirmed": True}]
    assert (held["clinic"]["tenant"], held["clinic"]["role"]) == ("tenant-aurora", "doctor")
    assert [factor["type"] for factor in held["second_factors"]] == ["totp", "recovery_codes", "webauthn"]
    assert held["second_factors"][2]["name"] == "Laptop"
    assert held["sessions"][0]["address"] == "127.0.0.1"
    assert held["consents"][0]["application"] == held["grants"][0]["application"] == "Agenda Facile"
    assert held["mail"][0]["subject"] == "Choose a new password"
    assert [event["what"] for event in held["record"]][-1] == "account.exported"
    invited = next(event for event in held["record"] if event["what"] == "account.invited")
    assert (invited["about_me"], invited["detail"]) == (False, {})
    switched_off = next(event for event in held["record"] if event["what"] == "member.deactivated")
    assert switched_off["detail"] == {"grants": 0}, "of its reason the page of whoever acted says that it is not told"
    text = answer.content.decode()
    user = User.objects.get(pk=dario.pk)
    secrets = [
        user.password,
        "a-key",
        "silvia",
        silvia.public_id,
        application.secret,
        browser.session.session_key or "-",
    ]
    assert not [secret for secret in secrets if secret in text]
    for factor in Authenticator.objects.filter(user=dario).exclude(type="webauthn"):
        assert not [value for value in factor.data.values() if isinstance(value, str) and value in text]
    assert Event.objects.get(tag="account.exported").actor == dario.public_id


def _with_second_step(browser: Client, user: User) -> Client:
    """The same browser after its person has given the second step."""
    session = browser.session
    session["varco_second_step_ms"] = [user.public_id, 10**13]
    session.save()
    return browser


def test_the_file_of_a_developer_lists_their_applications(as_user: AsUser, application: Registered) -> None:
    davide = User.objects.get(developer_since__isnull=False)
    held = json.loads(as_user(davide).post(DATA).content)
    assert held["applications"] == [{"name": "Agenda Facile", "client_id": application.client_id, "state": "active"}]
    assert held["clinic"] is None


# --- The end ----------------------------------------------------------------------------------------------------------


def test_a_closed_account_opens_nothing_and_its_applications_are_told(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    browser, elsewhere = as_user(dario), as_user(dario)
    grant = used(application, dario, browser, frozen, scopes=OFFLINE)
    Consent.objects.create(user=dario, application=application.application, tenant=grant.tenant, scopes=OFFLINE)
    assert "You no longer belong to Clinic Aurora" in words(browser.get(CLOSE))
    assert sent(browser, text="I retire. Grazie!")["Location"] == "/account/login/"
    assert "Your account is closed" in words(browser.get("/account/login/"))
    for each in (browser, elsewhere):
        assert each.get("/account/").status_code == 302
    assert Client().post("/account/login/", {"login": dario.email, "password": people.PASSWORD}).status_code == 200
    user, grant = User.objects.get(pk=dario.pk), Grant.objects.get(pk=grant.pk)
    assert (user.email, user.name, user.is_active) == (f"{user.public_id}@closed.invalid", user.email, False)
    assert (user.has_usable_password(), user.closed_at) == (False, frozen.seconds)
    assert (grant.state, grant.end_reason) == ("ended", "account_closed")
    assert Consent.objects.get(user=dario).withdrawn_at == frozen.seconds
    assert noted()[0][:2] == (application.client_id, dario.public_id)
    assert not Membership.objects.filter(user=dario).exists()
    assert not EmailAddress.objects.filter(user=dario).exists()
    event = Event.objects.get(tag="account.closed")
    assert (event.actor, event.user, event.detail["text"]) == (dario.public_id, dario.public_id, "I retire. Grazie!")
    assert Message.objects.latest("pk").to == "dario@aurora.example"
    assert "is closed" in Message.objects.latest("pk").subject


def test_its_address_is_free_and_the_new_account_is_another_person(
    as_user: AsUser, dario: User, browser: Client
) -> None:
    sent(as_user(dario))
    register(browser, email="dario@aurora.example")
    assert browser.post(link_to("dario@aurora.example"))["Location"] == "/"
    assert User.objects.get(email="dario@aurora.example").public_id != dario.public_id
    assert browser.post("/account/login/", {"login": dario.email, "password": PASSWORD}).status_code == 303


def test_a_closed_account_is_not_activated_again(as_user: AsUser, dario: User) -> None:
    sent(as_user(dario))
    with pytest.raises(Refused) as refused:
        accounts.activate(dario, Origin())
    assert refused.value.fault.code == PeopleFault.ACCOUNT_CLOSED


def test_the_sandbox_of_one_goes_with_its_account(browser: Client) -> None:
    register(browser)
    browser.post(link_to("ada@rossi.example"))
    assert "A sandbox that nobody else belongs to is closed" in words(browser.get(CLOSE))
    sent(browser)
    tenant = Tenant.objects.get(kind="sandbox")
    assert tenant.state == Tenant.State.CLOSED
    assert Event.objects.filter(tag="tenant.closed", tenant=tenant.public_id).count() == 1


def test_a_sandbox_with_others_stays(as_user: AsUser) -> None:
    people.sandro()
    mario = people.member("Mario", "Sandbox", "manager", "sandbox")
    sent(as_user(mario))
    assert Tenant.objects.get(kind="sandbox").state == Tenant.State.ACTIVE


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (people.olga, "You are the only operator"),
        (people.marta, "You are the only manager of your medical centre"),
    ],
)
def test_who_answers_for_others_cannot_leave_them_alone(as_user: AsUser, person: Any, why: str) -> None:
    user = person()
    browser = as_user(user)
    assert why in words(browser.get(CLOSE))
    answer = sent(browser)
    assert (answer.status_code, why in words(answer)) == (409, True)
    assert User.objects.get(pk=user.pk).is_active
    assert browser.get("/account/").status_code == 200


def test_a_developer_retires_their_applications_first(as_user: AsUser, application: Registered) -> None:
    browser = as_user(User.objects.get(developer_since__isnull=False))
    assert "Retire them first" in words(browser.get(CLOSE))
    assert sent(browser).status_code == 409
    Application.objects.update(state=Application.State.RETIRED)
    assert sent(browser).status_code == 303


def test_another_operator_or_manager_is_enough(as_user: AsUser) -> None:
    olga, marta = people.olga(), people.marta()
    people.person("Omar", "Operator", platform_role="operator")
    people.member("Mara", "Aurora", "manager")
    for user in (olga, marta):
        assert sent(as_user(user)).status_code == 303
        assert not User.objects.get(pk=user.pk).is_active


@pytest.mark.django_db(transaction=True)
def test_of_two_last_managers_one_stays(transactional_db: None) -> None:
    both = [people.marta(), people.member("Mara", "Aurora", "manager")]

    def close(number: int) -> bool:
        try:
            closing.close(both[number], Origin(both[number]))
        except Refused:
            return False
        return True

    assert sorted(race(close, 2)) == [False, True]


def test_closing_is_sensitive_and_keeps_the_reason(as_user: AsUser, dario: User) -> None:
    browser = older(as_user(dario))
    asked = sent(browser, text="Mi trasferisco")
    assert asked["Location"].startswith("/account/step-up/")
    assert User.objects.get(pk=dario.pk).is_active
    assert "Mi trasferisco" in browser.post(asked["Location"], {"password": people.PASSWORD}).content.decode()


@pytest.mark.either_engine
@pytest.mark.parametrize("text", ["x" * 2001, "hidden\u202e text"])
def test_a_reason_that_cannot_be_kept_closes_nothing(as_user: AsUser, dario: User, text: str) -> None:
    assert sent(as_user(dario), text=text).status_code == 422
    assert User.objects.get(pk=dario.pk).is_active


# --- Deactivation -----------------------------------------------------------------------------------------------------


def test_deactivation_tells_applications_of_the_session_and_of_the_person(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    other = people.application(User.objects.get(developer_since__isnull=False), backchannel_logout_uri=f"{URI}/2")
    browser = as_user(dario)
    in_session = used(application, dario, browser, frozen, scopes=ONLINE)
    sid = in_session.sid
    # Given for the time without the person, in a session that is over since long.
    used(other, dario, browser, frozen, scopes=OFFLINE, sid="")
    accounts.deactivate(dario, replace(Origin(), request_id="r1"))
    assert noted() == [
        (application.client_id, dario.public_id, sid),
        (other.client_id, dario.public_id, ""),
    ]
    assert not Grant.objects.exclude(state="ended").exists()
    assert browser.get("/account/").status_code == 302


def test_an_application_without_an_id_token_or_an_address_is_not_told(
    as_user: AsUser, dario: User, application: Registered, frozen: FrozenClock
) -> None:
    quiet = people.application(User.objects.get(developer_since__isnull=False))
    used(quiet, dario, as_user(dario), frozen, scopes=OFFLINE, sid="")
    used(application, dario, as_user(dario), frozen, scopes="giponext.patients offline_access", sid="")
    used(application, dario, as_user(dario), frozen, scopes=OFFLINE, sid="", expires_at=frozen.seconds)
    accounts.deactivate(dario, Origin())
    assert noted() == []
