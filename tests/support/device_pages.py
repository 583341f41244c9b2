"""What the tests of the device page share: a device that waits, and a person who enters its code."""

import hashlib
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import Consent, signed_in
from tests.support.html import parse
from tests.support.people import Registered
from varco import sealing
from varco.accounts.models import User
from varco.grants.models import DeviceRequest, Grant
from varco.protocol import device_authorization

CODE = "BCDFGHJK"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
SCOPES = "openid offline_access giponext.patients"


@pytest.fixture
def box(frozen: FrozenClock) -> Registered:
    return people.application(people.davide(), type="device", grant_types=[DEVICE, "refresh_token"], redirect_uris=[])


@pytest.fixture
def waiting(box: Registered, frozen: FrozenClock) -> DeviceRequest:
    return request_of(box, frozen)


@pytest.fixture
def dario(frozen: FrozenClock) -> User:
    return people.dario()


@pytest.fixture
def browser(dario: User) -> Client:
    return signed_in(dario)


def stored(code: str) -> str:
    """What a request is stored under, by its normalised code."""
    key = sealing.derive(settings.MASTER_KEYS[0], device_authorization.USER_CODE_KEY)
    return device_authorization.stored_user_code(key, code)


def request_of(box: Registered, frozen: FrozenClock, code: str = CODE, **changes: Any) -> DeviceRequest:
    """A request of a device, as the device authorization endpoint writes it."""
    fields = {
        "scopes": SCOPES,
        "ip": "198.51.100.7",
        "user_agent": "Box/1 <b>",
        "created_at": frozen.seconds,
        "expires_at": frozen.seconds + 600,
    } | changes
    digest = hashlib.sha256(code.encode()).hexdigest()
    return DeviceRequest.objects.create(
        device_code_hash=digest, user_code=stored(code), application=box.application, **fields
    )


def enter(browser: Client, code: str = CODE, **how: Any) -> Any:
    return browser.post("/device", {"user_code": code}, **how)


def confirmed(browser: Client, code: str = CODE) -> Consent:
    """The consent page of somebody who has entered the code."""
    response = enter(browser, code)
    assert response.status_code == 303, response.content.decode()
    assert response["Location"].startswith("/device?request=")
    return Consent(browser, response["Location"])


def words(response: Any) -> str:
    return " ".join(parse(response.content).get_text(" ").split())


def untouched() -> bool:
    """Nobody has answered, and nothing was given."""
    return DeviceRequest.objects.get(user_code=stored(CODE)).state == "pending" and not Grant.objects.exists()
