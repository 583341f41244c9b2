"""What is unwise is said while a registration is filled in, before and beside its review; nothing of it is saved."""

from collections.abc import Mapping

import pytest
from django.test import Client
from django.urls import reverse

from tests.support import people, registrations
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, fields, page, signed_in
from varco.accounts.models import User
from varco.audit.models import Event
from varco.registry.models import Application

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]
NEW = f"{BASE}new/one-page/"
ONE_LANGUAGE = "Something is said in one language only"
SUFFIX, CLAIMS = "A redirect host under which anybody registers names", "Claims and scopes do not fit together"


def titles(client: Client, address: str, typed: Mapping[str, object]) -> list[str]:
    answer = client.post(address, dict(typed) | {"then": "look"})
    assert answer.status_code == 200
    return [found.get_text(strip=True) for found in page(answer).select(".finding p:first-child > strong")]


def test_what_is_typed_into_a_new_registration_is_looked_at_and_not_saved(davide: User) -> None:
    client = signed_in(davide)
    events = Event.objects.count()
    usual = titles(client, NEW, DETAILS | REGISTRATION)
    typed = DETAILS | REGISTRATION | {"redirect_uris": "https://github.io/cb", "name": "G1poNext"}
    assert set(titles(client, NEW, typed)) - set(usual) == {SUFFIX, "The name or publisher reads like “GipoNext”"}
    assert titles(client, NEW, {}) == []
    assert (Application.objects.count(), Event.objects.count()) == (0, events)


def test_a_page_says_what_concerns_its_own_fields_alone(davide: User) -> None:
    client = signed_in(davide)
    draft = registrations.draft(davide, redirect_uris=("https://github.io/cb",), claims=("profile",))
    found = {
        step: titles(client, f"{BASE}{draft.pk}/edit/{step}/", fields(client.get(f"{BASE}{draft.pk}/edit/{step}/")))
        for step in ("redirects", "claims", "scopes", "kind", "about")
    }
    assert found == {"redirects": [SUFFIX], "claims": [CLAIMS], "scopes": [], "kind": [], "about": [ONE_LANGUAGE]}
    whole = f"{BASE}{draft.pk}/registration/"
    assert titles(client, whole, fields(client.get(whole))) == [SUFFIX, CLAIMS]
    typed = DETAILS | {"privacy_url": "https://a.example/", "description": "-----BEGIN PRIVATE KEY-----"}
    assert titles(client, f"{BASE}{draft.pk}/details/", typed) == [
        "Something that looks like a secret",
        ONE_LANGUAGE,
    ]
    draft.refresh_from_db()
    assert "PRIVATE KEY" not in draft.description


def test_each_finding_leads_to_its_field(davide: User) -> None:
    client = signed_in(davide)
    draft = registrations.draft(davide, redirect_uris=("https://github.io/cb",))
    link = page(client.get(f"{BASE}{draft.pk}/edit/summary/")).one(".finding a")
    assert link["href"] == f"{BASE}{draft.pk}/edit/redirects/#id_redirect_uris"
    shown = page(client.get(str(link["href"])))
    assert shown.one(".finding a")["href"] == "#id_redirect_uris"
    shown.one("#id_redirect_uris")


def test_a_reviewer_is_led_to_the_row_of_each_field(davide: User) -> None:
    revision = registrations.submitted(davide, name="GipoNext Agenda", redirect_uris=("https://github.io/cb",))
    shown = page(signed_in(people.olga()).get(reverse("staff:review", args=[revision.pk])))
    links = [str(link["href"]) for link in shown.select(".finding a")]
    assert links[:2] == ["#field-redirect_uris", "#field-name"]
    for link in links:
        shown.one(link)
