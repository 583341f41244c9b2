"""A request is pushed, and the browser carries a reference to it (RFC 9126)."""

from typing import Any

import pytest
from django.test import Client
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, VERIFIER, bearing, grant, post_token, tokens, written
from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, Consent, answer_of, parameters, signed_in
from tests.support.client_keys import ClientKey, asserting
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.grants.models import Interaction, PushedRequest
from varco.registry.models import Application

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

PREFIX = "urn:ietf:params:oauth:request_uri:"


def push(gate: TestClient, app: Registered, **changes: Any) -> Response:
    form = parameters(app, **changes)
    if app.secret:
        return gate.post("/oauth2/par", data=form, auth=(app.client_id, app.secret))
    return gate.post("/oauth2/par", data=form)


def error(answer: Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def bring(browser: Client, app: Registered, uri: str) -> Any:
    return browser.get(AUTHORIZE, {"client_id": app.client_id, "request_uri": uri})


def test_a_pushed_request_leads_to_tokens(gate: TestClient, app: Registered, dario: User) -> None:
    answer = push(gate, app, client_id=None, code_challenge=CHALLENGE)  # Basic says who it is
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["request_uri"].startswith(PREFIX)
    assert answer.json()["expires_in"] == 60
    browser = signed_in(dario)
    page = Consent(browser, bring(browser, app, answer.json()["request_uri"])["Location"])
    code = answer_of(page.accept())["code"]
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": people.CALLBACK,
        "code_verifier": VERIFIER,
    }
    got = post_token(gate, app, form)
    assert got.status_code == 200, got.text
    assert gate.get("/v2/userinfo", headers=bearing(got.json()["access_token"])).status_code == 200


def test_what_is_stored_holds_neither_credentials_nor_the_reference(gate: TestClient, frozen: FrozenClock) -> None:
    key = ClientKey()
    app = people.application(people.davide(), token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    form = parameters(app, resource="https://api.example") | asserting(key.assertion(app, frozen.seconds))
    answer = gate.post("/oauth2/par", data=form)
    assert answer.status_code == 201, answer.text
    row = PushedRequest.objects.values().get()
    assert answer.json()["request_uri"].removeprefix(PREFIX) not in str(row)
    assert "client_assertion" not in str(row)
    assert row["parameters"]["values"]["state"] == "a state"
    assert row["parameters"]["resource"] == ["https://api.example"]
    assert (row["client_id"], row["expires_at"], row["used_at"]) == (app.client_id, frozen.seconds + 60, None)


def test_credentials_in_the_body_are_not_stored(gate: TestClient) -> None:
    app = people.application(people.davide(), token_endpoint_auth_method="client_secret_post")
    answer = gate.post("/oauth2/par", data=parameters(app) | {"client_secret": app.secret})
    assert answer.status_code == 201
    assert app.secret not in str(PushedRequest.objects.values().get())


def test_a_public_client_pushes_with_its_client_id(gate: TestClient) -> None:
    native = people.application(people.davide(), type="native")
    assert push(gate, native).status_code == 201


def test_of_fifty_browsers_with_one_reference_one_goes_on(gate: TestClient, app: Registered, dario: User) -> None:
    uri = push(gate, app).json()["request_uri"]
    browsers = [signed_in(dario) for _ in range(50)]
    statuses = [response.status_code for response in race(lambda number: bring(browsers[number], app, uri))]
    assert sorted(statuses) == [303] + [400] * 49
    assert Interaction.objects.count() == 1


def test_fifty_loads_of_the_page_in_one_browser_lead_to_the_same_place(
    gate: TestClient, app: Registered, dario: User
) -> None:
    """RFC 9126 §7.3: a browser that reloads, or loads ahead, has not used the reference again."""
    tabs = [signed_in(dario) for _ in range(50)]
    bring(tabs[0], app, push(gate, app).json()["request_uri"])
    for tab in tabs:
        tab.cookies = tabs[0].cookies
    uri = push(gate, app).json()["request_uri"]
    responses = race(lambda number: bring(tabs[number], app, uri))
    assert {response.status_code for response in responses} == {303}
    assert len({response["Location"] for response in responses}) == 1
    assert Interaction.objects.count() == 2


def test_a_reference_is_good_for_sixty_seconds(
    gate: TestClient, app: Registered, dario: User, frozen: FrozenClock
) -> None:
    late, in_time = (push(gate, app).json()["request_uri"] for _ in range(2))
    frozen.advance(59)
    assert bring(signed_in(dario), app, in_time).status_code == 303
    frozen.advance(1)
    assert bring(signed_in(dario), app, late).status_code == 400


def test_a_reference_is_its_client_s_alone(gate: TestClient, app: Registered, dario: User) -> None:
    other = people.application(app.application.owner, name="Another")
    uri = push(gate, app).json()["request_uri"]
    assert bring(signed_in(dario), other, uri).status_code == 400
    assert bring(signed_in(dario), app, uri).status_code == 303


def test_a_reference_dies_with_what_it_was_sound_under(gate: TestClient, app: Registered, dario: User) -> None:
    uri = push(gate, app).json()["request_uri"]
    Application.objects.update(state="suspended", version=2)
    assert bring(signed_in(dario), app, uri).status_code == 400


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"redirect_uri": "https://evil.example/"}, "invalid_request"),
        ({"redirect_uri": people.CALLBACK + "/"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"scope": "giponext.invoices"}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"resource": "https://other.example"}, "invalid_target"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": PREFIX + "x" * 43}, "invalid_request"),
        ({"request_uri": "https://agenda.example/request"}, "invalid_request"),
        ({"client_id": "varco-other"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"nonce": "x\0"}, "invalid_request"),
        ({"dpop_jkt": "short"}, "invalid_request"),
        ({"state": "s" * 20_000}, "invalid_request"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_request_that_is_wrong_is_refused_when_it_is_pushed(
    gate: TestClient, app: Registered, changes: dict[str, Any], expected: str
) -> None:
    answer = push(gate, app, **changes)
    assert error(answer) == (400, expected)
    assert answer.headers["cache-control"] == "no-store"
    assert not PushedRequest.objects.exists()
    written(gate)
    row = RefusedRequest.objects.get(request_id=answer.json()["request_id"])
    assert row.endpoint == "/oauth2/par"
    assert row.application_id == (None if "client_id" in changes else app.application.pk)


def test_nobody_pushes_without_the_client_s_authentication(gate: TestClient, app: Registered) -> None:
    for answer in (
        gate.post("/oauth2/par", data=parameters(app)),
        gate.post("/oauth2/par", data=parameters(app), auth=(app.client_id, "vs.wrong")),
        gate.post("/oauth2/par", data=parameters(app, client_id="varco-nobody")),
        gate.post("/oauth2/par", data=parameters(app, client_id=None)),
    ):
        assert error(answer) == (401, "invalid_client")
    both = parameters(app) | {"client_secret": app.secret}
    assert error(gate.post("/oauth2/par", data=both, auth=(app.client_id, app.secret))) == (400, "invalid_request")


def test_requests_that_are_no_form(gate: TestClient, app: Registered) -> None:
    auth = (app.client_id, app.secret)
    assert gate.get("/oauth2/par").status_code == 405
    endless = parameters(app) | {"claims": "x" * 300_000}
    assert error(gate.post("/oauth2/par", data=endless, auth=auth)) == (413, "request_too_large")
    assert error(gate.post("/oauth2/par", json=parameters(app), auth=auth)) == (400, "invalid_request")
    assert error(gate.post("/oauth2/par?scope=openid", data=parameters(app), auth=auth)) == (400, "invalid_request")
    doubled = {"content-type": "application/x-www-form-urlencoded"}
    assert error(gate.post("/oauth2/par", content=b"state=a&state=b", headers=doubled, auth=auth)) == (
        400,
        "invalid_request",
    )


def test_one_kind_never_stands_in_for_another(gate: TestClient, app: Registered, dario: User) -> None:
    uri = push(gate, app).json()["request_uri"]
    reference = uri.removeprefix(PREFIX)
    for text in (uri, reference):
        form = {
            "grant_type": "authorization_code",
            "code": text,
            "redirect_uri": people.CALLBACK,
            "code_verifier": VERIFIER,
        }
        assert error(post_token(gate, app, form)) == (400, "invalid_grant")
        assert error(post_token(gate, app, {"grant_type": "refresh_token", "refresh_token": text})) == (
            400,
            "invalid_grant",
        )
        assert gate.get("/v2/userinfo", headers=bearing(text)).status_code == 401
    _, code = grant(dario, app)
    got = tokens(gate, dario, app)
    for text in (code, got["access_token"], got["refresh_token"]):
        assert bring(signed_in(dario), app, PREFIX + text).status_code == 400
    assert bring(signed_in(dario), app, uri).status_code == 303


def test_scripts_of_a_registered_origin_may_push(gate: TestClient, frozen: FrozenClock) -> None:
    people.application(people.davide(), type="spa", redirect_uris=["https://spa.example/cb"])
    frozen.advance(5)
    answer = gate.options("/oauth2/par", headers={"origin": "https://spa.example"})
    assert answer.headers["access-control-allow-origin"] == "https://spa.example"


def test_it_is_announced(gate: TestClient) -> None:
    document = gate.get("/.well-known/oauth-authorization-server").json()
    assert document["pushed_authorization_request_endpoint"] == "http://localhost:8000/oauth2/par"
    assert document["require_pushed_authorization_requests"] is False
