"""The token endpoint: what it refuses, and that a refusal changes nothing."""

import base64

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import VERIFIER, bearing, core_of, grant, on_its_loop, redeem, refresh, tokens
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.grants.models import Grant
from varco.keys.models import SigningKey

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"redirect_uri": people.CALLBACK + "/"}, "invalid_grant"),
        ({"redirect_uri": ""}, "invalid_grant"),
        ({"code_verifier": "another-code-verifier-of-43-characters-or-more-01"}, "invalid_grant"),
        ({"code_verifier": ""}, "invalid_grant"),
        ({"code_verifier": "short"}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
    ],
)
def test_a_wrong_exchange_is_refused_and_leaves_the_code_unused(
    gate: TestClient, dario: User, app: Registered, changes: dict[str, str], error: str
) -> None:
    made, code = grant(dario, app)
    answer = redeem(gate, app, code, **changes)
    assert (answer.status_code, answer.json()["error"]) == (400, error)
    assert answer.headers["cache-control"] == "no-store"
    made.refresh_from_db()
    assert made.state == "code"
    assert redeem(gate, app, code).status_code == 200


def test_a_confidential_client_must_authenticate_or_nothing_is_used_up(
    gate: TestClient, dario: User, app: Registered
) -> None:
    _, code = grant(dario, app)
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": people.CALLBACK,
        "code_verifier": VERIFIER,
    }
    token = tokens(gate, dario, app)["refresh_token"]
    for asked in (form, {"grant_type": "refresh_token", "refresh_token": token}):
        for answer in (
            gate.post("/oauth2/token", data=asked),
            gate.post("/oauth2/token", data=asked | {"client_id": app.client_id}),
            gate.post("/oauth2/token", data=asked, auth=(app.client_id, "vs.wrong")),
        ):
            assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
            assert answer.headers["www-authenticate"].startswith("Basic realm=")
    nobody = gate.post("/oauth2/token", data=form, auth=("varco-nobody", app.secret))
    assert (nobody.status_code, nobody.json()["error"]) == (401, "invalid_client")
    assert redeem(gate, app, code).status_code == 200
    assert refresh(gate, app, token).status_code == 200


def test_unknown_parameters_are_ignored_and_empty_ones_were_not_sent(
    gate: TestClient, dario: User, app: Registered
) -> None:
    _, code = grant(dario, app, redirect_uri_sent=False)
    got = redeem(gate, app, code, redirect_uri="", audience="anything", scope="", resource="")
    assert got.status_code == 200
    assert refresh(gate, app, got.json()["refresh_token"], scope="", foo="bar").status_code == 200


def test_it_takes_post_alone_and_nothing_from_the_address(gate: TestClient, app: Registered) -> None:
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        answer = gate.request(method, "/oauth2/token")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")
    query = {"client_id": app.client_id, "client_secret": app.secret}
    answer = gate.post("/oauth2/token", params=query, data={"grant_type": "refresh_token", "refresh_token": "x"})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_code_survives_a_server_that_could_not_sign(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    made, code = grant(dario, app)
    SigningKey.objects.filter(alg="RS256").update(revoked_at=frozen.seconds)
    on_its_loop(gate, core_of(gate).keyring.refresh, frozen())
    answer = redeem(gate, app, code)
    assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
    assert int(answer.headers["retry-after"]) > 0
    made.refresh_from_db()
    assert (made.state, made.rid) == ("code", None)
    SigningKey.objects.update(revoked_at=None)
    on_its_loop(gate, core_of(gate).keyring.refresh, frozen())
    assert redeem(gate, app, code).status_code == 200


def test_a_replayed_code_ends_the_grant_and_its_tokens(gate: TestClient, dario: User, app: Registered) -> None:
    _, code = grant(dario, app)
    got = redeem(gate, app, code).json()
    assert redeem(gate, app, code).json()["error"] == "invalid_grant"
    assert gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code == 401
    assert refresh(gate, app, got["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_code_that_went_to_a_redirect_uri_no_longer_approved_is_refused_and_stays_unused(
    gate: TestClient, dario: User, app: Registered
) -> None:
    made, code = grant(dario, app)
    for version, uris in enumerate([["https://agenda.example/new"], [], [people.CALLBACK]], start=2):
        type(app.revision).objects.update(redirect_uris=uris)
        type(app.application).objects.update(version=version)
        answer = redeem(gate, app, code)
        if people.CALLBACK not in uris:
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
            made.refresh_from_db()
            assert made.state == "code"
    assert answer.status_code == 200


def test_a_code_lives_sixty_seconds(gate: TestClient, dario: User, app: Registered, frozen: FrozenClock) -> None:
    _, code = grant(dario, app)
    frozen.advance(60)
    assert redeem(gate, app, code).json()["error"] == "invalid_grant"


def test_an_older_refresh_token_ends_the_grant(gate: TestClient, dario: User, app: Registered) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    second = refresh(gate, app, first).json()["refresh_token"]
    third = refresh(gate, app, second).json()["refresh_token"]
    assert refresh(gate, app, first).json()["error"] == "invalid_grant"
    assert refresh(gate, app, third).json()["error"] == "invalid_grant"
    assert Grant.objects.get().end_reason == "refresh_reused"


def test_a_predecessor_after_the_window_ends_the_grant(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    refresh(gate, app, first)
    frozen.advance(61)
    assert refresh(gate, app, first).json()["error"] == "invalid_grant"
    assert Grant.objects.get().state == "ended"


def test_a_refresh_narrows_the_scope_of_one_token_and_never_widens_it(
    gate: TestClient, dario: User, app: Registered
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    narrowed = refresh(gate, app, first, scope="giponext.patients").json()
    assert narrowed["scope"] == "giponext.patients"
    assert "email" in refresh(gate, app, narrowed["refresh_token"]).json()["scope"]


def test_another_application_cannot_use_a_refresh_token(gate: TestClient, dario: User, app: Registered) -> None:
    other = people.application(app.application.owner, name="Another")
    token = tokens(gate, dario, app)["refresh_token"]
    assert refresh(gate, other, token).json()["error"] == "invalid_grant"
    assert refresh(gate, app, token).status_code == 200


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", b"grant_type=refresh_token&grant_type=refresh_token"),
        ("application/x-www-form-urlencoded", b"grant_type=\xff\xfe"),
        ("application/x-www-form-urlencoded", b"grant_type=%00"),
        ("application/x-www-form-urlencoded", b"grant_type=%zz"),
        ("application/json", b'{"grant_type": "refresh_token"}'),
        ("", b"grant_type=refresh_token"),
        ("application/x-www-form-urlencoded", b"x" * 1_000_000),
    ],
)
def test_garbage_is_a_clean_4xx(gate: TestClient, app: Registered, content_type: str, body: bytes) -> None:
    basic = base64.b64encode(f"{app.client_id}:{app.secret}".encode()).decode()
    headers = {"content-type": content_type, "authorization": f"Basic {basic}"}
    answer = gate.post("/oauth2/token", content=body, headers=headers)
    assert 400 <= answer.status_code < 500
    assert answer.json()["error"]
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize("change", ["user", "membership", "tenant", "application", "secret"])
def test_whatever_a_grant_stands_on_bites_on_the_next_refresh_and_call(
    gate: TestClient, dario: User, app: Registered, change: str
) -> None:
    got = tokens(gate, dario, app)
    if change == "user":
        User.objects.filter(pk=dario.pk).update(is_active=False)
    elif change == "membership":
        type(dario.membership).objects.update(active=False)
    elif change == "tenant":
        type(dario.membership.tenant).objects.update(state="suspended")
    elif change == "application":
        type(app.application).objects.update(state="suspended", version=2)
    else:
        app.application.secrets.update(revoked_at=1)
        type(app.application).objects.update(version=2)
    assert refresh(gate, app, got["refresh_token"]).status_code in {400, 401}
    called = gate.get("/v2/userinfo", headers=bearing(got["access_token"])).status_code
    assert called == (200 if change == "secret" else 401)
