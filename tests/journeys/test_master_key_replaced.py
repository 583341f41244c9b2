"""The master key is replaced in the two documented steps while applications work and people sign in, or are signed in: nothing fails."""

import threading
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.support import second_step
from tests.support.balancer import Balancer
from tests.support.demo_server import Demo
from tests.support.demo_world import VERIFIER, World
from tests.support.http_person import Person
from varco.ops import master_key

OLD, NEW = master_key.new(), master_key.new()
CLIENTS = 2


@pytest.fixture
def servers(engine: str) -> Iterator[tuple[Demo, Demo]]:
    """Two servers of one installation."""
    first = Demo(engine=engine, VARCO_RATE_LIMIT="1000000", VARCO_MASTER_KEYS=OLD).start()
    second = first.twin().start()
    yield first, second
    if second.process:
        second.process.kill()
        second.process.wait(5)
    first.stop()


class Client(threading.Thread):
    """An application that refreshes and calls until told to stop, and keeps every answer that is not right."""

    def __init__(self, world: World, balancer: Balancer, over: threading.Event) -> None:
        super().__init__(daemon=True)
        registered = world.client("web")
        self._world, self._over = world, over
        self._http = httpx.Client(transport=balancer, timeout=30)
        self._authorization = (registered["client_id"], registered["client_secrets"][0])
        self.failed: list[str] = []
        self.calls = 0
        with world.person("doctor_aurora") as dario:
            callback = dario.authorize(world.request("web", prompt="consent"))
        code = parse_qs(urlsplit(callback).query)["code"][0]
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": registered["redirect_uris"][0]}
        self._token = self._tokens(form | {"code_verifier": VERIFIER})["refresh_token"]

    def _tokens(self, form: dict[str, str]) -> dict[str, str]:
        answer = self._http.post(self._world.address("/oauth2/token"), data=form, auth=self._authorization)
        self._look(answer)
        tokens: dict[str, str] = answer.json()
        return tokens

    def _look(self, answer: httpx.Response) -> None:
        self.calls += 1
        if answer.status_code != 200:
            self.failed.append(f"{answer.request.url.path} {answer.status_code} {answer.text}")

    def run(self) -> None:
        while not self._over.wait(0.3) and not self.failed:
            tokens = self._tokens({"grant_type": "refresh_token", "refresh_token": self._token})
            self._token = tokens.get("refresh_token", "")
            bearer = {"Authorization": f"Bearer {tokens.get('access_token')}"}
            self._look(self._http.get(f"{self._world.issuer}/v2/userinfo", headers=bearer))


class SignedIn(threading.Thread):
    """Somebody who signed in before and goes on clicking, here and there."""

    def __init__(self, person: Person, over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._person, self._over = person, over
        self.failed: list[str] = []

    def run(self) -> None:
        while not self._over.wait(0.3) and not self.failed:
            page = self._person.open("/account/profile/")
            if page.status != 200 or "/login" in page.url:
                self.failed.append(f"{page.url} {page.status} {page.text[:500]}")


def test_replaced_in_two_steps_under_load_with_no_failure(servers: tuple[Demo, Demo]) -> None:
    balancer, over = Balancer(*servers), threading.Event()
    world = World(servers[0], transport=balancer)
    lia = world.person("doctor_levante")
    step = second_step.set_up(lia)
    clients = [Client(world, balancer, over) for _ in range(CLIENTS)]

    def roll(*keys: str, these: tuple[Demo, ...] = servers) -> None:
        """Restart one server after the other with these keys; meanwhile somebody signs in, on whichever."""
        for server in these:
            balancer.out(server)
            server.halt()
            server.environment["VARCO_MASTER_KEYS"] = ",".join(keys)
            server.start()
            balancer.back(server)
            with world.person("doctor_levante") as again:
                page = second_step.sign_in(again, step.codes.pop())
                assert again.open("/account/").status == 200, page.text

    signed_in = SignedIn(lia, over)
    for begun in (*clients, signed_in):
        begun.start()
    roll(OLD, NEW)
    roll(NEW, OLD)
    moved = servers[0].varco("keys", "reseal")
    assert moved.returncode == 0, moved.stderr
    assert "second factors     2 moved" in moved.stdout
    told = servers[0].varco("keys", "master", "--status").stdout
    assert "needed: opens" in told  # links and cookies of people's browsers; nothing that is sealed
    assert "second factors, " in told.splitlines()[0]
    assert "second factors" not in told.splitlines()[1]
    roll(NEW, these=servers[:1])  # the old one is gone
    with world.person("doctor_levante") as again:
        second_step.sign_in(again, step.code(1))
        assert again.open("/account/").status == 200
    over.set()
    working: list[Client | SignedIn] = [*clients, signed_in]
    for thread in working:
        thread.join(30)
        assert not thread.failed
    assert sum(client.calls for client in clients) > 30
