"""Joining a clinic by the link that its manager had sent, whoever has the address (S5, S19)."""

import re

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.client_response import ClientResponse
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.people import accounts
from varco.tenants.models import MemberInvitation, Membership, Tenant

pytestmark = pytest.mark.django_db

LIST, INVITE = "/clinic/people/", "/clinic/people/invite/"
PASSWORD = "seven words nobody would ever guess"
NADIA = "nadia@new.example"


@pytest.fixture
def marta(frozen: FrozenClock) -> User:
    return people.marta()


@pytest.fixture
def browser(marta: User) -> Client:
    return signed_in(marta)


def invite(browser: Client, email: str = NADIA, **fields: object) -> ClientResponse:
    return browser.post(INVITE, {"email": email, "role": "doctor", "custom": "role", "permissions": []} | fields)


def link(email: str = NADIA) -> str:
    found = re.search(r"http://\S+(/clinic/join/\?token=\S+)", Message.objects.filter(to=email).latest("pk").text)
    assert found
    return found[1]


def test_somebody_new_accepts_says_their_name_and_works_there(browser: Client, marta: User) -> None:
    assert invite(browser, " Nadia@New.example ").status_code == 303
    assert not User.objects.filter(email=NADIA).exists()
    assert NADIA in browser.get(LIST).content.decode()
    assert "vin." not in str(MemberInvitation.objects.values().get())
    nadia = Client(HTTP_ACCEPT_LANGUAGE="en")
    shown = nadia.get(link()).content.decode()
    for words in ("Clinic Aurora", "Doctor", "See medical reports", marta.name):
        assert words in shown, words
    assert MemberInvitation.objects.exists(), "whoever only looks has used nothing up"
    answer = nadia.post(link())
    assert answer["Location"].startswith("/account/invitation/?token=vin.")
    form = {"given_name": "Nadia", "family_name": "Neri", "password1": PASSWORD, "password2": PASSWORD}
    assert nadia.post(answer["Location"], form).status_code == 303
    joined = Membership.objects.get(user__email=NADIA)
    assert (joined.role, joined.tenant.public_id, joined.active) == ("doctor", "tenant-aurora", True)
    assert "episodes.write" in joined.permissions.split()
    assert joined.user.last_login is not None
    event = Event.objects.get(tag="member.added")
    assert (event.actor, event.on_behalf_of) == (joined.user.public_id, marta.public_id)
    for gone in (nadia.get(link()), Client().post(link())):
        assert gone.status_code == 410
    assert not MemberInvitation.objects.exists()


def test_somebody_with_an_account_signs_in_as_themselves_and_joins(browser: Client) -> None:
    davide = people.davide()
    invite(browser, davide.email, role="accountant")
    stranger = Client(HTTP_ACCEPT_LANGUAGE="en")
    assert "Sign in with it" in stranger.get(link(davide.email)).content.decode()
    assert stranger.post(link(davide.email)).status_code == 200
    assert not Membership.objects.filter(user=davide).exists(), "the link alone joins nobody to an account"
    theirs = signed_in(davide)
    answer = theirs.post(link(davide.email))
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert Membership.objects.get(user=davide).role == "accountant"


def test_a_forwarded_link_is_not_for_another_account(browser: Client) -> None:
    invite(browser)
    luca = signed_in(people.luca())
    assert "another address" in luca.get(link()).content.decode()
    assert luca.post(link()).status_code == 200
    assert MemberInvitation.objects.exists()
    assert Membership.objects.get(user__given_name="Luca").tenant.public_id == "tenant-levante"


@pytest.mark.either_engine
def test_an_invitation_tells_nothing_of_the_address(browser: Client) -> None:
    lia, locked = people.lia(), people.davide()
    accounts.deactivate(locked, Origin())
    said = {}
    for email in (lia.email, locked.email, NADIA):
        answer = invite(browser, email)
        shown = browser.get(answer["Location"]).content.decode().replace(email, "ADDRESS")
        row = MemberInvitation.objects.get(email=email)
        said[email] = (answer.status_code, re.sub(rf"/{row.pk}/|\"\w{{64}}\"", "", shown).count("ADDRESS"))
        browser.post(f"{LIST}invitations/{row.pk}/withdraw/")
    assert len(set(said.values())) == 1


def test_whoever_is_invited_as_a_member_of_another_clinic_is_asked_to_leave_it(browser: Client) -> None:
    lia = people.lia()
    invite(browser, lia.email)
    theirs = signed_in(lia)
    assert "Accepting takes you out of it" in theirs.get(link(lia.email)).content.decode()
    assert theirs.post(link(lia.email)).status_code == 303
    assert Membership.objects.get(user=lia).tenant.public_id == "tenant-aurora"
    assert Event.objects.filter(tag="member.removed", tenant="tenant-levante").exists()


def test_the_last_manager_of_another_clinic_cannot_leave_it_so(browser: Client) -> None:
    luca = people.luca()
    invite(browser, luca.email)
    theirs = signed_in(luca)
    answer = theirs.post(link(luca.email))
    assert answer.status_code == 409
    assert "last manager" in answer.content.decode()
    assert Membership.objects.get(user=luca).tenant.public_id == "tenant-levante"
    assert theirs.get(link(luca.email)).status_code == 200, "the invitation still stands"
    Tenant.objects.filter(public_id="tenant-levante").update(kind="sandbox", database="sandbox")
    assert theirs.post(link(luca.email)).status_code == 303, "a sandbox needs nobody to answer for it"


def test_a_link_ends_by_time_by_another_one_and_by_taking_it_back(browser: Client, frozen: FrozenClock) -> None:
    invite(browser)
    first, row = link(), MemberInvitation.objects.get()
    again = f"{LIST}invitations/{row.pk}/again/"
    assert "less than 10 minutes ago" in browser.get(browser.post(again)["Location"]).content.decode()
    frozen.advance(601)
    browser.post(again)
    second = link()
    assert [Client().get(one).status_code for one in (first, second)] == [410, 200]
    browser.post(f"{LIST}invitations/{row.pk}/withdraw/")
    assert Client().get(second).status_code == 410
    assert Event.objects.filter(tag="member.invitation_withdrawn").count() == 1
    frozen.advance(601)
    invite(browser)
    frozen.advance(7 * 86400 + 1)
    assert Client().post(link()).status_code == 410


def test_a_closed_clinic_is_joined_by_nobody(browser: Client) -> None:
    invite(browser)
    Tenant.objects.update(state="closed")
    assert Client().post(link()).status_code == 410


@pytest.mark.parametrize("token", ["", "vin.", "garbage", "vin." + "é" * 43, "\0", "vin." + "x" * 4000])
def test_a_link_that_nobody_made_is_a_page(token: str) -> None:
    answer = Client(HTTP_ACCEPT_LANGUAGE="en").get("/clinic/join/", {"token": token})
    assert answer.status_code == 410
    assert "no longer works" in answer.content.decode()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"email": "no address"}, "valid email"),
        ({"email": ""}, "email"),
        ({"email": "a\0b@c.example"}, ""),
        ({"email": "a@b.example\r\nBcc: c@d.example"}, "valid email"),
        ({"role": "integrator"}, "valid choice"),
        ({"role": "dpo", "custom": "custom", "permissions": ["patients.read"]}, "reads logs, not data"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused_with_what_was_typed(
    browser: Client, fields: dict[str, object], said: str
) -> None:
    answer = invite(browser, **({"email": NADIA} | fields))  # type: ignore[arg-type]
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not MemberInvitation.objects.exists()
    assert not Message.objects.filter(subject__contains="invites").exists()


def test_a_member_is_not_invited_again_and_a_crowd_not_at_once(browser: Client, marta: User) -> None:
    assert invite(browser, marta.email).status_code == 422
    tenant = people.tenant("Aurora")
    MemberInvitation.objects.bulk_create(
        MemberInvitation(tenant=tenant, email=f"{number}@b.example", role="doctor", digest=str(number), expires_at=1)
        for number in range(100)
    )
    answer = invite(browser)
    assert (answer.status_code, "100 invitations wait" in answer.content.decode()) == (422, True)


def test_another_clinic_s_manager_finds_no_invitation_of_this_one(browser: Client) -> None:
    invite(browser)
    pk, luca = MemberInvitation.objects.get().pk, signed_in(people.luca())
    for act in ("again", "withdraw"):
        assert luca.post(f"{LIST}invitations/{pk}/{act}/").status_code == 404
    assert MemberInvitation.objects.exists()
    assert Message.objects.filter(to=NADIA).count() == 1


@pytest.mark.either_engine
def test_a_mail_in_italian_for_who_reads_italian(browser: Client) -> None:
    davide = people.davide()
    User.objects.filter(pk=davide.pk).update(language="it")
    invite(browser, davide.email)
    assert Message.objects.get(to=davide.email).subject == "Clinic Aurora ti invita"


def test_an_address_beyond_ascii_is_the_account_s_however_it_is_spelled(browser: Client) -> None:
    ude = people.person("Ude", "Bücher")
    User.objects.filter(pk=ude.pk).update(email="ude@xn--bcher-kva.example")
    ude.refresh_from_db()
    assert invite(browser, "Ude@Bücher.example").status_code == 303
    assert signed_in(ude).post(link("ude@xn--bcher-kva.example")).status_code == 303
    assert invite(browser, "ude@BÜCHER.example").status_code == 422, "a member already"
