"""An integrator user at the gate: the ceiling, the one application, and the end on the next request, with no worker anywhere."""

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import OF_A_DEVICE, grant, redeem, refresh, tokens
from tests.gate.test_device import approve, begin, poll
from tests.gate.test_introspection import introspect
from tests.support import integrators, people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.integrators import services
from varco.integrators.models import IntegratorAccess
from varco.people import accounts
from varco.tenants.models import Membership

PATIENTS = "/v2/tenants/tenant-aurora/patients"


def get(gate: TestClient, token: str, path: str = PATIENTS) -> tuple[int, str]:
    answer = gate.get(path, headers={"Authorization": f"Bearer {token}"})
    return answer.status_code, str(answer.json().get("layer", answer.json().get("error", "")))


@pytest.fixture
def given(transactional_db: None, frozen: FrozenClock, settings: Any) -> tuple[IntegratorAccess, User]:
    settings.VARCO = dataclasses.replace(settings.VARCO, second_factor_roles=("integrator",))
    return integrators.active(days=2, permissions=("patients.read",))


def test_they_do_what_was_chosen_and_nothing_else(
    gate: TestClient, app: Registered, given: tuple[IntegratorAccess, User]
) -> None:
    token = tokens(gate, given[1], app, "openid giponext.patients giponext.agenda")["access_token"]
    assert get(gate, token) == (200, "")
    assert get(gate, token, "/v2/tenants/tenant-aurora/agendas") == (403, "permission")
    assert get(gate, token, "/v2/tenants/tenant-levante/patients")[0] == 404


def test_at_the_second_it_ends_the_next_request_is_refused_though_no_worker_runs(
    gate: TestClient, app: Registered, given: tuple[IntegratorAccess, User], frozen: FrozenClock
) -> None:
    access, user = given
    frozen.milliseconds = (access.ends_at - 1) * 1000
    got = tokens(gate, user, app)
    _, code = grant(user, app, code_expires_at=access.ends_at + 60)
    assert get(gate, got["access_token"]) == (200, "")
    frozen.advance(1)
    assert get(gate, got["access_token"]) == (401, "invalid_token")
    assert refresh(gate, app, got["refresh_token"]).json()["error"] == "invalid_grant"
    assert redeem(gate, app, code).json()["error"] == "invalid_grant"
    assert IntegratorAccess.objects.get().state == "active"  # nobody has tidied up


ENDS: dict[str, Callable[[IntegratorAccess, User], object]] = {
    "the manager": lambda access, _user: services.end(access, Origin(access.asked_by), text="Done."),
    "a lost factor": lambda _access, user: accounts.reset_factors(user, Origin()),
    "another end date": lambda _access, user: Membership.objects.filter(user=user).update(expires_at=1_800_000_000),
}


@pytest.mark.parametrize("end", ENDS)
def test_what_ends_it_holds_on_the_next_request(
    gate: TestClient, app: Registered, given: tuple[IntegratorAccess, User], end: str
) -> None:
    got = tokens(gate, given[1], app)
    assert get(gate, got["access_token"])[0] == 200
    ENDS[end](*given)
    assert get(gate, got["access_token"]) == (401, "invalid_token")
    assert refresh(gate, app, got["refresh_token"]).json()["error"] == "invalid_grant"


def test_access_for_one_application_works_with_no_other(
    gate: TestClient, app: Registered, frozen: FrozenClock, transactional_db: None
) -> None:
    access, user = integrators.active(permissions=("patients.read",), client_id=app.client_id)
    other = people.application(people.person("Dora", "Developer"), name="Other")
    assert get(gate, tokens(gate, user, app)["access_token"])[0] == 200
    _, code = grant(user, other)
    refused = redeem(gate, other, code).json()
    assert refused["error"] == "invalid_grant"
    # Even a token from before it was bound: what it stands on is read on each request.
    Membership.objects.filter(user=user).update(only_application=None)
    got = tokens(gate, user, other)
    assert get(gate, got["access_token"])[0] == 200
    device = people.application(
        app.application.owner, name="Box", type="device", grant_types=OF_A_DEVICE, redirect_uris=[]
    )
    asked = begin(gate, device).json()
    approve(user, asked["user_code"], "openid giponext.patients")
    Membership.objects.filter(user=user).update(only_application=app.application)
    assert get(gate, got["access_token"]) == (401, "invalid_token")
    assert get(gate, got["access_token"], "/oauth2/userinfo") == (401, "invalid_token")
    for token in (got["access_token"], got["refresh_token"]):
        assert introspect(gate, other, token).json() == {"active": False}
    assert refresh(gate, other, got["refresh_token"]).json()["error"] == "invalid_grant"
    assert poll(gate, device, asked["device_code"]).json()["error"] in {"invalid_grant", "access_denied"}
    assert access.application_id == app.application.pk
