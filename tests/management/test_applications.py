"""The list of a developer's own applications, as Django answers it to a caller that the gate has proven (S2, S8, S28, S31)."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from tests.support import people
from varco.accounts.models import User
from varco.caller import SCOPE_KEY, ManagementCaller
from varco.management.urls import urlpatterns

ADDRESS = "/manage/v1/applications"


@pytest.fixture
def davide(db: None) -> User:
    return people.davide()


@pytest.fixture
def other_developer(db: None) -> User:
    return people.person("Delia", "Developer", developer_since=1)


def caller(user: User, scopes: tuple[str, ...] = ("varco.applications",)) -> ManagementCaller:
    return ManagementCaller(
        user.public_id, 0, "varco-0", 0, "tenant-sandbox", frozenset(scopes), "request-1", "192.0.2.7"
    )


def ask(proven: object, address: str = ADDRESS, method: str = "GET", **headers: str) -> HttpResponse:
    """A request as the bridge hands it over: the ASGI scope stands in the WSGI environment."""
    extra: dict[str, Any] = {"asgi.scope": {SCOPE_KEY: proven} if proven else {}}
    response: Any = Client().generic(method, address, headers=headers, **extra)
    return response  # type: ignore[no-any-return]


def told(response: Any) -> tuple[int, str]:
    assert response.headers["Content-Type"] == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, response.json()["error"]


def test_a_developer_lists_their_applications_with_what_runs_and_what_waits(davide: User) -> None:
    live = people.application(davide, name="Agenda Facile")
    live.application.revisions.create(number=2, state="submitted", type="web", scopes=[people.scope("openid")])
    response: Any = ask(caller(davide))
    assert response.status_code == 200
    found = response.json()
    assert (found["offset"], found["limit"], found["hasMore"], len(found["items"])) == (0, 50, False, 1)
    item = found["items"][0]
    assert (item["id"], item["clientId"], item["name"]) == (live.application.pk, live.client_id, "Agenda Facile")
    assert item["liveRevision"]["number"] == 1
    assert item["liveRevision"]["redirectUris"] == [people.CALLBACK]
    assert (item["latestRevision"]["number"], item["latestRevision"]["state"]) == (2, "submitted")
    assert live.secret not in response.content.decode()


def test_the_list_comes_in_parts(davide: User) -> None:
    for name in ("Alfa", "Beta", "Gamma"):
        people.application(davide, name=name)
    first: Any = ask(caller(davide), f"{ADDRESS}?limit=2")
    assert ([item["name"] for item in first.json()["items"]], first.json()["hasMore"]) == (["Alfa", "Beta"], True)
    rest: Any = ask(caller(davide), f"{ADDRESS}?limit=2&offset=2")
    assert ([item["name"] for item in rest.json()["items"]], rest.json()["hasMore"]) == (["Gamma"], False)


def test_next_goes_through_products_names_and_retired_ones(davide: User, other_developer: User) -> None:
    for name, product, state in (
        ("C", "", "active"),
        ("A", "", "retired"),
        ("B", "Zeta", "active"),
        ("C", "Alfa", "active"),
        ("B", "", "active"),
        ("C", "", "active"),
    ):
        application = people.application(davide, name=name).application
        type(application).objects.filter(pk=application.pk).update(product=product, state=state)
    every: Any = ask(caller(davide))
    seen, address = [], f"{ADDRESS}?limit=1"
    for offset in range(6):
        page: Any = ask(caller(davide), address).json()  # type: ignore[attr-defined]
        assert page["offset"] == offset
        seen += page["items"]
        address = f"{ADDRESS}?limit=1&after={page.get('next', '')}"
    assert "next" not in page
    assert seen == every.json()["items"]
    of_davide: Any = ask(caller(davide), f"{ADDRESS}?limit=1")
    assert told(ask(caller(other_developer), f"{ADDRESS}?after={of_davide.json()['next']}")) == (400, "invalid_request")


def test_the_number_of_statements_does_not_grow_with_the_list(davide: User, django_assert_num_queries: Any) -> None:
    for number in range(5):
        people.application(davide, name=f"Application {number}")
    with django_assert_num_queries(3):
        ask(caller(davide))


def test_wrong_paging_is_told_in_words(davide: User) -> None:
    for query in ("limit=201", "limit=0", "offset=x"):
        answer: Any = ask(caller(davide), f"{ADDRESS}?{query}")
        text = answer.content.decode()
        assert "limit is a whole number from 1 to 200." in text
        assert "from 0 to 10000. Further on, send the next of a page as after." in text
        assert "`" not in text


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=201", "limit=x", "limit=1e1", "offset=-1", "after=x", "limit=1&limit=2", "owner=1"]
)
def test_a_query_that_is_not_valid_is_told(davide: User, query: str) -> None:
    assert told(ask(caller(davide), f"{ADDRESS}?{query}")) == (400, "invalid_request")


def test_another_developers_applications_are_never_listed(davide: User, other_developer: User) -> None:
    people.application(davide)
    response: Any = ask(caller(other_developer))
    assert response.json()["items"] == []


def test_who_is_no_developer_is_told_which_role_is_missing(davide: User) -> None:
    people.application(davide)
    davide.developer_since = None
    davide.save()
    response: Any = ask(caller(davide))
    assert told(response) == (403, "forbidden")
    assert (response.json()["layer"], response.json()["required"]) == ("permission", "developer")


def test_an_account_that_was_switched_off_meanwhile_is_refused(davide: User) -> None:
    davide.is_active = False
    davide.save()
    assert told(ask(caller(davide))) == (403, "forbidden")


def test_a_token_without_the_scope_is_refused(davide: User) -> None:
    response: Any = ask(caller(davide, ("openid", "giponext.patients")))
    assert told(response) == (403, "insufficient_scope")
    assert response.json()["required"] == "varco.applications"


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"varco.caller": "user-1"},
        {"asgi.scope": "varco.caller"},
        {"Asgi-Scope": "varco.caller"},
        {"X-Varco-Caller": "user-1"},
        {"Authorization": "Bearer x"},
    ],
)
def test_a_request_that_did_not_come_through_the_gate_is_refused_whatever_its_headers_say(
    davide: User, headers: dict[str, str]
) -> None:
    people.application(davide)
    assert told(ask(None, **headers)) == (404, "not_found")
    plain: Any = Client().get(ADDRESS, headers=headers)  # not through the bridge either
    assert told(plain) == (404, "not_found")


def test_a_caller_of_another_kind_is_none(davide: User) -> None:
    assert told(ask({"user_id": davide.public_id})) == (404, "not_found")


def test_a_session_of_the_portal_opens_nothing(davide: User) -> None:
    browser = Client()
    browser.force_login(davide, "allauth.account.auth_backends.AuthenticationBackend")
    response: Any = browser.get(ADDRESS)
    assert told(response) == (404, "not_found")


@pytest.mark.parametrize("address", ["/manage", "/manage/", "/manage/v1", "/manage/v2/applications", f"{ADDRESS}/"])
def test_what_is_not_there_is_an_error_of_the_api(davide: User, address: str) -> None:
    assert told(ask(caller(davide), address)) == (404, "not_found")


@pytest.mark.parametrize("method", ["PATCH", "DELETE", "PUT"])
def test_a_method_that_is_not_declared_is_refused(davide: User, method: str) -> None:
    response = ask(caller(davide), method=method)
    assert told(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "GET, POST"


def test_every_address_declares_its_scope_and_role() -> None:
    views = [getattr(pattern.callback, "views", ()) for pattern in urlpatterns]
    assert all(views)
    assert all(view.operation.scopes and view.operation.role.name for found in views for view in found)


def test_a_database_that_is_away_is_a_503(davide: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    from varco.registry import lists

    def away(_owner: User) -> None:
        raise OperationalError("locked")

    monkeypatch.setattr(lists, "applications_of", away)
    response = ask(caller(davide))
    assert told(response) == (503, "temporarily_unavailable")
    assert response.headers["Retry-After"] == "1"


def test_a_fault_of_ours_is_a_500_without_its_text(davide: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from varco.registry import lists

    def broken(_owner: User) -> None:
        raise RuntimeError("a detail of the inside")

    monkeypatch.setattr(lists, "applications_of", broken)
    response = ask(caller(davide))
    assert told(response) == (500, "server_error")
    assert "inside" not in response.content.decode()
