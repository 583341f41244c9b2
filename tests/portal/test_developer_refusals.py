"""What was refused to an application, for its developer to read (S33); and the code of the quick start."""

import ast
import subprocess
from typing import Any

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people, registrations
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.registry.models import Application
from varco.registry.registration import ScopeRequest

pytestmark = pytest.mark.django_db
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def browser(davide: User) -> Client:
    return signed_in(davide)


def refused(application: Application, request_id: str, **changes: object) -> RefusedRequest:
    fields: dict[str, object] = {
        "endpoint": "/oauth2/authorize",
        "error": "invalid_request",
        "rule": "RFC 9700 §4.1.3 redirect_uri",
        "description": "The redirect URI is not registered.",
        "received": "https://app.facile.example/callback/<b>",
        "expected": "https://app.facile.example/callback",
    }
    return RefusedRequest.objects.create(request_id=request_id, application_id=application.pk, **fields | changes)


def test_a_refusal_is_found_on_the_client_page_and_by_its_request_id(browser: Client, application: Application) -> None:
    refused(application, "abc123")
    shown = page(browser.get(f"{BASE}{application.pk}/")).select_one("#refusals")
    assert shown is not None
    link = shown.select_one("a.button, .row a")
    assert link is not None
    response = browser.get(f"{BASE}{application.pk}/refusals/abc123/")
    text = page(response).one("main").get_text(" ", strip=True)
    for expected in (
        "RFC 9700 §4.1.3 redirect_uri",
        "https://app.facile.example/callback/<b>",
        "abc123",
        "invalid_request",
    ):
        assert expected in text


def test_the_list_shows_the_newest_first_page_by_page(
    browser: Client, application: Application, frozen: FrozenClock
) -> None:
    for number in range(60):
        frozen.advance(1)
        refused(application, f"request-{number}", error=f"error_{number}")
    first = page(browser.get(f"{BASE}{application.pk}/refusals/"))
    assert [row.get_text() for row in first.select(".row__title code")][:2] == ["error_59", "error_58"]
    second = page(browser.get(f"{BASE}{application.pk}/refusals/?page=2"))
    assert [row.get_text() for row in second.select(".row__title code")][-1] == "error_0"


@pytest.mark.either_engine
def test_an_application_without_refusals_says_so(browser: Client, application: Application) -> None:
    assert "Nothing was refused" in browser.get(f"{BASE}{application.pk}/refusals/").content.decode()


def test_refusals_of_another_application_are_not_found_by_their_id(browser: Client, application: Application) -> None:
    dora = people.person("Dora", "Developer", developer_since=1)
    theirs = registrations.approved(dora, User.objects.get(given_name="Olga"), name="Theirs")
    refused(theirs, "their-request")
    assert browser.get(f"{BASE}{application.pk}/refusals/their-request/").status_code == 404
    assert browser.get(f"{BASE}{theirs.pk}/refusals/their-request/").status_code == 404
    assert browser.get(f"{BASE}{application.pk}/refusals/%00/").status_code == 404


def operator(application: Application) -> User:
    """Who approved it."""
    decided = application.live_revision and application.live_revision.decided_by
    assert decided
    return decided


def rows(browser: Client, application: Application, **query: str) -> list[str]:
    shown = page(browser.get(f"{BASE}{application.pk}/refusals/", query))
    return [row.get_text() for row in shown.select("main .row code") if row.get_text().startswith("id-")]


def test_a_developer_finds_a_refusal_by_id_code_path_and_day(
    browser: Client, application: Application, frozen: FrozenClock
) -> None:
    day = 86_400_000
    refused(application, "id-1", at=1_764_244_800_000)  # 27 November 2025, noon UTC
    refused(application, "id-2", at=1_764_244_800_000 - day, error="invalid_grant", endpoint="/oauth2/token")
    other = registrations.approved(people.person("Other", "Developer", developer_since=1), operator(application))
    refused(other, "id-3")
    assert rows(browser, application) == ["id-1", "id-2"]
    for query, expected in (
        ({"words": "id-1"}, ["id-1"]),
        ({"words": " invalid_grant "}, ["id-2"]),
        ({"words": "/token"}, ["id-2"]),
        ({"day": "2025-11-27"}, ["id-1"]),
        ({"day": "2025-11-26", "words": "authorize"}, []),
        ({"words": "id-3"}, []),
        ({"words": "id-"}, []),
    ):
        assert rows(browser, application, **query) == expected, query
    for query in ({"day": "9999-12-31"}, {"day": "x"}, {"words": "\0"}):
        assert browser.get(f"{BASE}{application.pk}/refusals/", query).status_code == 200


def found(browser: Client, request_id: str) -> list[tuple[str, str]]:
    """Applications and their addresses on the page to which an error's `error_uri` leads."""
    shown = page(browser.get(f"{FIND}/{request_id}")).select("main section h2")
    return [(item.get_text(), str(link["href"]) if (link := item.select_one("a")) else "") for item in shown]


FIND = "/help/requests"


def test_a_request_is_found_by_its_whole_id_by_whoever_answers_for_it_in_few_statements(
    browser: Client, application: Application, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        refused(application, f"id-{number}")
    desk, support = signed_in(operator(application)), signed_in(people.sara())
    for reader, address in (
        (browser, f"{BASE}{application.pk}/"),
        (desk, f"/staff/applications/{application.pk}/"),
        (support, ""),
    ):
        reader.get(FIND)
        with django_assert_max_num_queries(7):
            assert found(reader, "id-7") == [(application.name, address)]
        for missing in ("id-", "id-99", "%00", "x" * 41):
            assert found(reader, missing) == []
        typed = page(reader.get(FIND, {"request_id": " id-7 "})).select("main section h2")
        assert [item.get_text() for item in typed] == [application.name]


def test_nobody_else_learns_whether_there_is_such_a_request(application: Application) -> None:
    refused(application, "id-1")
    other = people.person("Other", "Developer", developer_since=1)
    for reader in (Client(), signed_in(people.dario()), signed_in(other)):
        there, not_there = (page(reader.get(f"{FIND}/id-{number}")).select_one("main") for number in (1, 2))
        assert str(there).replace("id-1", "id-2") == str(not_there)
        assert application.name not in str(there)


def test_the_timeline_never_names_the_applications_users(browser: Client, application: Application) -> None:
    dario = people.dario()
    for tag in (Tag.CONSENT_GIVEN, Tag.GRANT_ISSUED, Tag.REFRESH_REUSED, Tag.CODE_REPLAYED):
        record(tag, Origin(dario), application=application, user=dario, tenant=dario.membership.tenant)
    text = browser.get(f"{BASE}{application.pk}/").content.decode()
    assert "A refresh token was used a second time" in text
    for private in ("Dario", dario.public_id, dario.email, "tenant-aurora"):
        assert private not in text


def samples(browser: Client, application: Application) -> dict[str, str]:
    found = {}
    first = page(browser.get(f"{BASE}{application.pk}/quick-start/"))
    for tab in first.select("nav.tabs a"):
        shown = page(browser.get(f"{BASE}{application.pk}/quick-start/{tab['href']}"))
        found[tab.get_text()] = shown.select("#program pre")[0].get_text()
    return found


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"token_endpoint_auth_method": "client_secret_post"},
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.facile.example/jwks"},
        {
            "scopes": (
                ScopeRequest("openid", "To know who signs in."),
                ScopeRequest("giponext.patients.read", "To list them."),
            )
        },
        {"type": "spa"},
        {"type": "native", "redirect_uris": ("com.example.app:/cb",)},
        {"type": "device", "grant_types": (DEVICE,), "redirect_uris": ()},
    ],
)
def test_the_quick_start_holds_the_clients_own_values_and_is_code(
    davide: User, browser: Client, changes: dict[str, object]
) -> None:
    application = registrations.approved(davide, people.olga(), **changes)
    shown = samples(browser, application)
    first = ["curl", "Python", "JavaScript"]
    in_few = changes.get("type") == "spa" or "jwks_uri" in changes
    assert list(shown) == first if in_few else [*first, "C#", "PHP", "Java"]
    for text in shown.values():
        assert text.count("{") == text.count("}")
        assert str(application.client_id) in text
        assert "http://localhost:8000" in text
        assert "&amp;" not in text
    ast.parse(shown["Python"])
    subprocess.run(["bash", "-n"], input=shown["curl"], text=True, check=True)
    assert all("/patients" in text for text in shown.values())
    if "device" not in changes.values():
        assert "code_challenge" in shown["curl"]


@pytest.mark.either_engine
def test_the_quick_start_says_which_audience_to_sign_for(davide: User, browser: Client) -> None:
    olga, keyed = (
        people.olga(),
        {"token_endpoint_auth_method": "private_key_jwt", "jwks_uri": "https://app.facile.example/jwks"},
    )
    for changes, audience in (
        ({}, "http://localhost:8000"),
        ({"token_endpoint_audience": True}, "http://localhost:8000 or http://localhost:8000/oauth2/token"),
    ):
        shown = samples(browser, registrations.approved(davide, olga, **keyed, **changes))
        assert f"aud is {audience}," in shown["curl"]
        assert f"its aud {audience}\n" in shown["Python"]
        assert "it signs for http://localhost:8000 as aud" in shown["JavaScript"]


@pytest.mark.either_engine
def test_under_fapi_the_quick_start_does_all_that_the_profile_asks_for(davide: User, browser: Client) -> None:
    application = registrations.approved(davide, people.olga(), **registrations.FAPI)
    shown = samples(browser, application)
    assert set(shown) == {"JavaScript"}
    for needed in (application.client_id or "", "PrivateKeyJwt", "buildAuthorizationUrlWithPAR", "DPoP", "'PS256'"):
        assert needed in shown["JavaScript"]


@pytest.mark.either_engine
def test_there_is_no_quick_start_for_what_cannot_be_used(davide: User, browser: Client) -> None:
    application = registrations.draft(davide)
    assert samples(browser, application) == {}
