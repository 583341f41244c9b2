"""Registering by oneself: an account and a sandbox of one's own by a link, and nobody learns who has an account."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.conftest import FrozenClock
from tests.portal.conftest import AsUser
from tests.portal.test_account import words
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.races import race
from varco.accounts.addresses import canonical, mailbox
from varco.accounts.hashers import PasswordHasher
from varco.accounts.models import PendingAccount, User
from varco.audit.models import Event
from varco.clinical.models import Agenda, Patient
from varco.mail.models import Message
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db
PAGE, PASSWORD = "/account/signup/", "seven words nobody would ever guess"
FORM = {
    "email": "ada@rossi.example",
    "given_name": "Ada",
    "family_name": "Rossi",
    "password1": PASSWORD,
    "password2": PASSWORD,
    "terms": "on",
}


def register(browser: Client, **changes: str) -> ClientResponse:
    return browser.post(PAGE, FORM | changes)


def link_to(email: str) -> str:
    text = Message.objects.filter(to=email).latest("pk").text
    found = re.search(r"http://localhost:8000(/account/signup/confirm/\?token=\S+)", text)
    assert found, text
    return found[1]


def test_the_link_gives_an_account_with_a_sandbox_full_of_invented_data(browser: Client) -> None:
    assert register(browser)["Location"] == "/account/signup/sent/"
    assert not User.objects.exists()
    link = link_to("ada@rossi.example")
    assert "ada@rossi.example" in words(browser.get(link))
    assert not User.objects.exists()  # mail programs open links, too
    assert browser.post(link)["Location"] == "/"
    assert "Sandbox of Ada Rossi" in words(browser.get("/account/"))
    ada = User.objects.get(email="ada@rossi.example")
    assert ada.check_password(PASSWORD)
    assert (ada.name, ada.terms_version, ada.terms_at is not None) == ("Ada Rossi", "1", True)
    membership = Membership.objects.get(user=ada)
    assert (membership.tenant.kind, membership.tenant.database) == (Tenant.Kind.SANDBOX, "sandbox")
    assert "medicalreports.read" in membership.permissions.split()
    assert Patient.objects.using("sandbox").filter(tenant_id=membership.tenant.public_id).count() == 40
    assert Agenda.objects.using("sandbox").filter(tenant_id=membership.tenant.public_id, kind="doctor").count() == 2
    assert not Patient.objects.using("clinic").filter(tenant_id=membership.tenant.public_id).exists()
    event = Event.objects.get(tag="account.registered")
    assert (event.actor, event.user, event.detail) == (ada.public_id, ada.public_id, {"terms": "1"})


def test_a_link_works_once(browser: Client) -> None:
    register(browser)
    link = link_to("ada@rossi.example")
    browser.post(link)
    assert browser.get(link).status_code == 410
    assert Client().post(link, {"password": PASSWORD}).status_code == 410
    assert User.objects.count() == 1


def test_a_link_expires_after_a_day(browser: Client, frozen: FrozenClock) -> None:
    register(browser)
    link = link_to("ada@rossi.example")
    frozen.advance(24 * 3600)
    assert browser.post(link).status_code == 410
    register(browser, email="other@rossi.example")
    assert list(PendingAccount.objects.values_list("email", flat=True)) == [
        "other@rossi.example"
    ]  # the old one is gone


def test_in_another_browser_the_password_is_asked_so_that_nobody_makes_an_account_for_a_stranger() -> None:
    register(Client())
    link, owner = link_to("ada@rossi.example"), Client()
    assert "close this page" in words(owner.get(link))
    assert owner.post(link).status_code == 422
    for _ in range(5):
        assert "not the password that was chosen" in words(owner.post(link, {"password": "another fine password"}))
    assert "Too many failed attempts" in words(owner.post(link, {"password": PASSWORD}))
    assert not User.objects.exists()


def test_whoever_knows_the_password_goes_on_elsewhere() -> None:
    register(Client())
    other = Client()
    assert other.post(link_to("ada@rossi.example"), {"password": PASSWORD})["Location"] == "/"
    assert other.get("/account/").status_code == 200


def test_a_sign_in_gets_another_session_than_the_registration_had(browser: Client) -> None:
    register(browser)
    before = browser.cookies["varco_session"].value
    browser.post(link_to("ada@rossi.example"))
    assert browser.cookies["varco_session"].value != before


def test_nobody_learns_who_has_an_account(as_user: AsUser) -> None:
    people.dario()
    answers: list[tuple[Any, ...]] = []
    work = []
    for email in ("dario@aurora.example", "nobody@aurora.example"):
        browser = Client()
        with CaptureQueriesContext(
            connection,
        ) as asked:
            answer = register(browser, email=email)
        work.append([re.sub(r"['\"].*|\d+", "", query["sql"]) for query in asked.captured_queries])
        answers.append((answer.status_code, answer["Location"], sorted(answer.headers), sorted(browser.cookies)))
    assert answers[0] == answers[1]
    assert work[0] == work[1]
    known, unknown = Message.objects.get(to="dario@aurora.example"), Message.objects.get(to="nobody@aurora.example")
    assert "which has an account" in known.text
    assert "confirm/" not in known.text
    assert "confirm/" in unknown.text


def test_asking_for_a_new_password_is_the_same_work_for_everybody() -> None:
    people.dario()
    work = []
    for email in ("dario@aurora.example", "nobody@aurora.example"):
        with CaptureQueriesContext(connection) as asked:
            Client().post("/account/password/reset/", {"email": email})
        asked_for = [re.sub(r"['\"].*|\d+", "", query["sql"]).strip() for query in asked.captured_queries]
        work.append([sql for sql in asked_for if sql.startswith(("INSERT", "UPDATE", "DELETE"))])
    assert work[0] == work[1]  # what a stranger could measure: the mail is worded, sealed and written for nobody, too
    assert [mail.to for mail in Message.objects.all()] == ["dario@aurora.example"]


def test_signing_in_hashes_one_password_whether_or_not_there_is_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    people.dario()
    hashed: list[str] = []

    def noting(done: Callable[..., Any]) -> Callable[..., Any]:
        def hash_it(hasher: PasswordHasher, password: str, *rest: Any) -> Any:
            hashed.append(password)
            return done(hasher, password, *rest)

        return hash_it

    for name in ("encode", "verify"):
        monkeypatch.setattr(PasswordHasher, name, noting(getattr(PasswordHasher, name)))
    for email in ("dario@aurora.example", "nobody@aurora.example"):
        Client().post("/account/login/", {"login": email, "password": f"not that of {email}"})
    assert hashed == ["not that of dario@aurora.example", "not that of nobody@aurora.example"]


def test_a_mail_to_a_stranger_holds_no_word_of_the_sender(browser: Client) -> None:
    register(browser, given_name="Ada call 899", family_name="and win")
    mail = Message.objects.get()
    assert "899" not in mail.text + mail.html + mail.subject


def test_an_address_that_got_an_account_meanwhile_keeps_it(browser: Client) -> None:
    register(browser)
    link = link_to("ada@rossi.example")
    people.person("Ada", "Rossi")
    assert browser.post(link).status_code == 410
    assert User.objects.get().check_password(people.PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_makes_the_account(transactional_db: None) -> None:
    register(Client())
    link = link_to("ada@rossi.example")
    statuses = race(lambda _: Client().post(link, {"password": PASSWORD}).status_code, 4)
    assert sorted(statuses) == [303, 410, 410, 410]
    assert (User.objects.count(), Tenant.objects.count(), Membership.objects.count()) == (1, 1, 1)


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"terms": ""}, "Without the terms"),
        ({"email": "no address"}, "valid email"),
        ({"email": "ada@rossi.example\nBcc: all@rossi.example"}, "valid email"),
        ({"email": "аda@rossi.example"}, "valid email"),  # the first letter is Cyrillic
        ({"given_name": "Ada\r\nBcc: x"}, "Character 4"),
        ({"given_name": "evil.com"}, "no link"),
        ({"given_name": ""}, "required"),
        ({"password2": "another one altogether"}, "not the same"),
        ({"password1": "ada@rossi.example", "password2": "ada@rossi.example"}, "among the first"),
        ({"password1": "adarossi12345678", "password2": "adarossi12345678"}, "among the first"),
    ],
)
def test_what_cannot_be_is_said_beside_its_field_and_nothing_is_lost(
    browser: Client, changes: dict[str, str], fault: str
) -> None:
    answer = register(browser, **changes)
    assert answer.status_code == 422
    assert fault in words(answer)
    if "family_name" not in changes:
        assert 'value="Rossi"' in answer.content.decode()
    assert not PendingAccount.objects.exists()
    assert not Message.objects.exists()


def test_one_address_is_one_account_however_it_is_spelled(browser: Client) -> None:
    register(browser, email="ADA@Bücher.Example")
    assert browser.post(link_to("ada@xn--bcher-kva.example"))["Location"] == "/"
    again = Client()
    register(again, email="ada@XN--BCHER-KVA.example")
    assert "which has an account" in Message.objects.latest("pk").text
    sent = {"login": "Ada@bücher.example", "password": PASSWORD}
    assert again.post("/account/login/", sent)["Location"] == "/"


@pytest.mark.either_engine
def test_a_look_alike_shows_what_it_is() -> None:
    assert canonical(" Ada@exаmple.com ") == "ada@xn--exmple-4nf.com"
    assert canonical("no address") == "no address"
    assert mailbox("Ada+1@rossi.example") == mailbox("ada+2@rossi.example") == "ada@rossi.example"


def test_one_mailbox_gets_three_mails_whatever_follows_the_plus(browser: Client) -> None:
    for number in range(5):
        answer = browser.post(PAGE, FORM | {"email": f"ada+{number}@rossi.example"}, REMOTE_ADDR=f"10.{number}.0.1")
        assert answer["Location"] == "/account/signup/sent/"
    assert Message.objects.count() == 3


def test_one_place_registers_so_many_an_hour(browser: Client, frozen: FrozenClock) -> None:
    statuses = [register(browser, email=f"p{number}@rossi.example").status_code for number in range(6)]
    assert statuses == [303] * 5 + [429]
    frozen.advance(3600)
    assert register(browser).status_code == 303


@pytest.mark.either_engine
def test_an_installation_can_do_without(browser: Client, settings: Any) -> None:
    register(browser)
    settings.VARCO = _without_registration(settings.VARCO)
    assert "Accounts are made for you" in words(register(browser, email="other@rossi.example"))
    assert browser.post(link_to("ada@rossi.example")).status_code == 410
    assert "/account/signup/" not in browser.get("/account/login/").content.decode()
    assert Message.objects.count() == 1


def _without_registration(varco: Any) -> Any:
    from dataclasses import replace

    return replace(varco, registration=False)


@pytest.mark.either_engine
def test_the_terms_are_ours_or_the_vendors(browser: Client, settings: Any) -> None:
    from dataclasses import replace

    assert "Version 1" in words(browser.get("/help/terms"))
    settings.VARCO = replace(settings.VARCO, terms_url="https://vendor.example/terms")
    assert urlsplit(browser.get("/help/terms")["Location"]).hostname == "vendor.example"
