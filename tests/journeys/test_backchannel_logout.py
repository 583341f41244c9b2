"""An application that is told when people leave: from the demo's client file to its own server, and back to its developer."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.journeys.test_killed import kill
from tests.support.demo_server import Demo
from tests.support.demo_world import VERIFIER, World
from tests.support.http_person import Person
from tests.support.http_receiver import Receiver, say, validated

SECONDS = 150  # until the lease of a worker that was killed while it was sending is over


@pytest.fixture
def receiver(tmp_path: Path) -> Iterator[Receiver]:
    running = Receiver(tmp_path)
    yield running
    running.stop()


@pytest.fixture
def demo(engine: str, receiver: Receiver) -> Iterator[Demo]:
    told = {"web": {"backchannel_logout_uri": receiver.uri}}
    server = Demo(engine=engine, clients=told, SSL_CERT_FILE=str(receiver.certificate)).start()
    yield server
    server.stop()


class Application:
    """The software behind the client `web`: it signs people in, and is told when they leave."""

    def __init__(self, world: World, receiver: Receiver) -> None:
        self.world = world
        self.receiver = receiver
        self.registered = world.client("web")
        self.jwks = httpx.get(world.address("/.well-known/openid-configuration")).json()["jwks_uri"]

    def sign_in(self, person: Person) -> dict[str, Any]:
        """The tokens of somebody at their browser, without offline access."""
        callback = person.authorize(self.world.request("web", scope="openid giponext.patients"))
        form = {
            "grant_type": "authorization_code",
            "code": parse_qs(urlsplit(callback).query)["code"][0],
            "redirect_uri": self.registered["redirect_uris"][0],
            "code_verifier": VERIFIER,
        }
        authorization = (self.registered["client_id"], self.registered["client_secrets"][0])
        answer = httpx.post(self.world.address("/oauth2/token"), data=form, auth=authorization)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def identity(self, tokens: dict[str, Any]) -> tuple[str, str]:
        """`sub` and `sid` of an ID token."""
        keys = KeySet.import_key_set(httpx.get(self.jwks).json())
        claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
        return claims["sub"], claims["sid"]

    def status(self, token: str) -> int:
        return httpx.get(f"{self.world.api}/v2/userinfo", headers={"Authorization": f"Bearer {token}"}).status_code

    def told(self, count: int) -> tuple[str, str]:
        """`sub` and `sid` of the last of so many logout tokens, checked by the published keys."""
        deadline = time.monotonic() + SECONDS
        while len(self.receiver.requests) < count:
            assert time.monotonic() < deadline, self.world.demo.log()[-4000:]
            time.sleep(0.05)
        assert len(self.receiver.requests) == count
        claims = validated(
            self.receiver.requests[-1].token,
            httpx.get(self.jwks).json(),
            issuer=self.world.issuer,
            client_id=self.registered["client_id"],
            now=int(time.time()),
        )
        return claims["sub"], claims["sid"]


def test_an_application_is_told_when_people_leave(demo: Demo, receiver: Receiver) -> None:
    world = World(demo)
    application = Application(world, receiver)
    with world.person("doctor_aurora") as here, world.person("doctor_aurora") as elsewhere:
        mine, others = application.sign_in(here), application.sign_in(elsewhere)

        here.press(here.open("/account/logout/"), "sign out")
        assert application.told(1) == application.identity(mine)
        assert (application.status(mine["access_token"]), application.status(others["access_token"])) == (401, 200)

        logout_token = receiver.requests[0].token
        assert application.status(logout_token) == 401
        hint = urlencode({"id_token_hint": logout_token})
        assert elsewhere.open(f"/oauth2/logout?{hint}").status == 400

        hint = urlencode({"id_token_hint": others["id_token"]})
        assert "signed out" in elsewhere.open(f"/oauth2/logout?{hint}").text
        kill(demo)
        demo.start()
        assert application.told(2) == application.identity(others)

        receiver.answer = say(400)
        application.sign_in(here)
        here.press(here.open("/account/sessions/"), "sign out everywhere")
        application.told(3)
    with world.person("developer") as davide:
        davide.sign_in()
        page = davide.open("/developer/applications/")
        deadline = time.monotonic() + 30
        client = page.link(application.registered["name"])
        while "logout_undelivered" not in (shown := davide.open(client)).text:
            assert time.monotonic() < deadline, shown.text
            time.sleep(0.2)
        refusal = davide.open(shown.link("logout_undelivered"))
        for words in ("/backchannel-logout", "HTTP 400", "HTTP 200 or 204", "There will be no other try"):
            assert words in refusal.text
