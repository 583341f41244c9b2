"""Registration in steps: saved at each, left and resumed, with nothing lost (S10, S13)."""

import re
from typing import Any

import pytest
from django.test import Client

from tests.support import people, registrations, source
from tests.support.client_response import ClientResponse
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, fields, page, signed_in
from tests.support.registrations import REASON
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.portal.developer.forms import DetailsForm, RegistrationForm
from varco.portal.developer.starts import STARTS
from varco.portal.developer.steps import STEPS, SUMMARY
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE
from varco.registry import services
from varco.registry.models import Application
from varco.registry.registration import Details, Registration

pytestmark = pytest.mark.django_db


@pytest.fixture
def empty(davide: User) -> Application:
    """A draft of which nothing is known but its name."""
    return services.create_application(
        details=Details(name="Agenda Facile"), registration=Registration(type="web"), origin=Origin(davide)
    )


def at(application: Application, step: str) -> str:
    return f"{BASE}{application.pk}/edit/{step}/"


def send(client: Client, application: Application, step: str, then: str = "next", **changes: Any) -> ClientResponse:
    """Open a step, change something in it, press a button."""
    address = at(application, step)
    return client.post(address, fields(client.get(address)) | {"then": then} | changes)


def faults(response: ClientResponse) -> set[str]:
    """The ids of what is wrong on a page."""
    return {str(found["id"]) for found in page(response).select(".field__fault")}


def test_a_registration_is_made_step_by_step_and_submitted(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    assert client.get(f"{BASE}{empty.pk}/edit/")["Location"] == at(empty, "redirects")
    entered = DETAILS | REGISTRATION | {"description_it": ""}
    for step in STEPS[:-1]:
        own = {name: value for name, value in entered.items() if step.has(name)}
        sent = send(client, empty, step.name, **own)
        assert sent["Location"] == at(empty, STEPS[STEPS.index(step) + 1].name), step.name
    assert client.get(f"{BASE}{empty.pk}/edit/")["Location"] == at(empty, "summary")
    summary = client.get(at(empty, "summary"))
    text = page(summary).one("main").get_text(" ", strip=True)
    assert all(part in text for part in ("https://app.facile.example/callback", "Books appointments.", REASON))
    assert "Something is still missing" not in text
    assert client.post(at(empty, "summary"), fields(summary))["Location"] == f"{BASE}{empty.pk}/"
    revision = empty.revisions.get()
    assert revision.state == "submitted"
    # The same as by the one page.
    client.post(f"{BASE}new/one-page/", DETAILS | REGISTRATION | {"then": "check"})
    other = Application.objects.latest("pk")
    assert Registration.of(revision) == Registration.of(other.revisions.get())
    empty.refresh_from_db()
    assert Details.of(empty) == Details.of(other)


@pytest.mark.either_engine
def test_every_field_of_the_one_page_form_is_in_one_step() -> None:
    offered = {name.partition(":")[0] for form in (RegistrationForm(), DetailsForm()) for name in form.fields}
    for name in offered - {"stamp"}:
        assert [step.name for step in STEPS if step.has(name)].__len__() == 1, name


@pytest.mark.either_engine
def test_the_document_tells_the_steps_and_templates_there_are() -> None:
    document = source.read("docs/registering.md")
    tables = [re.findall(r"^\| ([A-Z][\w -]+) \|", part, re.MULTILINE) for part in document.split("## The steps")]
    assert tables == [[str(start.label) for start in STARTS], [str(step.title) for step in STEPS]]
    for start in STARTS:
        row = next(line for line in document.splitlines() if line.startswith(f"| {start.label} |"))
        assert all(f"`{part}`" in row for part in (*start.scopes, *start.local))


def test_a_step_saved_incomplete_is_kept_and_says_what_is_missing(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    assert faults(client.get(at(empty, "redirects"))) == set()  # nobody has come to it yet
    kept = send(client, empty, "redirects", redirect_uris="http://facile.example/cb")
    assert kept["Location"] == f"{at(empty, 'redirects')}?check=1"
    shown = client.get(kept["Location"])
    assert faults(shown) == {"id_redirect_uris_fault"}
    assert "Saved, but not complete" in shown.content.decode()
    assert empty.revisions.get().redirect_uris == ["http://facile.example/cb"]
    # It may be left, and still says so when somebody comes back.
    assert page(shown).select_one(f'main a[href="{at(empty, "scopes")}"]')
    assert fields(client.get(at(empty, "redirects")))["redirect_uris"] == "http://facile.example/cb"
    assert faults(client.get(at(empty, "redirects"))) == {"id_redirect_uris_fault"}
    assert client.post(at(empty, "summary"), {}).status_code == 422
    assert empty.revisions.get().state == "draft"


def test_what_people_read_is_kept_unfinished_until_somebody_relies_on_it(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    unfinished = {"publisher": "", "contacts": "davide at facile", "home_url": "http://facile.example/"}
    assert send(client, empty, "about", **unfinished)["Location"].endswith("?check=1")
    empty.refresh_from_db()
    assert (empty.contacts, empty.home_url) == (["davide at facile"], "http://facile.example/")
    wanted = {"id_publisher_fault", "id_description_fault", "id_contacts_fault", "id_home_url_fault"}
    assert faults(client.get(f"{at(empty, 'about')}?check=1")) == wanted
    assert faults(client.get(at(empty, "about"))) == {"id_contacts_fault", "id_home_url_fault"}
    for wrong in (
        {"name": "A"},
        {"home_url": "javascript:alert(1)"},
        {"publisher": "x\0"},
        {"contacts": "a\0@b.example"},
    ):
        refused = send(client, empty, "about", **wrong)
        assert refused.status_code == 422, wrong
        assert len(faults(refused)) == 1
    live = registrations.approved(davide, people.olga())
    assert send(client, live, "about", contacts="davide at facile").status_code == 422
    waiting = registrations.submitted(davide, name="Agenda Nuova").application
    sent = DETAILS | {"contacts": "davide at facile", "then": "next"}
    assert client.post(at(waiting, "about"), sent).status_code == 422


def test_a_step_touches_nothing_of_the_others(davide: User) -> None:
    client = signed_in(davide)
    application = registrations.draft(
        davide, **registrations.FAPI | {"post_logout_redirect_uris": ("https://app.facile.example/out",)}
    )
    before = Registration.of(application.revisions.get())
    details = Details.of(application)
    for step in STEPS[:-1]:
        assert send(client, application, step.name).status_code == 303
    assert Registration.of(application.revisions.get()) == before
    application.refresh_from_db()
    assert Details.of(application) == details
    assert services.submit(application, Origin(davide)).state == "submitted"


@pytest.mark.either_engine
def test_what_is_typed_is_looked_at_and_not_saved(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    before = Registration.of(empty.revisions.get())
    typed = "http://facile.example/cb\r\nhttps://test.facile.example/cb\r\nhttps://facile.example/cb"
    shown = send(client, empty, "redirects", then="look", redirect_uris=typed)
    assert shown.status_code == 200
    assert faults(shown) == {"id_redirect_uris_fault"}
    assert not page(shown).select(".callout--danger")
    assert "Production and non-production would share one client" in page(shown).one(".findings").get_text()
    assert fields(shown)["redirect_uris"] == typed.replace("\r\n", "\n")
    assert Registration.of(empty.revisions.get()) == before
    # What is not there yet is no reproach while somebody is typing.
    assert faults(send(client, empty, "scopes", then="look", **{"scope:openid": "on"})) == set()
    assert faults(send(client, empty, "redirects", then="look")) == set()
    assert faults(send(client, empty, "about", then="look", contacts="davide at facile")) == {"id_contacts_fault"}
    named = send(client, empty, "about", then="look", name="GipoNext Agenda", description="x")
    assert "GipoNext" in page(named).one(".findings").get_text()
    empty.refresh_from_db()
    assert (empty.name, empty.contacts) == ("Agenda Facile", [])
    assert send(client, empty, "security", then="look", jwks="{").status_code == 422


@pytest.mark.either_engine
def test_remarks_stand_in_the_step_of_their_field(davide: User) -> None:
    revision = registrations.submitted(davide)
    remarks = {"redirect_uris": "Whose host is this?", "publisher": "Which company?"}
    services.request_changes(revision, Origin(people.olga()), codes=["redirect_uri"], text="", remarks=remarks)
    client = signed_in(davide)
    for _ in range(2):  # before the next revision is begun, and after
        for step, said in {"redirects": remarks["redirect_uris"], "about": remarks["publisher"], "claims": ""}.items():
            text = page(client.get(at(revision.application, step))).one("main").get_text()
            assert [words for words in remarks.values() if words in text] == ([said] if said else []), step
        send(client, revision.application, "redirects", redirect_uris="https://other.facile.example/cb")
    assert revision.application.revisions.latest("number").state == "draft"


def test_leaving_saves_too(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    left = send(client, empty, "redirects", then="leave", redirect_uris="https://app.facile.example/cb")
    assert left["Location"] == f"{BASE}{empty.pk}/"
    assert empty.revisions.get().redirect_uris == ["https://app.facile.example/cb"]
    shown = page(client.get(left["Location"]))
    assert shown.select_one(f'main a[href="{BASE}{empty.pk}/edit/"]')
    assert client.get(f"{BASE}{empty.pk}/edit/")["Location"] == at(empty, "scopes")


@pytest.mark.either_engine
def test_the_summary_leads_to_each_missing_thing(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    summary = page(client.get(at(empty, "summary")))
    links = [str(link["href"]) for link in summary.select(".callout a")]
    assert f"{at(empty, 'redirects')}?check=1#id_redirect_uris" in links
    assert {link.split("?")[0] for link in links} == {at(empty, name) for name in ("redirects", "scopes", "about")}
    assert all(page(client.get(link)).select_one(f"[id='{link.partition('#')[2]}']") for link in links)
    assert not summary.select("main form button[class*=primary]")
    steps = summary.select("nav .steps a")
    assert [str(step["href"]) for step in steps] == [at(empty, step.name) for step in STEPS]
    assert sum("(incomplete)" in step.get_text() for step in steps) == 3


@pytest.mark.either_engine
def test_only_what_fits_the_kind_is_offered(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    assert [option["value"] for option in page(client.get(at(empty, "grants"))).select("[name=grant_types]")] == [
        AUTHORIZATION_CODE
    ]
    send(client, empty, "kind", type="device")
    assert empty.revisions.get().grant_types == [DEVICE_CODE]
    assert "redirect_uris" not in fields(client.get(at(empty, "redirects")))
    assert set(fields(client.get(at(empty, "security")))) == {"stamp", "id_token_alg", "userinfo_alg"}
    send(client, empty, "kind", type="native")
    offered = page(client.get(at(empty, "grants"))).select("[name=grant_types]")
    assert [option["value"] for option in offered] == [AUTHORIZATION_CODE, DEVICE_CODE]
    assert client.post(at(empty, "grants"), {"grant_types": "password", "then": "next"}).status_code == 422


def test_going_back_to_another_kind_keeps_what_stands_in_later_steps(davide: User) -> None:
    client = signed_in(davide)
    application = registrations.draft(davide)
    send(client, application, "kind", type="device")
    send(client, application, "kind", type="web")
    assert services.submit(application, Origin(davide)).state == "submitted"


def test_two_tabs_do_not_overwrite_each_other_unasked(davide: User, empty: Application) -> None:
    client = signed_in(davide)
    first, second = (fields(client.get(at(empty, "redirects"))) for _ in range(2))
    send(client, empty, "claims", claims=["profile"])
    stale = client.post(at(empty, "redirects"), first | {"redirect_uris": "https://one.example/cb", "then": "next"})
    assert stale.status_code == 409
    assert fields(stale)["redirect_uris"] == "https://one.example/cb"
    assert client.post(at(empty, "redirects"), fields(stale) | {"then": "next"}).status_code == 303
    revision = empty.revisions.get()
    assert (revision.redirect_uris, revision.claims) == (["https://one.example/cb"], ["profile"])
    assert client.post(at(empty, "redirects"), second | {"then": "next"}).status_code == 409


def test_what_was_typed_while_somebody_submitted_it_is_given_back(davide: User) -> None:
    client = signed_in(davide)
    application = registrations.draft(davide)
    typed = fields(client.get(at(application, "redirects"))) | {"redirect_uris": "https://two.example/cb"}
    services.submit(application, Origin(davide))
    late = client.post(at(application, "redirects"), typed | {"then": "next"})
    assert late.status_code == 409
    assert fields(late)["redirect_uris"] == "https://two.example/cb"
    assert client.get(at(application, "redirects")).status_code == 409


def test_what_is_in_force_is_changed_by_steps_only_where_something_changes(davide: User) -> None:
    client = signed_in(davide)
    application = registrations.approved(davide, people.olga())
    assert client.get(f"{BASE}{application.pk}/edit/")["Location"] == at(application, "summary")
    assert "there is nothing to submit" in client.get(at(application, "summary")).content.decode()
    send(client, application, "claims")
    assert application.revisions.count() == 1
    send(client, application, "claims", claims=["tenant", "email"])
    begun = application.revisions.latest("number")
    assert (begun.number, begun.state, begun.claims) == (2, "draft", ["tenant", "email"])
    summary = client.get(at(application, "summary"))
    assert [item.get_text(strip=True) for item in page(summary).select(".value--added .value__text")]
    assert client.post(at(application, "summary"), fields(summary)).status_code == 303


def test_after_it_was_sent_back_one_goes_on_where_something_was_remarked(davide: User) -> None:
    revision = registrations.submitted(davide)
    application = revision.application
    client = signed_in(davide)
    services.withdraw(application, Origin(davide))
    assert client.get(f"{BASE}{application.pk}/edit/")["Location"] == at(application, "summary")
    assert "the next one begins from it" in client.get(at(application, "summary")).content.decode()
    send(client, application, "claims")
    services.submit(application, Origin(davide))
    waiting = application.revisions.latest("number")
    services.request_changes(
        waiting, Origin(people.olga()), codes=["scope_too_wide"], text="", remarks={"claims": "Why?"}
    )
    assert client.get(f"{BASE}{application.pk}/edit/")["Location"] == at(application, "claims")
    send(client, application, "claims", claims=["profile"])
    assert client.get(f"{BASE}{application.pk}/edit/")["Location"] == at(application, "summary")


@pytest.mark.either_engine
def test_what_a_scope_opens_stands_beside_it(davide: User, empty: Application) -> None:
    scopes = page(signed_in(davide).get(at(empty, "scopes"))).select(".scope")
    words = {scope.one("code.scope__name").get_text(): scope.one(".scope__asked").get_text() for scope in scopes}
    assert "patients" in words["giponext.patients"].partition("Opens in the API:")[2]
    assert words["giponext.patients.read"].count("Opens in the API:") == 1
    assert "nothing behind it yet" in words["giponext.invoices"]
    assert "Opens" not in words["openid"]


@pytest.mark.either_engine
@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_steps_of_others_do_not_exist_and_nothing_unknown_is_one(empty: Application, step: str) -> None:
    client = signed_in(people.person("Dora", "Developer", developer_since=1))
    for response in (client.get(at(empty, step)), client.post(at(empty, step), {"then": "next"})):
        assert response.status_code == 404


@pytest.mark.either_engine
def test_no_step_but_those_there_are(davide: User, empty: Application) -> None:
    assert signed_in(davide).get(at(empty, "payment")).status_code == 404
    assert SUMMARY is STEPS[-1]
