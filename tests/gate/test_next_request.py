"""What an operator or developer took away is gone at the next request, wherever that comes (S12, S16).

The gate keeps the clients it read, so each endpoint is asked twice: before, so that it has the client at hand, and after.
"""

from collections.abc import Callable

import pytest
from httpx import Response
from starlette.testclient import TestClient

from tests import people
from tests.gate.conftest import CHALLENGE, tokens
from tests.gate.test_device import BOTH, DEVICE_CODE, begin
from tests.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import DeviceRequest, Grant, PushedRequest
from varco.registry import services
from varco.registry.models import Secret

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@pytest.fixture
def app(dario: User) -> Registered:
    return people.application(people.davide(), grant_types=["authorization_code", *BOTH])


def revoke_the_secret(app: Registered) -> None:
    services.revoke_secret(Secret.objects.get(application=app.application), Origin(app.application.owner))


def suspend(app: Registered) -> None:
    services.suspend(app.application, Origin(people.olga()), reason="for now")


Ask = Callable[[dict[str, str]], tuple[str, dict[str, str]]]
PUSHED = {
    "response_type": "code", "redirect_uri": people.CALLBACK, "scope": "openid", "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}  # fmt: skip
REQUESTS: dict[str, Ask] = {
    "refresh": lambda held: ("/oauth2/token", {"grant_type": "refresh_token", "refresh_token": held["refresh_token"]}),
    "unknown code": lambda _: ("/oauth2/token", {"grant_type": "authorization_code", "code": "vac.x"}),
    "device code": lambda held: ("/oauth2/token", {"grant_type": DEVICE_CODE, "device_code": held["device_code"]}),
    "introspection": lambda held: ("/oauth2/introspect", {"token": held["access_token"]}),
    "introspection of nothing": lambda _: ("/oauth2/introspect", {"token": "x"}),
    "revocation": lambda held: ("/oauth2/revoke", {"token": held["access_token"]}),
    "revocation of nothing": lambda _: ("/oauth2/revoke", {"token": "x"}),
    "pushed request": lambda _: ("/oauth2/par", PUSHED),
    "device authorization": lambda _: ("/oauth2/device_authorization", {"scope": "openid"}),
}


@pytest.mark.parametrize("take_away", [revoke_the_secret, suspend])
@pytest.mark.parametrize("name", REQUESTS)
def test_it_is_gone_at_the_next_request(
    gate: TestClient, dario: User, app: Registered, name: str, take_away: Callable[[Registered], None]
) -> None:
    held = tokens(gate, dario, app) | begin(gate, app).json()  # by now the gate knows the client
    path, form = REQUESTS[name](held)
    take_away(app)
    answer: Response = gate.post(path, data=form, auth=(app.client_id, app.secret))
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
    assert Grant.objects.get().state == "active"
    assert DeviceRequest.objects.get().polled_at == 0
    assert not PushedRequest.objects.exists()
