"""What is unwise is said while a registration is typed; nothing of it is saved."""

from collections.abc import Mapping

import pytest
from django.test import Client
from django.urls import reverse

from tests.support import people, registrations
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, fields, page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.registry.models import Application

pytestmark = pytest.mark.django_db


def titles(client: Client, address: str, typed: Mapping[str, object]) -> list[str]:
    answer = client.post(address, typed)
    assert answer.status_code == 200
    return [found.get_text(strip=True) for found in page(answer).select(".finding p:first-child > strong")]


def test_what_is_typed_into_a_new_registration_is_looked_at_and_not_saved(davide: User) -> None:
    client = signed_in(davide)
    events = Event.objects.count()
    usual = titles(client, f"{BASE}new/check/", DETAILS | REGISTRATION)
    typed = DETAILS | REGISTRATION | {"redirect_uris": "https://github.io/cb", "name": "G1poNext"}
    assert set(titles(client, f"{BASE}new/check/", typed)) - set(usual) == {
        "A redirect host under which anybody registers names",
        "The name or publisher reads like “GipoNext”",
    }
    assert (Application.objects.count(), Event.objects.count()) == (0, events)


def test_half_of_a_form_is_looked_at_too(davide: User) -> None:
    client = signed_in(davide)
    assert titles(client, f"{BASE}new/check/", {}) == []
    assert (
        titles(client, f"{BASE}new/check/", {"name": "x" * 500, "type": "nonsense", "redirect_uris": "https://["}) == []
    )
    assert titles(client, f"{BASE}new/check/", {"redirect_uris": "https://co.uk/"}) == [
        "A redirect host under which anybody registers names"
    ]


def test_a_step_says_what_concerns_its_own_fields_alone(davide: User) -> None:
    client = signed_in(davide)
    draft = registrations.draft(davide, redirect_uris=("https://github.io/cb",), claims=("profile",))
    found = {
        step: titles(client, f"{BASE}{draft.pk}/check/{step}/", fields(client.get(f"{BASE}{draft.pk}/edit/{step}/")))
        for step in ("redirects", "claims", "scopes", "kind", "about")
    }
    suffix, claims = "A redirect host under which anybody registers names", "Claims and scopes do not fit together"
    assert found == {"redirects": [suffix], "claims": [claims], "scopes": [], "kind": [], "about": []}
    whole = client.get(f"{BASE}{draft.pk}/registration/")
    assert titles(client, f"{BASE}{draft.pk}/check/all/", fields(whole)) == [suffix, claims]
    assert titles(
        client, f"{BASE}{draft.pk}/check/about/", DETAILS | {"description": "-----BEGIN PRIVATE KEY-----"}
    ) == ["Something that looks like a secret"]
    draft.refresh_from_db()
    assert "PRIVATE KEY" not in draft.description


def test_each_form_knows_where_it_is_looked_at_and_each_finding_leads_to_its_field(davide: User) -> None:
    client = signed_in(davide)
    draft = registrations.draft(davide, redirect_uris=("https://github.io/cb",))
    pages = {
        f"{BASE}new/": f"{BASE}new/check/",
        f"{BASE}{draft.pk}/registration/": f"{BASE}{draft.pk}/check/all/",
        f"{BASE}{draft.pk}/details/": f"{BASE}{draft.pk}/check/about/",
        f"{BASE}{draft.pk}/edit/scopes/": f"{BASE}{draft.pk}/check/scopes/",
    }
    for address, check in pages.items():
        assert page(client.get(address)).one("form[data-check]")["data-check"] == check
    link = page(client.get(f"{BASE}{draft.pk}/edit/summary/")).one(".finding a")
    assert link["href"] == f"{BASE}{draft.pk}/edit/redirects/#id_redirect_uris"
    page(client.get(str(link["href"]))).one("#id_redirect_uris")


def test_a_reviewer_is_led_to_the_row_of_each_field(davide: User) -> None:
    revision = registrations.submitted(davide, name="GipoNext Agenda", redirect_uris=("https://github.io/cb",))
    shown = page(signed_in(people.olga()).get(reverse("staff:review", args=[revision.pk])))
    links = [str(link["href"]) for link in shown.select(".finding a")]
    assert links[:2] == ["#field-redirect_uris", "#field-name"]
    for link in links:
        shown.one(link)


def test_nobody_else_is_told_anything(davide: User) -> None:
    draft = registrations.draft(davide)
    dora = signed_in(people.person("Dora", "Developer", developer_since=1))
    assert dora.post(f"{BASE}{draft.pk}/check/all/", DETAILS).status_code == 404
    assert signed_in(davide).post(f"{BASE}{draft.pk}/check/summary/", {}).status_code == 404
