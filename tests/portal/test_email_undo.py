"""A changed address: both addresses are told, and the former one can take it back for a week."""

import re
from datetime import UTC, datetime

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.portal.test_account import words
from tests.portal.test_account_second_step import KEY
from tests.portal.test_email_change import enter, links
from tests.support import people
from tests.support.races import race
from varco import clock
from varco.accounts.models import AddressChange, User
from varco.audit.models import Event
from varco.grants.models import Grant
from varco.mail.models import Message

pytestmark = pytest.mark.django_db
OLD, NEW, THIRD = "dario@aurora.example", "thief@elsewhere.example", "thief@third.example"


def changed(browser: Client, email: str) -> None:
    enter(browser, email)
    browser.post(links(email)[-1])
    assert User.objects.filter(email=email).exists()


def undo_link(email: str) -> str:
    """The link in the last mail to a former address."""
    texts = [mail.text for mail in Message.objects.filter(to=email).order_by("pk")]
    found = [re.search(r"http://localhost:8000(/account/email/undo/\?token=\S+)", text) for text in texts]
    return [link[1] for link in found if link][-1]


@pytest.fixture
def dario(db: None) -> User:
    return people.dario()


def test_both_addresses_are_told(as_user: AsUser, dario: User) -> None:
    changed(as_user(dario), NEW)
    former = Message.objects.filter(to=OLD).latest("pk")
    assert former.subject == "Your e-mail address was changed"
    assert f"You now sign in with {NEW}, no longer with {OLD}." in former.text
    assert "127.0.0.1" in former.text
    present = Message.objects.filter(to=NEW).latest("pk")
    assert f"You sign in with {NEW} from now on" in present.text
    assert "undo" not in present.text


def test_the_former_address_takes_it_back_and_the_thief_has_nothing(as_user: AsUser, dario: User) -> None:
    thief = as_user(dario)
    changed(thief, NEW)
    totp.TOTP.activate(dario, KEY)  # what a thief would do next
    link, owner = undo_link(OLD), Client()
    assert f"make it {OLD} again" in words(owner.get(link))
    assert User.objects.get(pk=dario.pk).email == NEW  # to open it uses nothing up
    assert owner.post(link)["Location"] == "/account/password/reset/"
    user = User.objects.get(pk=dario.pk)
    assert (user.email, user.has_usable_password()) == (OLD, False)
    found = EmailAddress.objects.values_list("email", "verified", "primary").filter(user=dario)
    assert list(found) == [(OLD, True, True)]
    assert not Authenticator.objects.filter(user=dario).exists()
    assert thief.get("/account/").status_code == 302
    for email in (OLD, NEW):
        assert thief.post("/account/login/", {"login": email, "password": people.PASSWORD}).status_code == 200
    event = Event.objects.get(tag="account.email_restored")
    assert (event.user, event.detail) == (
        dario.public_id,
        {"email": OLD, "factors": ["totp"], "sessions": 1, "grants": 0},
    )
    owner.post("/account/password/reset/", {"email": OLD})
    assert "password/reset/key/" in Message.objects.filter(to=OLD).latest("pk").text


def test_factors_of_before_stay(as_user: AsUser, dario: User, frozen: FrozenClock) -> None:
    browser = as_user(dario)
    Authenticator.objects.create(user=dario, type="webauthn", data={"name": "Mine", "credential": {}})
    Authenticator.objects.update(created_at="2026-01-01T00:00:00Z")
    dario.refresh_from_db()
    browser.post("/account/reauthenticate/", {"password": people.PASSWORD, "next": "/"})
    changed(browser, NEW)
    Client().post(undo_link(OLD))
    assert Authenticator.objects.filter(user=dario).count() == 1


def test_what_a_thief_prepared_before_the_change_is_gone_too(as_user: AsUser, dario: User, frozen: FrozenClock) -> None:
    """A passkey opens an account without its password, and a grant goes on without its person."""
    grant = Grant.objects.create(
        user=dario, application=people.application(people.davide()).application, tenant=dario.membership.tenant,
        state="active", scopes="openid offline_access", expires_at=2_000_000_000,
    )  # fmt: skip
    browser = as_user(dario)
    Authenticator.objects.create(user=dario, type="webauthn", data={"name": "Thief's", "credential": {}})
    Authenticator.objects.update(created_at=datetime.fromtimestamp(clock.now() - 600, UTC))
    browser.post("/account/reauthenticate/", {"password": people.PASSWORD, "next": "/"})
    changed(browser, NEW)
    Client().post(undo_link(OLD))
    assert not Authenticator.objects.filter(user=dario).exists()
    grant.refresh_from_db()
    assert grant.state == "ended"
    event = Event.objects.get(tag="account.email_restored")
    assert (event.detail["factors"], event.detail["grants"]) == (["webauthn"], 1)


def test_a_link_works_once_and_for_a_week(as_user: AsUser, dario: User, frozen: FrozenClock) -> None:
    changed(as_user(dario), NEW)
    link = undo_link(OLD)
    frozen.advance(7 * 86400 - 1)
    assert Client().get(link).status_code == 200
    frozen.advance(1)
    assert Client().post(link).status_code == 410
    assert User.objects.get(pk=dario.pk).email == NEW
    frozen.advance(-86400)
    assert Client().post(link).status_code == 303
    assert Client().post(link).status_code == 410


def test_the_first_address_wins_over_all_that_came_after(as_user: AsUser, dario: User) -> None:
    browser = as_user(dario)
    changed(browser, NEW)
    changed(browser, THIRD)
    first, second = undo_link(OLD), undo_link(NEW)
    assert Client().post(second).status_code == 303
    assert User.objects.get(pk=dario.pk).email == NEW
    assert Client().post(first).status_code == 303
    assert User.objects.get(pk=dario.pk).email == OLD
    assert Client().get(second).status_code == 410


def test_the_thief_s_link_is_worth_nothing_after_the_owner_s(as_user: AsUser, dario: User) -> None:
    browser = as_user(dario)
    changed(browser, NEW)
    changed(browser, THIRD)
    first, second = undo_link(OLD), undo_link(NEW)
    Client().post(first)
    assert Client().post(second).status_code == 410
    assert User.objects.get(pk=dario.pk).email == OLD
    assert not AddressChange.objects.exists()


def test_an_address_that_is_somebody_else_s_by_now_stays_theirs(as_user: AsUser, dario: User) -> None:
    changed(as_user(dario), NEW)
    other = people.person("Other", "Dario", email=OLD)
    answer = Client().post(undo_link(OLD))
    assert (answer.status_code, "Another account has this address" in words(answer)) == (409, True)
    assert User.objects.get(email=OLD) == other
    assert User.objects.get(pk=dario.pk).email == NEW


@pytest.mark.either_engine
@pytest.mark.parametrize("token", ["", "vau.", "vau." + "x" * 43, "vin." + "x" * 43, "vau." + "x" * 4000])
def test_a_made_up_link_is_a_page(db: None, token: str) -> None:
    assert Client().get("/account/email/undo/", {"token": token}).status_code == 410


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_takes_it_back(transactional_db: None, as_user: AsUser) -> None:
    dario = people.dario()
    changed(as_user(dario), NEW)
    link = undo_link(OLD)
    assert sorted(race(lambda _: Client().post(link).status_code, 4)) == [303, 410, 410, 410]
    assert Event.objects.filter(tag="account.email_restored").count() == 1
