"""Whether a token is good now, for the application it was issued to (RFC 7662)."""

from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import grant, refresh, tokens, written
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.grants.models import Grant
from varco.registry.models import AllowedTenant, Application, BlockedApplication, Revision
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

DEAD = {"active": False}


def introspect(gate: TestClient, app: Registered, token: str, **changes: Any) -> Response:
    return gate.post("/oauth2/introspect", data={"token": token} | changes, auth=(app.client_id, app.secret))


def test_a_good_access_token(gate: TestClient, dario: User, app: Registered, frozen: FrozenClock) -> None:
    got = tokens(gate, dario, app, "openid giponext.patients")
    answer = introspect(gate, app, got["access_token"], token_type_hint="refresh_token")
    told = answer.json()
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert len(told.pop("jti")) == 32
    assert told == {
        "active": True,
        "scope": "openid giponext.patients",
        "client_id": app.client_id,
        "token_type": "Bearer",
        "exp": frozen.seconds + 600,
        "iat": frozen.seconds,
        "sub": dario.public_id,
        "aud": "https://api.example",
        "iss": "http://localhost:8000",
        "tenants": [{"id": "tenant-aurora", "name": "Clinic Aurora"}],
        "auth_time": frozen.seconds - 5,
    }


def test_a_resource_learns_how_and_when_the_person_signed_in(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    """RFC 9470 §6.2: what it needs to ask for a stronger or newer sign-in."""
    got = tokens(gate, dario, app, acr="urn:varco:acr:2", auth_time=frozen.seconds - 300)
    told = introspect(gate, app, got["access_token"]).json()
    assert (told["acr"], told["auth_time"]) == ("urn:varco:acr:2", frozen.seconds - 300)


def test_a_good_refresh_token(gate: TestClient, dario: User, app: Registered, frozen: FrozenClock) -> None:
    got = tokens(gate, dario, app, "offline_access giponext.patients")
    assert introspect(gate, app, got["refresh_token"]).json() == {
        "active": True,
        "scope": "offline_access giponext.patients",
        "client_id": app.client_id,
        "exp": frozen.seconds + 30 * 86400,
        "sub": dario.public_id,
        "iss": "http://localhost:8000",
        "tenants": [{"id": "tenant-aurora", "name": "Clinic Aurora"}],
    }


def test_the_scope_is_what_it_may_do_now(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app, "openid offline_access giponext.patients giponext.agenda")
    narrow = refresh(gate, app, got["refresh_token"], scope="openid giponext.patients").json()
    assert introspect(gate, app, narrow["access_token"]).json()["scope"] == "openid giponext.patients"
    Grant.objects.update(scopes="openid offline_access giponext.agenda")  # the person withdraws patients
    assert introspect(gate, app, narrow["access_token"]).json()["scope"] == "openid"
    assert introspect(gate, app, got["access_token"]).json()["scope"] == "openid offline_access giponext.agenda"


def test_a_rotated_refresh_token_is_dead(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    newer = refresh(gate, app, got["refresh_token"]).json()
    assert introspect(gate, app, got["refresh_token"]).json() == DEAD
    assert introspect(gate, app, newer["refresh_token"]).json()["active"] is True


def test_expiry(gate: TestClient, dario: User, app: Registered, frozen: FrozenClock) -> None:
    got = tokens(gate, dario, app)
    frozen.advance(600)
    assert introspect(gate, app, got["access_token"]).json() == DEAD
    assert introspect(gate, app, got["refresh_token"]).json()["active"] is True
    frozen.advance(30 * 86400)
    assert introspect(gate, app, got["refresh_token"]).json() == DEAD


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_of_a_foreign_token_nothing_is_told(gate: TestClient, dario: User, app: Registered, kind: str) -> None:
    got = tokens(gate, dario, app)
    other = people.application(app.application.owner, name="Another")
    assert introspect(gate, other, got[kind]).json() == DEAD


def test_of_garbage_nothing_is_told(gate: TestClient, dario: User, app: Registered) -> None:
    got = tokens(gate, dario, app)
    _, code = grant(dario, app)
    header, payload, _ = got["access_token"].split(".")
    for garbage in (
        "x",
        "a.b.c",
        code,
        got["id_token"],
        f"{header}.{payload}.",
        got["refresh_token"] + "0",
        "vrt.a.b.1.c",
    ):
        answer = introspect(gate, app, garbage)
        assert (answer.status_code, answer.json()) == (200, DEAD)


ENDINGS: dict[str, Callable[[], object]] = {
    "the grant ended": lambda: Grant.objects.update(state="ended"),
    "the account is off": lambda: User.objects.filter(given_name="Dario").update(is_active=False),
    "the membership is off": lambda: Membership.objects.update(active=False),
    "the membership has ended": lambda: Membership.objects.update(expires_at=1),
    "the person moved": lambda: Membership.objects.update(tenant=people.tenant("Levante")),
    "the clinic is suspended": lambda: Tenant.objects.update(state="suspended"),
    "the clinic blocked it": lambda: BlockedApplication.objects.create(
        tenant=people.tenant("Aurora"), application=Application.objects.get(), blocked_by=User.objects.all()[0]
    ),
    "it is for another clinic": lambda: AllowedTenant.objects.create(
        tenant=people.tenant("Levante"), application=Application.objects.get()
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_of_a_dead_token_nothing_is_told(gate: TestClient, dario: User, app: Registered, ending: str) -> None:
    got = tokens(gate, dario, app)
    ENDINGS[ending]()
    assert introspect(gate, app, got["access_token"]).json() == DEAD
    assert introspect(gate, app, got["refresh_token"]).json() == DEAD


def test_a_refresh_token_is_dead_once_the_application_lost_the_grant_type(
    gate: TestClient, dario: User, app: Registered
) -> None:
    got = tokens(gate, dario, app)
    Revision.objects.update(grant_types=["authorization_code"])
    Application.objects.update(version=2)
    assert introspect(gate, app, got["refresh_token"]).json() == DEAD
    assert introspect(gate, app, got["access_token"]).json()["active"] is True


def test_a_public_client_is_not_entitled(gate: TestClient, dario: User) -> None:
    native = people.application(people.davide(), type="native")
    got = tokens(gate, dario, native)
    answer = gate.post("/oauth2/introspect", data={"token": got["access_token"], "client_id": native.client_id})
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_nobody_asks_without_authentication_or_for_a_suspended_application(
    gate: TestClient, dario: User, app: Registered
) -> None:
    got = tokens(gate, dario, app)
    form = {"token": got["access_token"]}
    refused = [
        gate.post("/oauth2/introspect", data=form),
        gate.post("/oauth2/introspect", data=form | {"client_id": app.client_id}),
        gate.post("/oauth2/introspect", data=form, auth=(app.client_id, "vs.wrong")),
        gate.post("/oauth2/introspect", data=form, headers={"authorization": f"Bearer {got['access_token']}"}),
    ]
    Application.objects.update(state="suspended", version=2)
    refused.append(introspect(gate, app, got["access_token"]))
    assert [(answer.status_code, answer.json()["error"]) for answer in refused] == [(401, "invalid_client")] * 5
    written(gate)
    assert RefusedRequest.objects.filter(endpoint="/oauth2/introspect").count() == 5


def test_the_token_must_be_sent_once_in_the_body(gate: TestClient, app: Registered) -> None:
    auth = (app.client_id, app.secret)
    for answer in (
        gate.post("/oauth2/introspect", data={}, auth=auth),
        gate.post("/oauth2/introspect?token=x", auth=auth, data={"token": "x"}),
        gate.post("/oauth2/introspect", json={"token": "x"}, auth=auth),
    ):
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert gate.get("/oauth2/introspect?token=x").status_code == 405


def test_it_is_announced(gate: TestClient) -> None:
    document = gate.get("/.well-known/openid-configuration").json()
    assert document["introspection_endpoint"] == "http://localhost:8000/oauth2/introspect"
    assert "none" not in document["introspection_endpoint_auth_methods_supported"]
