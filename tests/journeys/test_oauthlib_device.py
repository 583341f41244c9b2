"""A device that speaks oauthlib and requests-oauthlib; its person types the code on a page of their own browser."""

from collections.abc import Iterator
from typing import Any

import pytest
import requests
from oauthlib.oauth2 import DeviceClient
from oauthlib.oauth2.rfc6749.errors import AccessDeniedError, CustomOAuth2Error, InvalidGrantError
from requests_oauthlib import OAuth2Session

from tests.journeys.test_client_libraries import assert_is_luca
from tests.support.demo_world import World
from tests.support.http_person import Page, Person

SCOPE = ["openid", "profile", "offline_access", "giponext.agenda"]


class Device:
    """The screen in the waiting room: asks for a code, shows it, and asks for its tokens."""

    def __init__(self, world: World, session: OAuth2Session) -> None:
        self._world = world
        self.session = session
        self.client_id = session.client_id

    def start(self) -> dict[str, Any]:
        form = {"client_id": self.client_id, "scope": " ".join(SCOPE)}
        answer = requests.post(self._world.address("/oauth2/device_authorization"), data=form, timeout=30)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ask(self, shown: dict[str, Any]) -> dict[str, Any]:
        """Its tokens. Raises oauthlib's error for any other answer."""
        address = self._world.address("/oauth2/token")
        return dict(self.session.fetch_token(address, device_code=shown["device_code"], include_client_id=True))


@pytest.fixture
def device(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Device]:
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")  # http on loopback
    client = DeviceClient(world.client("device")["client_id"])
    with OAuth2Session(client=client, scope=SCOPE) as session:
        yield Device(world, session)


def at_the_page(person: Person, code: str) -> Page:
    """The consent page, by way of /device and the code typed as people type: in small letters and with a blank."""
    page = person.sign_in(person.open("/device"))
    return person.press(page, "continue", user_code=code.lower().replace("-", " "))


def test_oauthlib_on_a_device_gets_tokens_once_the_person_approves(world: World, device: Device) -> None:
    shown = device.start()
    assert shown["verification_uri"] == world.address("/device")
    with pytest.raises(CustomOAuth2Error, match="authorization_pending"):
        device.ask(shown)
    with world.person("manager_levante") as luca:
        page = at_the_page(luca, shown["user_code"])
        assert world.client("device")["name"] in page.text
        luca.press(page, "accept.*")
    token = device.ask(shown)
    assert set(token["scope"]) == set(SCOPE)
    refreshed = device.session.refresh_token(world.address("/oauth2/token"), client_id=device.client_id)
    assert refreshed["access_token"] != token["access_token"]
    assert_is_luca(device.session.get(f"{world.api}/v2/userinfo").json(), world)
    with pytest.raises(InvalidGrantError):
        device.ask(shown)


def test_oauthlib_on_a_device_is_told_when_the_person_refuses(world: World, device: Device) -> None:
    shown = device.start()
    with world.person("doctor_levante") as lia:
        lia.press(at_the_page(lia, shown["user_code"]), "refuse.*")
    with pytest.raises(AccessDeniedError):
        device.ask(shown)
