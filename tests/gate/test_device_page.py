"""The whole way of a device: its request at the gate, the person's answer on the page, its tokens at the gate."""

import pytest
from django.test import Client
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import bearing
from tests.gate.test_device import begin, box, error, poll
from tests.support.authorization_pages import Consent, signed_in
from tests.support.people import Registered
from varco.accounts.models import User
from varco.grants.models import Grant

__all__ = ["box"]
pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def page_of(browser: Client, complete: str) -> Consent:
    """Follow the link of the device, compare the code and go on."""
    address = complete.removeprefix("http://localhost:8000")
    assert browser.get(address).status_code == 200
    entered = browser.post("/device", {"user_code": address.partition("=")[2]})
    return Consent(browser, entered["Location"])


def test_a_device_gets_exactly_what_the_person_left_on(
    gate: TestClient, box: Registered, dario: User, frozen: FrozenClock
) -> None:
    asked = begin(gate, box, scope="openid offline_access giponext.patients giponext.agenda").json()
    page = page_of(signed_in(dario), asked["verification_uri_complete"])
    assert "192.0.2.7" in page.text
    assert error(poll(gate, box, asked["device_code"])) == (400, "authorization_pending")
    page.accept(scopes=["giponext.agenda"])
    frozen.advance(5)
    answer = poll(gate, box, asked["device_code"])
    assert answer.status_code == 200, answer.text
    assert answer.json()["scope"] == "openid giponext.agenda"
    assert "refresh_token" not in answer.json()
    token = answer.json()["access_token"]
    assert gate.get("/v2/userinfo", headers=bearing(token)).json()["sub"] == dario.public_id
    assert Grant.objects.get().scopes == "openid giponext.agenda"
    assert error(poll(gate, box, asked["device_code"])) == (400, "invalid_grant")


def test_a_person_who_refuses_is_heard_by_the_device(gate: TestClient, box: Registered, dario: User) -> None:
    asked = begin(gate, box).json()
    page_of(signed_in(dario), asked["verification_uri_complete"]).refuse()
    assert error(poll(gate, box, asked["device_code"])) == (400, "access_denied")
    assert not Grant.objects.exists()
