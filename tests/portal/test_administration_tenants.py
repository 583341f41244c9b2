"""Operators make, suspend, restore and close medical centres, each act with a reason (S22)."""

import re

import pytest
from django.test import Client

from tests.support import people
from tests.support.authorization_pages import signed_in
from tests.support.registration_pages import page
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants.models import Grant
from varco.mail.models import Message
from varco.people import accounts
from varco.tenants.models import MemberInvitation, Membership, Tenant

pytestmark = pytest.mark.django_db

LIST = "/staff/tenants/"
AURORA = f"{LIST}of/tenant-aurora/"
REASON = "Contract 2026/118."
NEW = {
    "name": "Centro Medico Ponente",
    "kind": "production",
    "public_id": "tenant-ponente",
    "zone": "Europe/Rome",
    "email": "Paola@Ponente.example",
    "text": REASON,
}


@pytest.fixture
def browser(olga: User) -> Client:
    return signed_in(olga)


def text(browser: Client, path: str) -> str:
    return page(browser.get(path)).one("main").get_text(" ", strip=True)


def test_a_centre_begins_with_a_manager_who_joins_by_mail(browser: Client, olga: User) -> None:
    answer = browser.post(f"{LIST}new/", NEW)
    assert (answer.status_code, answer["Location"]) == (303, f"{LIST}of/tenant-ponente/")
    made = Tenant.objects.get(public_id="tenant-ponente")
    assert (made.name, made.kind, made.database, made.zone) == (NEW["name"], "production", "clinic", "Europe/Rome")
    assert "Nobody answers for this centre" in text(browser, answer["Location"])
    found = re.search(r"http://\S+(/clinic/join/\?token=\S+)", Message.objects.get(to="paola@ponente.example").text)
    assert found
    paola = Client()
    form = {"given_name": "Paola", "family_name": "Poli", "password1": "seven words nobody guesses"}
    paola.post(paola.post(found[1])["Location"], form | {"password2": form["password1"]})
    assert paola.get("/clinic/people/").status_code == 200
    assert Membership.objects.get(tenant=made).role == "manager"
    assert Event.objects.get(tag="tenant.created").detail["text"] == REASON
    assert Event.objects.get(tag="member.added").on_behalf_of == olga.public_id


@pytest.mark.either_engine
@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("name", "", "cannot be blank"),
        ("name", "x\u202ey", "cannot be seen"),
        ("public_id", "Große Praxis", "1 to 40"),
        ("public_id", "tenant-aurora", "this id already"),
        ("email", "nobody", "valid email"),
        ("kind", "real", "valid choice"),
        ("zone", "Mars/Olympus", "valid choice"),
        ("text", "", "Write a reason"),
    ],
)
def test_what_cannot_be_makes_nothing(browser: Client, field: str, value: str, said: str) -> None:
    people.tenant("Aurora")
    answer = browser.post(f"{LIST}new/", NEW | {field: value})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert Tenant.objects.count() == 1
    assert not MemberInvitation.objects.exists()


def test_a_suspension_is_told_to_the_managers_and_lifted(browser: Client, olga: User) -> None:
    marta = people.marta()
    theirs = signed_in(marta)
    assert theirs.get("/clinic/people/").status_code == 200
    assert browser.post(f"{AURORA}suspend/", {"text": ""}).status_code == 422
    assert browser.post(f"{AURORA}suspend/", {"text": REASON}).status_code == 303
    assert theirs.get("/clinic/people/").status_code == 404
    mail = Message.objects.get(to=marta.email)
    assert (mail.subject, REASON in mail.text) == ("Clinic Aurora is suspended", True)
    late = browser.post(f"{AURORA}suspend/", {"text": REASON})
    assert (late.status_code, "“Suspended by the vendor”" in late.content.decode()) == (422, True)
    assert browser.post(f"{AURORA}restore/", {"text": REASON}).status_code == 303
    assert theirs.get("/clinic/people/").status_code == 200
    assert [event.detail["text"] for event in Event.objects.filter(tag__startswith="tenant.")] == [REASON, REASON]
    assert {event.actor for event in Event.objects.filter(tag__startswith="tenant.")} == {olga.public_id}


def test_a_closed_centre_stays_closed_and_its_grants_are_over(browser: Client) -> None:
    dario, application = people.dario(), people.application(people.davide()).application
    Grant.objects.create(user=dario, application=application, tenant=people.tenant("Aurora"), state="active")
    assert browser.post(f"{AURORA}close/", {"text": REASON}).status_code == 303
    assert Tenant.objects.get().state == "closed"
    assert Grant.objects.get().state == "ended"
    for act in ("restore", "suspend", "close"):
        assert browser.post(f"{AURORA}{act}/", {"text": REASON}).status_code == 422, act
    assert browser.post(f"{AURORA}manager/", {"email": "a@b.example", "text": REASON}).status_code == 422
    assert "Close the centre" not in text(browser, AURORA)


def test_a_centre_whose_manager_is_gone_gets_another_one(browser: Client) -> None:
    accounts.deactivate(people.marta(), Origin())
    assert "Nobody answers for this centre" in text(browser, AURORA)
    assert browser.post(f"{AURORA}manager/", {"email": "v@b.example", "text": ""}).status_code == 422
    assert browser.post(f"{AURORA}manager/", {"email": "v@b.example", "text": REASON}).status_code == 303
    assert MemberInvitation.objects.get().role == "manager"
    assert "v@b.example" in text(browser, AURORA)


def test_centres_are_found_by_name_id_state_and_kind(browser: Client) -> None:
    people.marta(), people.lia(), people.sandro()
    Tenant.objects.filter(public_id="tenant-levante").update(state="suspended")
    for query, expected in {
        "": {"tenant-aurora", "tenant-levante", "tenant-sandbox"},
        "words=AURORA": {"tenant-aurora"},
        "words=tenant+lev": {"tenant-levante"},
        "state=suspended": {"tenant-levante"},
        "kind=sandbox": {"tenant-sandbox"},
        "words=none": set(),
    }.items():
        shown = text(browser, f"{LIST}?{query}")
        assert {item.public_id for item in Tenant.objects.all() if item.public_id in shown} == expected, query
    assert "1 1" in text(browser, f"{LIST}?words=aurora"), "one person, who manages it"
    assert browser.get(f"{LIST}of/tenant-none/").status_code == 404
