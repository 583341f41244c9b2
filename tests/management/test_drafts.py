"""The life of a registration by a program: begun, changed, handed in, taken back (S11, S13)."""

from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.support import people, races
from tests.support.managing import APPLICATIONS, NEW, caller, error, manage
from varco.accounts.models import User
from varco.audit.models import Event
from varco.caller import ManagementCaller
from varco.mail.models import Message
from varco.registry import services
from varco.registry.models import Application


@pytest.fixture
def davide(db: None) -> User:
    return people.davide()


@pytest.fixture
def program(davide: User) -> ManagementCaller:
    return caller(davide)


def begun(program: ManagementCaller, **changes: Any) -> tuple[str, dict[str, Any], str]:
    """A registration just made: its address, what was answered, and its ETag."""
    made = manage(program, "POST", APPLICATIONS, NEW | changes)
    assert made.status_code == 201, made.content
    return made.headers["Location"], made.json(), made.headers["ETag"]


def test_from_nothing_to_the_review_desk_and_back(program: ManagementCaller, davide: User) -> None:
    olga = people.olga()
    address, made, tag = begun(program)
    assert (made["state"], made["clientId"], made["liveRevision"]) == ("pending", None, None)
    assert made["latestRevision"]["number"] == 1
    assert made["latestRevision"]["scopes"][0]["reason"] == "People sign in with it."
    assert made["latestRevision"]["tokenEndpointAuthMethod"] == "client_secret"
    assert made["faults"] == []
    assert made["possible"] == ["edit", "revise", "limit_tenants", "offer", "retire", "submit", "withdraw"]

    changed = manage(program, "PATCH", f"{address}/draft", {"environment": "staging"}, If_Match=tag)
    assert (changed.status_code, changed.json()["revision"]["environment"]) == (200, "staging")
    assert changed.json()["revision"]["redirectUris"] == NEW["redirectUris"]
    assert changed.headers["ETag"] != tag
    assert manage(program, "GET", f"{address}/draft").json() == changed.json()

    handed_in = manage(program, "POST", f"{address}/submit", If_Match=changed.headers["ETag"])
    assert handed_in.json()["latestRevision"]["state"] == "submitted"
    assert Message.objects.filter(to=olga.email).count() == 1
    events = Event.objects.filter(tag__startswith="application.").order_by("pk")
    assert [(event.tag, event.actor, event.ip, event.request_id) for event in events] == [
        ("application.created", davide.public_id, "192.0.2.7", "request-1"),
        ("application.submitted", davide.public_id, "192.0.2.7", "request-1"),
    ]
    taken_back = manage(program, "POST", f"{address}/withdraw", If_Match=handed_in.headers["ETag"])
    assert taken_back.json()["latestRevision"]["state"] == "withdrawn"
    assert error(manage(program, "GET", f"{address}/draft")) == (404, "not_found")


def test_what_is_in_force_stands_beside_what_waits_and_what_was_decided(
    program: ManagementCaller, davide: User
) -> None:
    olga = people.olga()
    app = people.application(davide).application
    address = f"{APPLICATIONS}/{app.pk}"
    read = manage(program, "GET", address)
    assert (read.json()["liveRevision"]["number"], read.json()["latestRevision"]["number"]) == (1, 1)
    assert read.json()["findings"] == []
    draft = {"redirectUris": ["https://agenda.example/callback", "https://staging.agenda.example/callback"]}
    begun = manage(program, "PATCH", f"{address}/draft", draft, If_Match=read.headers["ETag"])
    assert begun.json()["revision"]["number"] == 2
    assert {"code", "grade", "field", "title", "reason", "cure"} == begun.json()["findings"][0].keys()
    details = {"description": "Agendas.", "contacts": ["dev@facile.example"]}
    told = manage(program, "PATCH", address, details, If_Match=begun.headers["ETag"])
    sent = manage(program, "POST", f"{address}/submit", If_Match=told.headers["ETag"]).json()
    assert (sent["liveRevision"]["number"], sent["latestRevision"]["number"]) == (1, 2)
    from varco.audit.services import Origin

    services.request_changes(
        app.revisions.get(number=2), Origin(olga), codes=["redirect_uri"], text="Why two?",
        remarks={"redirect_uris": "The second is of another environment."},
    )  # fmt: skip
    decision = manage(program, "GET", address).json()["latestRevision"]["decision"]
    assert decision["remarks"] == [{"field": "redirectUris", "text": "The second is of another environment."}]
    assert (decision["text"], decision["reasons"][0]["code"], decision["byPolicy"]) == (
        "Why two?",
        "redirect_uri",
        False,
    )


def test_what_is_not_known_is_refused_with_the_nearest_name_and_nothing_is_made(program: ManagementCaller) -> None:
    answer = manage(program, "POST", APPLICATIONS, NEW | {"redirectUri": "https://a.example/"})
    assert error(answer) == (422, "invalid_fields")
    assert answer.json()["fields"] == [
        {
            "field": "redirectUri",
            "code": "unknown_field",
            "message": "This field is not known here. Did you mean redirectUris?",
            "messageIt": "Questo campo non è conosciuto. Intendevi redirectUris?",
        }
    ]
    wrong = NEW | {"scopes": [{"name": "openid", "reasons": "x"}], "type": 1, "contacts": "a"}
    fields = manage(program, "POST", APPLICATIONS, wrong).json()["fields"]
    assert {(fault["field"], fault["code"]) for fault in fields} == {
        ("scopes[0].reasons", "unknown_field"), ("type", "wrong_type"), ("contacts", "wrong_type"),
    }  # fmt: skip
    assert not Application.objects.exists()


def test_faults_of_the_rules_have_the_names_that_were_sent_and_the_words_of_the_pages(
    program: ManagementCaller,
) -> None:
    wrong = {"name": "x", "type": "desktop", "scopes": [{"name": "no"}], "jwks": {"keys": [{"kty": "oct", "k": "x"}]},
             "tokenEndpointAuthMethod": "private_key_jwt"}  # fmt: skip
    answer = manage(program, "POST", APPLICATIONS, NEW | wrong)
    assert answer.status_code == 422
    found = {fault["field"]: (fault["code"], fault["message"]) for fault in answer.json()["fields"]}
    assert found["name"] == ("name_too_short", "Give the application a name of at least two characters.")
    assert found["type"] == ("type_unknown", "Choose what kind of application it is.")
    assert found["scopes"] == ("scope_unknown", "There is no scope no.")
    address, _made, tag = begun(program, scopes=[{"name": "openid"}], redirectUris=[], contacts=[])
    answer = manage(program, "POST", f"{address}/submit", If_Match=tag)
    fields = {fault["field"] for fault in answer.json()["fields"]}
    assert fields == {"contacts", "redirectUris", "scopes[openid].reason"}
    assert {fault["field"] for fault in manage(program, "GET", address).json()["faults"]} == fields


def test_the_whole_draft_is_replaced_and_what_is_left_out_is_as_at_the_beginning(program: ManagementCaller) -> None:
    address, _made, tag = begun(program, environment="staging", claims=["profile"])
    answer = manage(program, "PUT", f"{address}/draft", {"type": "device"}, If_Match=tag)
    revision = answer.json()["revision"]
    assert (revision["environment"], revision["claims"], revision["redirectUris"]) == ("production", [], [])
    assert revision["tokenEndpointAuthMethod"] == "none"


def test_a_change_needs_what_it_is_based_on(program: ManagementCaller) -> None:
    address, _made, tag = begun(program)
    changes = [("PATCH", "", {"name": "New"}), ("PUT", "/draft", {"type": "web"}), ("PATCH", "/draft", {}),
               ("POST", "/submit", None), ("POST", "/withdraw", None)]  # fmt: skip
    for method, path, body in changes:
        for header in ({}, {"If_Match": "*"}):
            assert error(manage(program, method, address + path, body, **header)) == (428, "precondition_required")
        assert error(manage(program, method, address + path, body, If_Match='"3"')) == (400, "invalid_request")
    assert manage(program, "PATCH", address, {"product": "Facile"}, If_Match=tag).status_code == 200
    for method, path, body in changes:
        assert error(manage(program, method, address + path, body, If_Match=tag)) == (412, "precondition_failed")
    assert Application.objects.get().name == "Agenda Facile"


def test_what_the_state_does_not_allow_is_a_409_with_its_reason(program: ManagementCaller) -> None:
    address, _made, tag = begun(program)
    tag = manage(program, "POST", f"{address}/submit", If_Match=tag).headers["ETag"]
    for method, path, body in (("PATCH", "/draft", {}), ("PUT", "/draft", {"type": "web"}), ("POST", "/submit", None)):
        answer = manage(program, method, address + path, body, If_Match=tag)
        assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "revision_state")
        assert "Waiting for review" in answer.json()["message"]


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [(b"{", "application/json", 400), (b'{"name": "\xff"}', "application/json", 400), (b"[]", "application/json", 422),
     (b'{"name": "\\ud800"}', "application/json", 400), (b"[" * 9000, "application/json", 400),
     (b"name=x", "application/x-www-form-urlencoded", 415)],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(
    program: ManagementCaller, body: bytes, content_type: str, status: int
) -> None:
    from django.test import Client

    extra: Any = {"asgi.scope": {"varco.caller": program}}
    answer: Any = Client().generic("POST", APPLICATIONS, body, content_type, **extra)
    assert answer.status_code == status


@pytest.mark.parametrize("number", ["0", "9999999999999999999999", "1/draft", "1"])
def test_what_is_not_there_is_a_404(program: ManagementCaller, number: str) -> None:
    assert error(manage(program, "GET", f"{APPLICATIONS}/{number}")) == (404, "not_found")


def test_who_has_too_many_applications_is_told(
    program: ManagementCaller, davide: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from varco.registry.services import limits

    monkeypatch.setattr(limits, "MAX_APPLICATIONS", 1)
    begun(program)
    answer = manage(program, "POST", APPLICATIONS, NEW)
    assert (*error(answer), answer.json()["reason"]) == (409, "not_possible", "applications_too_many")


def test_a_lost_answer_is_asked_for_again_and_nothing_is_made_twice(
    program: ManagementCaller, davide: User, frozen: FrozenClock
) -> None:
    first = manage(program, "POST", APPLICATIONS, NEW, Idempotency_Key="key-1")
    assert "Idempotency-Replayed" not in first.headers
    again = manage(program, "POST", APPLICATIONS, dict(reversed(NEW.items())), Idempotency_Key="key-1")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert (again.headers["Location"], again.json()) == (first.headers["Location"], first.json())
    other = manage(program, "POST", APPLICATIONS, NEW | {"name": "Another"}, Idempotency_Key="key-1")
    assert error(other) == (422, "idempotency_key_reused")
    delia = people.person("Delia", "Developer", developer_since=1)
    assert manage(caller(delia), "POST", APPLICATIONS, NEW, Idempotency_Key="key-1").status_code == 201
    assert manage(program, "POST", APPLICATIONS, NEW, Idempotency_Key="key-2").status_code == 201
    assert manage(program, "POST", APPLICATIONS, NEW).status_code == 201
    assert Application.objects.count() == 4
    frozen.advance(24 * 3600)
    assert "Idempotency-Replayed" not in manage(program, "POST", APPLICATIONS, NEW, Idempotency_Key="key-1").headers
    for wrong in ("", "a b", "x" * 256):
        assert error(manage(program, "POST", APPLICATIONS, NEW, Idempotency_Key=wrong)) == (400, "invalid_request")
    assert Application.objects.count() == 5


def test_a_key_whose_call_was_refused_is_free(program: ManagementCaller) -> None:
    assert manage(program, "POST", APPLICATIONS, NEW | {"name": "x"}, Idempotency_Key="k").status_code == 422
    assert manage(program, "POST", APPLICATIONS, NEW, Idempotency_Key="k").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_two_calls_with_one_key_at_one_moment_make_one_application(transactional_db: None) -> None:
    program = caller(people.davide())
    answers = races.race(lambda _: manage(program, "POST", APPLICATIONS, NEW, Idempotency_Key="k"), 4)
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == Application.objects.count() == 1
