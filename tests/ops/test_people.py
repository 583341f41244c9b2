"""`varco account`, `tenant` and `member`: the first people of an installation, and what happens to them."""

import json
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.client_response import ClientResponse
from tests.support.races import race
from varco.accounts.models import Invitation, User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.ops import cli
from varco.people import accounts
from varco.people.errors import Refused
from varco.portal.account.adapter import MFAAdapter
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db

PASSWORD = "seven words nobody would ever guess"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def varco(capsys: pytest.CaptureFixture[str]) -> Iterator[Run]:
    """Runs a command in this process: its status, what it printed and what it said on standard error."""
    mask = os.umask(0o077)
    os.umask(mask)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(arguments)
        return (status, *capsys.readouterr())

    yield run
    os.umask(mask)


def link_in(text: str) -> str:
    found = re.search(r"http://\S+(/account/invitation/\?token=\S+)", text)
    assert found, text
    return found[1]


def accept(link: str, browser: Client, **changes: str) -> ClientResponse:
    form = {"given_name": "Olga", "family_name": "Orsi", "password1": PASSWORD, "password2": PASSWORD}
    return browser.post(link, form | changes)


def test_the_first_operator_comes_by_a_printed_link_that_works_once(varco: Run) -> None:
    status, told, _ = varco("account", "create", "Olga@Vendor.example", "--role", "operator", "--print-link")
    assert status == 0
    link, browser = link_in(told), Client()
    assert "olga@vendor.example" in browser.get(link).content.decode()
    assert accept(link, browser).status_code == 303
    assert browser.get("/staff/applications/").status_code == 200
    for answer in (Client().get(link), accept(link, Client(), password1="another long password here")):
        assert answer.status_code == 410
    assert not Message.objects.exists()
    olga = User.objects.get()
    assert (olga.name, olga.check_password(PASSWORD)) == ("Olga Orsi", True)
    assert EmailAddress.objects.get().verified
    signing_in = {"login": olga.email, "password": PASSWORD}
    assert Client().post("/account/login/", signing_in)["Location"] == "/"


def test_an_invitation_by_mail_is_sealed_in_its_reader_s_language_and_a_hash_in_the_database(varco: Run) -> None:
    status, told, _ = varco("account", "create", "mara@clinic.example", "--language", "it", "--name", "Mara Mori")
    assert (status, "no mail server is set" in told) == (0, True)
    mail = Message.objects.get()
    assert mail.subject.startswith("Il tuo account")
    link = link_in(mail.text)
    secret = link.partition("=")[2]
    assert secret not in mail.sealed_text + told + Invitation.objects.get().digest
    page = Client().get(link).content.decode()
    assert "Il tuo invito" in page
    assert 'value="Mara"' in page
    chosen = Client()
    chosen.post("/language/", {"language": "en", "next": "/"})
    assert "Your invitation" in chosen.get(link).content.decode()


def test_a_link_that_expired_or_was_replaced_opens_nothing(varco: Run, frozen: FrozenClock) -> None:
    first = link_in(varco("account", "create", "a@vendor.example", "--print-link", "--days", "2")[1])
    second = link_in(varco("account", "invite-again", "a@vendor.example", "--print-link")[1])
    assert [Client().get(link).status_code for link in (first, second)] == [410, 200]
    frozen.advance(7 * 86400 + 1)
    assert Client().get(second).status_code == 410
    assert accept(second, Client()).status_code == 410
    assert not User.objects.get().has_usable_password()


def test_a_link_opens_nothing_once_a_password_was_set_by_another_way(varco: Run) -> None:
    link = link_in(varco("account", "create", "a@vendor.example", "--print-link")[1])
    user = User.objects.get()
    user.set_password("short one")
    user.save()
    assert Client().get(link).status_code == 410
    Authenticator.objects.create(user=user, type="totp", data={})
    varco("account", "reset-factors", user.email)
    assert not User.objects.get().has_usable_password()
    assert Client().get(link).status_code == 410, "nor after that password is gone"


@pytest.mark.parametrize("token", ["", "vin.", "garbage", "vin." + "é" * 43, "\0", "vin." + "x" * 4000])
def test_a_link_that_nobody_made_is_a_page(token: str, browser_of_nobody: Client) -> None:
    answer = browser_of_nobody.get("/account/invitation/", {"token": token})
    assert answer.status_code == 410
    assert "no longer works" in answer.content.decode()


@pytest.fixture
def browser_of_nobody() -> Client:
    return Client()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"password1": "short", "password2": "short"}, "at least 15"),
        ({"password2": "seven words that differ entirely"}, "not the same"),
        ({"given_name": "www.evil.example"}, "reads like one"),
    ],
)
def test_what_is_typed_is_checked_and_the_link_goes_on_working(varco: Run, changes: dict[str, str], said: str) -> None:
    link = link_in(varco("account", "create", "a@vendor.example", "--print-link")[1])
    answer = accept(link, Client(), **changes)
    assert answer.status_code == 422
    assert said in answer.content.decode().lower().replace("&#x27;", "'")
    assert accept(link, Client()).status_code == 303


def test_whoever_is_signed_in_as_somebody_else_leaves_first(varco: Run) -> None:
    dario, browser = people.dario(), Client()
    browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    link = link_in(varco("account", "create", "a@vendor.example", "--print-link")[1])
    assert accept(link, browser).status_code == 303
    assert "a@vendor.example" in browser.get("/account/").content.decode()
    assert Event.objects.filter(tag="account.signed_out", user=dario.public_id).exists()
    dario.refresh_from_db()
    assert dario.check_password(people.PASSWORD)


def test_each_act_is_recorded_with_who_ran_it(varco: Run) -> None:
    varco("account", "create", "a@vendor.example", "--role", "operator")
    varco("tenant", "create", "Clinic Uno", "--id", "tenant-uno")
    varco("member", "add", "a@vendor.example", "--tenant", "tenant-uno", "--role", "manager")
    varco("account", "deactivate", "a@vendor.example", "--force")
    events = Event.objects.order_by("pk")
    assert [event.tag for event in events] == [
        "account.created", "account.invited", "tenant.created", "member.added", "account.deactivated",
    ]  # fmt: skip
    assert {event.actor for event in events} == {f"os:{os.getuid()}"}
    assert all(f"(uid {os.getuid()})" in event.actor_name for event in events)


def test_deactivating_ends_sessions_and_invitations_and_says_no_to_the_password(varco: Run) -> None:
    dario, browser = people.dario(), Client()
    signing_in = {"login": dario.email, "password": people.PASSWORD}
    browser.post("/account/login/", signing_in)
    assert browser.get("/account/").status_code == 200
    assert varco("account", "deactivate", dario.email)[0] == 0
    assert browser.get("/account/").status_code == 302
    Client().post("/account/login/", signing_in)
    assert not Event.objects.filter(tag="account.signed_in").exclude(pk=Event.objects.earliest("pk").pk).exists()
    link = link_in(varco("account", "create", "a@vendor.example", "--print-link")[1])
    varco("account", "deactivate", "a@vendor.example")
    assert Client().get(link).status_code == 410
    assert varco("account", "activate", dario.email)[0] == 0
    assert browser.get("/account/").status_code == 302, "what ended stays ended"
    assert browser.post("/account/login/", signing_in)["Location"] == "/"


def test_the_last_operator_goes_only_by_force(varco: Run) -> None:
    olga = people.olga()
    for act in (("account", "deactivate", olga.email), ("account", "role", olga.email, "operator", "--remove")):
        status, _, fault = varco(*act)
        assert (status, "is the last operator" in fault, fault.count("\n")) == (1, True, 1)
    varco("account", "create", "invited@vendor.example", "--role", "operator")
    assert varco("account", "deactivate", olga.email)[0] == 1, "one who has set no password decides nothing"
    people.person("Otto", "Vendor", platform_role="operator")
    assert varco("account", "deactivate", olga.email)[0] == 0
    assert varco("account", "deactivate", "otto@vendor.example", "--force")[0] == 0
    assert not User.objects.filter(is_active=True, platform_role="operator", password__startswith="argon2").exists()


@pytest.mark.parametrize("password", [people.PASSWORD, "eight ch"])
def test_lost_factors_are_reset_and_their_person_told(varco: Run, password: str) -> None:
    dario, browser = people.dario(), Client()
    browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    Authenticator.objects.create(user=dario, type="totp", data={"secret": MFAAdapter().encrypt("JBSWY3DPEHPK3PXP")})
    dario.set_password(password)
    dario.save()
    assert "totp" in varco("account", "show", dario.email)[1]
    assert varco("account", "reset-factors", dario.email)[0] == 0
    assert not Authenticator.objects.exists()
    assert browser.get("/account/").status_code == 302
    dario.refresh_from_db()
    assert dario.has_usable_password() == (password == people.PASSWORD), "a short one opened nothing without them"
    mail = Message.objects.get(to=dario.email)
    assert ("/account/password/reset/" in mail.text) == (password != people.PASSWORD)
    assert Event.objects.get(tag="account.factors_reset").detail["factors"] == ["totp"]
    assert "no second factor" in varco("account", "reset-factors", dario.email)[2]


def test_clinics_and_their_people(varco: Run) -> None:
    made = json.loads(varco("tenant", "create", "Clinic Uno", "--json")[1])
    sandbox = json.loads(varco("tenant", "create", "Try it", "--sandbox", "--json")[1])
    assert set(Tenant.objects.values_list("public_id", "database")) == {
        (made["id"], "clinic"), (sandbox["id"], "sandbox"),
    }  # fmt: skip
    varco("account", "create", "m@uno.example")
    added = json.loads(
        varco("member", "add", "m@uno.example", "--tenant", made["id"], "--role", "manager", "--json")[1]
    )
    assert added["permissions"] == [], "answering for a clinic gives none by itself"
    assert [row["email"] for row in json.loads(varco("member", "list", "--tenant", made["id"], "--json")[1])] == [
        "m@uno.example"
    ]
    assert json.loads(varco("member", "list", "--tenant", sandbox["id"], "--json")[1]) == []
    assert "suspended" in varco("tenant", "suspend", made["id"])[1]
    assert "active" in varco("tenant", "resume", made["id"])[1]
    assert "Clinic One" in varco("tenant", "rename", made["id"], "Clinic One")[1]
    assert "is the last manager of the clinic" in varco("member", "remove", "m@uno.example")[2]
    assert varco("member", "remove", "m@uno.example", "--force")[0] == 0
    assert not Membership.objects.exists()
    varco("member", "add", "m@uno.example", "--tenant", sandbox["id"], "--role", "doctor")
    assert varco("account", "list")[1].count("m@uno.example") == 1
    assert varco("tenant", "list")[1].count("\n") == 3
    assert "closed" in varco("tenant", "close", made["id"], "--reason", "Has moved out.")[1]
    assert "is closed: nothing to do" in varco("tenant", "resume", made["id"])[2]
    assert "give a reason" in varco("tenant", "close", sandbox["id"], "--reason", " ")[2]


REFUSALS: dict[tuple[str, ...], str] = {
    ("account", "create", "dario@aurora.example"): "there is an account for dario@aurora.example already",
    ("account", "create", "DARIO@aurora.example"): "there is an account for dario@aurora.example already",
    ("account", "create", "no address"): "email: Enter a valid email address",
    ("account", "create", "a\0b@x.example"): "email: ",
    ("account", "create", "a@x.example", "--name", "Ev\u202eil"): "given_name: ",
    ("account", "show", "nobody@x.example"): "there is no account for nobody@x.example",
    ("account", "show", "\x1b[2J@x.example"): r"there is no account for \x1b[2J@x.example",
    ("account", "invite-again", "dario@aurora.example"): "has set a password already",
    ("account", "activate", "dario@aurora.example"): "is active already",
    ("account", "role", "dario@aurora.example", "support", "--remove"): "does not have the role support",
    ("tenant", "create", "Aurora", "--id", "tenant-aurora"): "there is a clinic tenant-aurora already",
    ("tenant", "create", "x" * 121): "name: ",
    ("tenant", "create", "Uno", "--id", "A b"): "id: ",
    ("tenant", "show", "tenant-nowhere"): "there is no clinic tenant-nowhere",
    ("tenant", "resume", "tenant-aurora"): "is active: nothing to do",
    ("member", "add", "dario@aurora.example", "--tenant", "tenant-aurora", "--role", "doctor"): "already",
    ("member", "add", "nobody@x.example", "--tenant", "tenant-aurora", "--role", "doctor"): "there is no account",
    ("member", "add", "dario@aurora.example", "--tenant", "tenant-aurora", "--role", "king"): "there are: manager",
}


@pytest.mark.parametrize("command", REFUSALS)
def test_what_cannot_be_done_is_one_line_and_changes_nothing(varco: Run, command: tuple[str, ...]) -> None:
    people.dario()
    before: list[Any] = [list(model.objects.values()) for model in (User, Tenant, Membership, Event, Message)]
    status, told, fault = varco(*command)
    assert (status, told, fault.count("\n")) == (1, "", 1), fault
    assert REFUSALS[command] in fault
    assert [list(model.objects.values()) for model in (User, Tenant, Membership, Event, Message)] == before


def test_an_account_and_its_invitation_are_made_together_or_not_at_all(
    varco: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the mail cannot be written")

    monkeypatch.setattr("varco.people.invitations.notify", broken)
    assert varco("account", "create", "a@vendor.example")[0] == 1
    assert not User.objects.exists()
    assert not Event.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_link_that_is_used_twice_at_once_works_once(varco: Run) -> None:
    link = link_in(varco("account", "create", "a@vendor.example", "--print-link")[1])

    def use(number: int) -> int:
        password = f"seven words of tab number {number}"
        return accept(link, Client(), password1=password, password2=password).status_code

    assert sorted(race(use, 3)) == [303, 410, 410]
    assert Event.objects.filter(tag="account.invitation_accepted").count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_operators_who_deactivate_each_other_one_stays(varco: Run) -> None:
    both = [people.olga(), people.person("Otto", "Vendor", platform_role="operator")]

    def go(number: int) -> bool:
        try:
            accounts.deactivate(both[number], Origin(both[1 - number]))
        except Refused:
            return False
        return True

    assert sorted(race(go, 2)) == [False, True]
    assert User.objects.filter(is_active=True, platform_role="operator").count() == 1
