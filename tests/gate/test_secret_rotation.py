"""A secret is replaced while a client goes on asking for tokens: no request fails before the old one ends, and none passes after."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

import pytest
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import refresh, tokens
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import services
from varco.registry.models import Secret

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


class Server:
    """A client's server that uses one refresh token after the other, with the secret it has at the moment."""

    def __init__(self, gate: TestClient, app: Registered, token: str) -> None:
        self.gate, self.app, self.token = gate, app, token
        self.statuses: list[int] = []
        self.stopped, self.used = Event(), Event()

    def work(self) -> None:
        while not self.stopped.is_set():
            answer = refresh(self.gate, self.app, self.token)
            self.statuses.append(answer.status_code)
            if answer.status_code == 200:
                self.token = answer.json()["refresh_token"]
            self.used.set()

    def goes_on(self) -> None:
        """Wait until two more requests were answered: the second one began after this was called."""
        for _ in range(2):
            self.used.clear()
            assert self.used.wait(30)


def test_rotating_under_load_fails_no_request(gate: TestClient, dario: User, app: Registered) -> None:
    origin = Origin(app.application.owner)
    server = Server(gate, app, tokens(gate, dario, app)["refresh_token"])
    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(server.work)
        try:
            server.goes_on()
            made = services.create_secret(app.application, origin, label="next")
            server.goes_on()  # with the old one still
            server.app = replace(app, secret=made.text)
            server.goes_on()
            services.revoke_secret(app.application.secrets.exclude(pk=made.secret.pk).get(), origin)
            server.goes_on()
        finally:
            server.stopped.set()
        working.result()
    assert set(server.statuses) == {200}
    assert len(server.statuses) >= 8
    assert refresh(gate, app, server.token).status_code == 401


def test_a_secret_that_ends_by_the_clock_is_refused_by_a_gate_that_keeps_the_client(
    gate: TestClient, dario: User, app: Registered, frozen: FrozenClock
) -> None:
    Secret.objects.filter(application=app.application).update(expires_at=frozen.seconds + 60)
    token = tokens(gate, dario, app)["refresh_token"]
    frozen.advance(59)
    answer = refresh(gate, app, token)
    assert answer.status_code == 200
    frozen.advance(1)
    assert refresh(gate, app, answer.json()["refresh_token"]).status_code == 401


def test_a_leaked_secret_is_refused_from_the_next_request_on(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app)["refresh_token"]
    secret = app.application.secrets.get()
    services.end_leaked_secret(secret, Origin(app.application.owner), ends_at=0, grants=False)
    assert refresh(gate, app, token).status_code == 401
