"""What became of an application, and its redirect URIs by a program: a review decides about them as about everything (S13)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.support import people
from tests.support.managing import APPLICATIONS, caller, error, manage
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import services
from varco.registry.models import Application

OTHER = "https://agenda.example/other"


@pytest.fixture
def davide(db: None) -> User:
    return people.davide()


@pytest.fixture
def app(davide: User) -> Application:
    made = people.application(davide).application
    made.revisions.update(
        token_endpoint_auth_method="client_secret", grant_types=["authorization_code", "refresh_token"]
    )
    Application.objects.filter(pk=made.pk).update(description="Agendas.", contacts=["dev@facile.example"])
    return made


def uris(davide: User, app: Application, **body: Any) -> Any:
    address = f"{APPLICATIONS}/{app.pk}"
    tag = manage(caller(davide), "GET", address).headers["ETag"]
    return manage(caller(davide), "PUT", f"{address}/redirect-uris", body, If_Match=tag)


def test_redirect_uris_wait_for_review_while_the_old_ones_stay_in_force(davide: User, app: Application) -> None:
    answer = uris(davide, app, redirectUris=[OTHER], submit=True)
    assert answer.status_code == 200, answer.content
    live, latest = answer.json()["liveRevision"], answer.json()["latestRevision"]
    assert (live["redirectUris"], live["number"]) == ([people.CALLBACK], 1)
    assert (latest["redirectUris"], latest["number"], latest["state"]) == ([OTHER], 2, "submitted")
    same = {"number", "state", "redirectUris", "createdAt", "submittedAt", "decision"}
    assert {name: live[name] for name in live if name not in same} == {
        name: latest[name] for name in latest if name not in same
    }
    answer = uris(davide, app, redirectUris=["https://third.example/"])
    assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "revision_state")


def test_a_rejected_revision_asks_for_nothing_through_them_and_a_draft_goes_on(davide: User, app: Application) -> None:
    wider = app.revisions.create(number=2, state="rejected", type="web", scopes=[people.scope("email")])
    answer = uris(davide, app, redirectUris=[OTHER], postLogoutRedirectUris=[OTHER])
    latest = answer.json()["latestRevision"]
    assert (latest["number"], latest["state"], latest["postLogoutRedirectUris"]) == (3, "draft", [OTHER])
    assert [scope["name"] for scope in latest["scopes"]] == list(people.DEFAULT_SCOPES)
    answer = uris(davide, app, redirectUris=[people.CALLBACK, OTHER])
    assert answer.json()["latestRevision"]["number"] == 3
    assert answer.json()["latestRevision"]["postLogoutRedirectUris"] == [OTHER]
    wider.refresh_from_db()
    assert wider.state == "rejected"


def test_what_cannot_be_submitted_is_not_saved_either(davide: User, app: Application) -> None:
    answer = uris(davide, app, redirectUris=["http://agenda.example/"], submit=True)
    assert error(answer) == (422, "invalid_fields")
    assert [(fault["field"], fault["code"]) for fault in answer.json()["fields"]] == [
        ("redirectUris", "redirect_uri_not_https")
    ]
    assert answer.json()["fields"][0]["message"].startswith("http://agenda.example/: The URI must be https.")
    assert app.revisions.count() == 1
    same = uris(davide, app, redirectUris=[people.CALLBACK], submit=True)
    assert [(fault["field"], fault["code"]) for fault in same.json()["fields"]] == [("", "nothing_changed")]


def test_the_history_is_the_timeline_of_the_pages_and_goes_on_where_it_ended(davide: User, app: Application) -> None:
    olga = people.olga()
    address = f"{APPLICATIONS}/{app.pk}"
    uris(davide, app, redirectUris=[OTHER], submit=True)
    services.reject(
        app.revisions.get(number=2),
        Origin(olga),
        codes=["redirect_uri"],
        text="Not yours.",
        remarks={"redirect_uris": "Whose?"},
    )
    first = manage(caller(davide), "GET", f"{address}/history?limit=2").json()
    assert [item["text"] for item in first["items"]] == ["By the program varco-0."] * 2
    assert [(item["event"], item["title"], item["actor"]) for item in first["items"]] == [
        ("application.revised", "Revision 2 begun", "Davide Developer"),
        ("application.submitted", "Revision 2 submitted for review", "Davide Developer"),
    ]
    rest = manage(caller(davide), "GET", f"{address}/history?after={first['next']}").json()
    (last,) = rest["items"]
    assert (last["event"], last["actor"]) == ("application.rejected", "Olga Operator")
    assert last["text"].splitlines()[1:] == ["Redirect URIs: Whose?", "Not yours."]
    revisions = manage(caller(davide), "GET", f"{address}/revisions").json()["items"]
    assert [(item["number"], item["state"]) for item in revisions] == [(1, "approved"), (2, "rejected")]
    one = manage(caller(davide), "GET", f"{address}/revisions/2").json()
    assert (one, one["decision"]["remarks"]) == (revisions[1], [{"field": "redirectUris", "text": "Whose?"}])
    assert error(manage(caller(davide), "GET", f"{address}/revisions/3")) == (404, "not_found")


def test_revisions_take_as_many_statements_however_many_there_are(
    davide: User, app: Application, django_assert_num_queries: Any
) -> None:
    for number in range(2, 6):
        app.revisions.create(number=number, state="rejected", type="web", decided_at=1)
    with django_assert_num_queries(4):
        answer = manage(caller(davide), "GET", f"{APPLICATIONS}/{app.pk}/revisions")
    assert len(answer.json()["items"]) == 5


def test_reading_one_application_takes_as_many_statements_whatever_it_has_been_through(
    davide: User, app: Application
) -> None:
    address = f"{APPLICATIONS}/{app.pk}"
    app.revisions.create(number=2, state="rejected", type="web", redirect_uris=[OTHER], decided_at=1)
    with CaptureQueriesContext(connection) as few:
        assert manage(caller(davide), "GET", address).status_code == 200
    for number in range(3, 20):
        revision = app.revisions.create(
            number=number, state="rejected", type="web", redirect_uris=[OTHER], decided_at=1
        )
        for field in ("redirect_uris", "scopes", "name"):
            revision.remarks.create(field=field, text="Why?")
        people.application(davide, name=app.name, redirect_uris=[OTHER])
    with CaptureQueriesContext(connection) as many:
        assert len(manage(caller(davide), "GET", address).json()["latestRevision"]["decision"]["remarks"]) == 3
    assert len(many) <= len(few) + 1 <= 12  # one more where other applications share name or host
