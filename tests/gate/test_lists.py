"""The lists of both sides, changed on their pages: they bite on the next request of a gate that knows the client (S19)."""

import pytest
from django.test import Client
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, refresh, tokens
from tests.support import people
from tests.support.people import Registered
from varco.accounts.models import User
from varco.grants.models import Consent

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

PATH = "/v2/userinfo"


def browser_of(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_what_a_manager_blocks_is_dead_on_the_next_request_and_alive_again_when_lifted(
    gate: TestClient, dario: User, app: Registered
) -> None:
    Consent.objects.create(user=dario, application=app.application, tenant=dario.membership.tenant, scopes="openid")
    got, theirs = tokens(gate, dario, app), tokens(gate, people.lia(), app)["access_token"]
    marta = browser_of(people.marta())
    assert gate.get(PATH, headers=bearing(got["access_token"])).status_code == 200
    page = f"/clinic/applications/{app.client_id}/"
    assert marta.post(f"{page}block/", {"text": "Not here."}).status_code == 303
    assert gate.get(PATH, headers=bearing(got["access_token"])).status_code == 403
    assert refresh(gate, app, got["refresh_token"]).status_code == 400
    assert gate.get(PATH, headers=bearing(theirs)).status_code == 200
    assert marta.post(f"{page}unblock/").status_code == 303
    assert gate.get(PATH, headers=bearing(got["access_token"])).status_code == 200


def test_what_its_developer_limits_to_another_clinic_is_dead_on_the_next_request(
    gate: TestClient, dario: User, app: Registered
) -> None:
    lia = people.lia()
    ours, theirs = (tokens(gate, user, app)["access_token"] for user in (dario, lia))
    davide = browser_of(app.application.owner)
    page = f"/developer/applications/{app.application.pk}/centres/"
    assert davide.post(f"{page}new/", {"tenant_id": "tenant-levante"}).status_code == 303
    assert [gate.get(PATH, headers=bearing(token)).status_code for token in (ours, theirs)] == [403, 200]
    assert davide.post(f"{page}tenant-levante/remove/").status_code == 303
    assert [gate.get(PATH, headers=bearing(token)).status_code for token in (ours, theirs)] == [200, 200]
