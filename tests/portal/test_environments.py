"""The registrations of one product side by side."""

import pytest
from django.test import Client

from tests.support import people, registrations
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.registry.models import Application

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def of_product(application: Application, product: str = "Agenda") -> Application:
    Application.objects.filter(pk=application.pk).update(product=product)
    return application


def test_what_differs_stands_beside_each_other_and_what_does_not_once(browser: Client, davide: User) -> None:
    olga = people.olga()
    staging = of_product(
        registrations.approved(
            davide, olga, name="Agenda staging", environment="staging",
            redirect_uris=("https://staging.facile.example/callback",),
        )
    )  # fmt: skip
    production = of_product(registrations.approved(davide, olga))
    shown = page(browser.get(f"{BASE}{staging.pk}/environments/"))
    assert [cell.get_text() for cell in shown.select("#differing thead th")][1:] == ["Agenda Facile", "Agenda staging"]
    rows = {
        row.one("th").get_text(): [cell.get_text(" ", strip=True) for cell in row.select("td")]
        for row in shown.select("#differing tbody tr")
    }
    assert rows == {
        "Environment": ["Production", "Staging"],
        "Redirect URIs": ["https://app.facile.example/callback", "https://staging.facile.example/callback"],
    }
    same = shown.one("#same").get_text(" ", strip=True)
    assert same.count("giponext.patients") == 1
    leads = [link["href"] for link in page(browser.get(f"{BASE}{production.pk}/")).select("main dd a")]
    assert f"{BASE}{production.pk}/environments/" in leads


def test_a_draft_is_compared_by_what_it_asks_for(browser: Client, davide: User) -> None:
    first = of_product(registrations.approved(davide, people.olga()))
    of_product(registrations.draft(davide, name="Agenda test", environment="development"))
    shown = page(browser.get(f"{BASE}{first.pk}/environments/"))
    assert "Development" in shown.one("#differing").get_text()


def test_neither_other_products_nor_retired_nor_other_developers_registrations_are_among_them(
    browser: Client, davide: User
) -> None:
    olga, dora = people.olga(), people.person("Dora", "Developer", developer_since=1)
    mine = of_product(registrations.approved(davide, olga))
    of_product(registrations.approved(davide, olga, name="Other"), "Another")
    of_product(registrations.approved(dora, olga, name="Theirs"))
    retired = of_product(registrations.approved(davide, olga, name="Gone"))
    Application.objects.filter(pk=retired.pk).update(state=Application.State.RETIRED)
    shown = page(browser.get(f"{BASE}{mine.pk}/environments/"))
    assert "No other registration of this product" in shown.get_text()
    assert signed_in(dora).get(f"{BASE}{mine.pk}/environments/").status_code == 404


@pytest.mark.either_engine
def test_without_a_product_the_page_says_how_to_give_one(browser: Client, application: Application) -> None:
    shown = page(browser.get(f"{BASE}{application.pk}/environments/"))
    assert shown.one("main a.button")["href"] == f"{BASE}{application.pk}/details/"


def test_more_than_fit_are_told_of(browser: Client, davide: User) -> None:
    made = [of_product(registrations.draft(davide, name=f"Agenda {number}")) for number in range(8)]
    shown = page(browser.get(f"{BASE}{made[0].pk}/environments/"))
    assert len(shown.select("main .row")) == 6
    assert "There are more than are shown here." in shown.get_text()
    assert "Nothing: all of them hold the same." in shown.get_text()
