"""Beginning a registration: from a template, from a copy, and whether one is needed at all (S10, S14)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.support import people, registrations
from tests.support.registration_pages import BASE, fields, page, signed_in
from varco import catalog
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.portal.developer import guide, starts
from varco.portal.developer.samples import LISTENER
from varco.registry import services, validation
from varco.registry.models import Application
from varco.registry.registration import Details, Registration, ScopeRequest

pytestmark = pytest.mark.django_db
NEW = f"{BASE}new/"


@pytest.mark.parametrize("start", [*starts.BY_KEY, "nothing"])
def test_a_registration_begins_from_a_template(davide: User, start: str) -> None:
    client = signed_in(davide)
    offered = [str(option["value"]) for option in page(client.get(NEW)).select("[name=start]")]
    assert offered == [*starts.BY_KEY, "nothing"]
    sent = fields(client.get(NEW)) | {"name": "Agenda Facile", "environment": "development", "start": start}
    answer = client.post(NEW, sent)
    application = Application.objects.get()
    revision = application.revisions.get()
    assert (application.name, revision.state, revision.environment) == ("Agenda Facile", "draft", "development")
    own = f"{BASE}{application.pk}/edit/"
    assert answer["Location"] == (f"{own}kind/" if start == "nothing" else own)
    missing = set(validation.faults(Registration.of(revision)))
    # What is the same for all of a kind is there and right; of the rest nothing is made up.
    assert missing == ({"redirect_uris", "scopes"} if start == "nothing" else set())
    details = Details.of(application)
    assert (details.publisher, details.contacts) == (davide.name, (davide.email,)), "who it is, is known"
    if start != "nothing":
        resumed = client.get(own)["Location"]
        assert resumed == f"{own}summary/", "nothing else is asked for"
        assert page(client.get(resumed)).one("main form button.button--primary")


def test_what_the_team_said_before_is_not_asked_again(davide: User) -> None:
    registrations.draft(davide, name="Agenda Prima")
    client = signed_in(davide)
    client.post(NEW, fields(client.get(NEW)) | {"name": "Agenda Due", "start": "spa"})
    assert Application.objects.get(name="Agenda Due").publisher == "Facile Srl"
    assert fields(client.get(f"{NEW}one-page/"))["publisher"] == "Facile Srl"


@pytest.mark.parametrize(
    ("start", "given", "status"),
    [
        ("django", "https://dev.facile.example/cb", 303),
        ("django", "http://dev.facile.example/cb", 422),
        ("device", "https://dev.facile.example/cb", 422),
    ],
)
def test_a_redirect_uri_given_at_the_beginning_takes_the_place_of_the_template_s(
    davide: User, start: str, given: str, status: int
) -> None:
    client = signed_in(davide)
    answer = client.post(NEW, fields(client.get(NEW)) | {"name": "Agenda", "start": start, "redirect_uris": given})
    assert answer.status_code == status
    if status == 303:
        assert Application.objects.get().revisions.get().redirect_uris == [given]
    else:
        assert page(answer).one("#id_redirect_uris_fault")
        assert not Application.objects.exists()


@pytest.mark.either_engine
def test_reasons_of_a_template_are_in_both_languages_and_local_addresses_for_development_alone(davide: User) -> None:
    registration = starts.from_template(starts.BY_KEY["django"], "production")
    assert registration.redirect_uris == ()
    assert all(scope.reason and scope.reason_it and scope.reason != scope.reason_it for scope in registration.scopes)
    assert starts.from_template(starts.BY_KEY["spa"], "development").redirect_uris == (
        LISTENER,
        "http://localhost:5173/callback",
    )


@pytest.mark.either_engine
def test_a_catalogue_that_lacks_a_scope_makes_a_template_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = catalog.current()
    fewer = {name: scope for name, scope in known.scopes.items() if name != "email"}
    monkeypatch.setattr(catalog, "current", lambda: _with(known, fewer))
    assert [scope.name for scope in starts.from_template(starts.BY_KEY["spa"], "staging").scopes] == [
        "openid",
        "profile",
    ]


def _with(known: catalog.Catalog, scopes: dict[str, catalog.Scope]) -> catalog.Catalog:
    return catalog.Catalog(scopes, known.claims, known.permissions, known.roles, known.api, known.permission_sets)


def test_a_copy_has_all_but_the_name_and_what_no_two_share(davide: User) -> None:
    source = registrations.approved(davide, people.olga(), **registrations.FAPI)
    client = signed_in(davide)
    assert page(client.get(f"{BASE}{source.pk}/")).select_one(f'main a[href="{NEW}?copy={source.pk}"]')
    address = f"{NEW}?copy={source.pk}"
    opened = client.get(address)
    assert "Agenda Facile" in page(opened).one("main form").get_text()
    for environment in ("production", "staging"):
        sent = client.post(address, fields(opened) | {"name": f"Agenda {environment}", "environment": environment})
        assert sent.status_code == 303
        made = Application.objects.get(name=f"Agenda {environment}")
        copied = Registration.of(made.revisions.get())
        before = Registration.of(source.revisions.get())
        addresses = before.redirect_uris if environment == "production" else ()
        assert copied == replace(before, environment=environment, redirect_uris=addresses, jwks_uri="")
        assert Details.of(made) == replace(Details.of(source), name=made.name)
        assert made.client_id is None


def test_a_copy_of_an_unfinished_draft_leaves_out_what_is_wrong_in_it(davide: User) -> None:
    source = registrations.draft(davide)
    wrong = replace(Details.of(source), contacts=("davide at facile",), home_url="http://facile.example/")
    services.edit_details(source, wrong, Origin(davide), unfinished=True)
    answer = signed_in(davide).post(f"{NEW}?copy={source.pk}", {"name": "Agenda Due", "environment": "production"})
    assert answer.status_code == 303
    made = Application.objects.get(name="Agenda Due")
    assert (made.contacts, made.home_url, made.privacy_url) == ([], "", "https://facile.example/privacy")


def test_scopes_that_are_no_longer_known_are_not_copied() -> None:
    asked = registrations.registration(
        scopes=("openid", ScopeRequest("gone", registrations.REASON)), claims=("tenant",)
    )
    _details, copied = starts.copy_of(registrations.DETAILS, asked, "Agenda Due", "production")
    assert [scope.name for scope in copied.scopes] == ["openid"]


@pytest.mark.parametrize("number", ["other", "0", "²", "9" * 40, "x", "\0"])
def test_nothing_is_copied_of_somebody_elses(davide: User, number: str) -> None:
    dora = people.person("Dora", "Developer", developer_since=1)
    number = str(registrations.draft(dora).pk) if number == "other" else number
    client = signed_in(davide)
    assert client.get(NEW, {"copy": number}).status_code == 404
    before = Application.objects.count()
    assert client.post(f"{NEW}?copy={number}", {"name": "Mine now"}).status_code == 404
    assert Application.objects.count() == before


@pytest.mark.parametrize(
    "changes", [{"name": "A"}, {"name": "x" * 200}, {"name": "A\0B"}, {"start": "toaster"}, {"environment": "moon"}]
)
def test_what_cannot_begin_comes_back_with_what_was_typed(davide: User, changes: dict[str, Any]) -> None:
    sent = {"name": "Agenda Facile", "environment": "staging", "start": "spa", "redirect_uris": ""} | changes
    answer = signed_in(davide).post(NEW, sent)
    assert answer.status_code == 422
    assert page(answer).select_one(".callout--danger")
    assert not Application.objects.exists()
    if "start" not in changes and "environment" not in changes:
        assert fields(answer) == {
            name: value.replace("\0", "\N{REPLACEMENT CHARACTER}") for name, value in sent.items()
        }


@pytest.mark.either_engine
def test_every_way_through_the_questions_ends_in_an_answer_with_its_reason(davide: User) -> None:
    client = signed_in(davide)
    reached: set[str] = set()
    waiting = [guide.FIRST]
    while waiting:
        name = waiting.pop()
        reached.add(name)
        shown = page(client.get(f"{BASE}guide/{name}/")).one("main")
        if name in guide.OUTCOMES:
            assert str(guide.OUTCOMES[name].reason) in shown.get_text(" ", strip=True)
            continue
        leading = [str(link["href"]).split("/")[-2] for link in shown.select(".rows a")]
        assert leading == [to for _text, to in guide.QUESTIONS[name].answers]
        waiting += [to for to in leading if to not in reached]
    assert reached == {*guide.QUESTIONS, *guide.OUTCOMES}
    assert page(client.get(f"{BASE}guide/")).select_one(f'main a[href="{BASE}guide/{guide.FIRST}/"]')
    assert client.get(f"{BASE}guide/no-such-question/").status_code == 404


def test_the_answer_leads_to_a_registration_for_that_environment(davide: User) -> None:
    client = signed_in(davide)
    link = page(client.get(f"{BASE}guide/other-environment/")).one("main .button--primary")
    assert fields(client.get(str(link["href"])))["environment"] == "development"
    assert fields(client.get(f"{NEW}?environment=moon"))["environment"] == "development"
