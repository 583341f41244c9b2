"""Who may open the developer pages and the review desk: to everybody else they do not exist (S8)."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.support import people, registrations
from tests.support.registration_pages import BASE, STAFF, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import services

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

STRANGERS: dict[str, Callable[[], User]] = {
    "manager of a clinic": people.marta,
    "manager of the other clinic": people.luca,
    "doctor": people.dario,
    "support": people.sara,
    "integrator of a sandbox": people.sandro,
}


@pytest.fixture
def pages() -> tuple[list[str], list[str]]:
    """Every address of the developer pages and of the review desk, of an application with all there is."""
    davide, olga = people.davide(), people.olga()
    application = registrations.approved(davide, olga)
    secret = services.create_secret(application, Origin(davide), label="first").secret
    services.save_draft(
        application, registrations.registration(redirect_uris=("https://b.example/cb",)), Origin(davide)
    )
    revision = services.submit(application, Origin(davide))
    people.tenant("Aurora")
    services.add_tenant(application, Origin(davide), tenant_id="tenant-aurora")
    own, key = f"{BASE}{application.pk}/", application.pk
    developer = [
        BASE, f"{BASE}new/", f"{BASE}guide/", own, f"{own}registration/", f"{own}submit/", f"{own}withdraw/", f"{own}details/",
        f"{own}retire/", f"{own}secrets/new/", f"{own}secrets/{secret.pk}/revoke/", f"{own}centres/new/",
        f"{own}centres/tenant-aurora/remove/", f"{own}refusals/", f"{own}refusals/abc/",
        f"{own}edit/", f"{own}edit/kind/", f"{own}edit/summary/",
    ]  # fmt: skip
    staff = [
        STAFF, f"{STAFF}review/{revision.pk}/", f"{STAFF}all/", f"{STAFF}{key}/", f"{STAFF}{key}/suspend/",
        f"{STAFF}{key}/restore/", f"{STAFF}{key}/pkce/",
    ]  # fmt: skip
    return developer, staff


@pytest.mark.parametrize("stranger", STRANGERS)
def test_without_a_role_there_is_no_such_page(pages: tuple[list[str], list[str]], stranger: str) -> None:
    client = signed_in(STRANGERS[stranger]())
    for address in pages[0] + pages[1]:
        assert client.get(address).status_code == 404, address
        assert client.post(address, {"decision": "approve"}).status_code == 404, address


def test_an_operator_has_no_developer_pages_and_a_developer_no_desk(pages: tuple[list[str], list[str]]) -> None:
    olaf, dora = (
        people.person("Olaf", "Operator", platform_role="operator"),
        people.person("Dora", "D", developer_since=1),
    )
    for address in pages[0]:
        assert signed_in(olaf).get(address).status_code == 404, address
    for address in pages[1]:
        assert signed_in(dora).get(address).status_code == 404, address


def test_another_developers_application_does_not_exist(pages: tuple[list[str], list[str]]) -> None:
    client = signed_in(people.person("Dora", "Developer", developer_since=1))
    for address in pages[0][3:]:
        assert client.get(address).status_code == 404, address
        # 405 of pages that only show: the same for every number, so it tells nothing.
        assert client.post(address, {}).status_code in {404, 405}, address


def test_somebody_signed_out_is_asked_to_sign_in(pages: tuple[list[str], list[str]]) -> None:
    for address in pages[0] + pages[1]:
        response = Client().get(address)
        assert response.status_code == 302, address
        assert response["Location"].startswith("/account/login/"), address


def test_the_menu_shows_each_what_they_may_open() -> None:
    shown = {
        name: signed_in(make()).get("/").content.decode()
        for name, make in {"davide": people.davide, "olga": people.olga, "dario": people.dario}.items()
    }
    assert {name for name, text in shown.items() if f'href="{BASE}"' in text} == {"davide"}
    assert {name for name, text in shown.items() if f'href="{STAFF}"' in text} == {"olga"}


def test_without_the_token_of_our_own_page_no_form_does_anything(pages: tuple[list[str], list[str]]) -> None:
    davide, olga = User.objects.get(given_name="Davide"), User.objects.get(given_name="Olga")
    for user, addresses in (
        (davide, pages[0][3:13]),
        (olga, [address for address in pages[1] if address.count("/") > 4]),
    ):
        client = signed_in(user, enforce_csrf_checks=True)
        for address in addresses:
            allowed = client.get(address).status_code in {200, 409}
            if allowed and client.options(address).get("Allow", "POST").find("POST") >= 0:
                assert client.post(address, {"decision": "approve", "text": "x", "label": "x"}).status_code in {
                    403,
                    405,
                }, address


@pytest.mark.parametrize("number", ["0", "999999", "9" * 40])
def test_an_application_that_never_was_is_a_404(number: str) -> None:
    assert signed_in(people.davide()).get(f"{BASE}{number}/").status_code == 404
    assert signed_in(people.olga()).get(f"{STAFF}{number}/").status_code == 404
    assert (
        signed_in(people.person("Olaf", "O", platform_role="operator")).get(f"{STAFF}review/{number}/").status_code
        == 404
    )
