"""While an application moves from secrets to keys, the gate takes both; afterwards keys alone, and under FAPI never a secret."""

from dataclasses import replace

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import refresh, tokens, written
from tests.support import people
from tests.support.client_keys import ClientKey, asserting
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import secret_overlap, services
from varco.registry.models import Secret, SecretOverlap
from varco.registry.registration import Registration

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])
DAY = 86400


def move(app: Registered, key: ClientKey) -> None:
    """Have a revision with this key approved in the place of the one in force."""
    wanted = replace(Registration.of(app.revision), token_endpoint_auth_method="private_key_jwt", jwks=key.jwks)
    services.save_draft(app.application, wanted, Origin(app.application.owner))
    type(app.application).objects.filter(pk=app.application.pk).update(description="Books.", contacts=["a@b.example"])
    revision = services.submit(app.application, Origin(app.application.owner))
    services.approve(revision, Origin(User.objects.filter(platform_role="operator").first() or people.olga()))


def by_secret(gate: TestClient, app: Registered, *, posted: bool = False) -> Response:
    """The cheapest request that needs authentication, with the secret."""
    if posted:
        form = {"token": "x", "client_id": app.client_id, "client_secret": app.secret}
        return gate.post("/oauth2/introspect", data=form)
    return gate.post("/oauth2/introspect", data={"token": "x"}, auth=(app.client_id, app.secret))


def by_key(gate: TestClient, app: Registered, key: ClientKey, clock: FrozenClock) -> Response:
    return gate.post("/oauth2/introspect", data={"token": "x"} | asserting(key.assertion(app, clock.seconds)))


def test_no_request_fails_on_the_way_from_the_secret_to_the_key(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    key = ClientKey()
    token = tokens(gate, dario, app)["refresh_token"]
    move(app, key)
    # The server that has not changed yet, whose client the gate had kept, goes on.
    answer = refresh(gate, app, token)
    assert answer.status_code == 200, answer.text
    form = {"grant_type": "refresh_token", "refresh_token": answer.json()["refresh_token"]}
    signed = gate.post("/oauth2/token", data=form | asserting(key.assertion(app, frozen.seconds)))
    assert signed.status_code == 200, signed.text
    written(gate)
    assert Secret.objects.get().last_used_at == frozen.seconds


def test_the_secret_ends_with_its_second_whether_or_not_a_worker_came_by(
    gate: TestClient, app: Registered, frozen: FrozenClock
) -> None:
    key = ClientKey()
    move(app, key)
    frozen.advance(30 * DAY - 1)
    assert by_secret(gate, app).status_code == by_key(gate, app, key, frozen).status_code == 200
    frozen.advance(1)
    assert (by_secret(gate, app).status_code, by_key(gate, app, key, frozen).status_code) == (401, 200)
    assert SecretOverlap.objects.exists()
    secret_overlap.run()  # tells
    secret_overlap.run()
    assert not SecretOverlap.objects.exists()
    assert by_secret(gate, app).status_code == 401


def test_ended_by_its_developer_it_is_refused_at_once(gate: TestClient, app: Registered, frozen: FrozenClock) -> None:
    key = ClientKey()
    move(app, key)
    assert by_secret(gate, app).status_code == 200
    services.set_overlap_end(app.application, Origin(app.application.owner), ends_at=0)
    assert (by_secret(gate, app).status_code, by_key(gate, app, key, frozen).status_code) == (401, 200)


def test_the_secret_comes_as_it_did_and_must_be_right(gate: TestClient, app: Registered, frozen: FrozenClock) -> None:
    move(app, ClientKey())  # from client_secret_basic
    assert by_secret(gate, app, posted=True).status_code == 401
    assert by_secret(gate, replace(app, secret="vs.wrong")).status_code == 401
    assert gate.post("/oauth2/introspect", data={"token": "x", "client_id": app.client_id}).status_code == 401
    SecretOverlap.objects.update(method="client_secret")  # of either way
    type(app.application).objects.filter(pk=app.application.pk).update(version=app.application.version + 9)
    assert by_secret(gate, app, posted=True).status_code == by_secret(gate, app).status_code == 200
