"""A policy's approval reaches no tenant but the sandboxes of the team, tried at every endpoint (S44, S13)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import DEVICE_CODE, EVERY_GRANT_TYPE, bearing, grant, post_token, redeem, refresh, tokens
from tests.gate.test_device import approve
from tests.support import people
from tests.support.authorization_pages import Consent, answer_of, ask, parameters, signed_in
from tests.support.people import Registered
from varco.accounts.models import User
from varco.registry.models import AllowedTenant
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@dataclass(frozen=True)
class Team:
    """A developer with a sandbox and an application that a policy approved, and people of three tenants."""

    developer: User
    app: Registered
    mine: User  # of the developer's sandbox
    theirs: User  # of another's
    real: User  # of a clinic


@pytest.fixture
def team(transactional_db: None, frozen: FrozenClock) -> Team:
    developer = people.davide()
    Membership.objects.create(user=developer, tenant=people.tenant("Mine", "sandbox"), role="manager")
    app = people.application(developer, grant_types=EVERY_GRANT_TYPE, environment="development", sandboxes_only=True)
    mine = people.member("Dora", "Mine", "doctor", kind="sandbox")
    theirs = people.member("Dino", "Theirs", "doctor", kind="sandbox")
    return Team(developer, app, mine, theirs, people.dario())


def device(gate: TestClient, app: Registered) -> dict[str, Any]:
    asked = gate.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=(app.client_id, app.secret))
    found: dict[str, Any] = asked.json()
    return found


def introspected(gate: TestClient, app: Registered, token: str) -> bool:
    answer = gate.post("/oauth2/introspect", data={"token": token}, auth=(app.client_id, app.secret))
    return bool(answer.json()["active"])


def calls(user: User) -> list[str]:
    tenant = Membership.objects.get(user=user).tenant.public_id
    return ["/v2/userinfo", "/oauth2/userinfo", f"/v2/tenants/{tenant}/patients"]


def test_in_a_sandbox_of_the_team_it_does_everything(gate: TestClient, team: Team) -> None:
    answer = answer_of(Consent(browser := signed_in(team.mine), ask(browser, team.app)["Location"]).accept())
    assert answer["code"]
    got = tokens(gate, team.mine, team.app)
    assert [gate.get(path, headers=bearing(got["access_token"])).status_code for path in calls(team.mine)] == [200] * 3
    assert introspected(gate, team.app, got["access_token"])
    assert refresh(gate, team.app, got["refresh_token"]).status_code == 200


@pytest.mark.parametrize("whose", ["theirs", "real"])
def test_anywhere_else_nothing_is_given_whatever_the_lists_say(gate: TestClient, team: Team, whose: str) -> None:
    user: User = getattr(team, whose)
    tenant = Membership.objects.get(user=user).tenant
    for allowed in (None, tenant, Tenant.objects.get(public_id="tenant-mine")):
        AllowedTenant.objects.all().delete()
        if allowed:
            AllowedTenant.objects.create(application=team.app.application, tenant=allowed)
        for attempt in ATTEMPTS:
            attempt(gate, team.app, user, Client())


def at_authorize(gate: TestClient, app: Registered, user: User, _browser: Client) -> None:
    silent = ask(signed_in(user), app, prompt="none")
    assert answer_of(silent)["error"] == "access_denied"
    page = ask(browser := signed_in(user), app)
    assert page.status_code == 303
    shown = Consent(browser, page["Location"])
    assert not shown.soup.select("form.consent"), "there is nothing to accept"


def at_a_pushed_request(gate: TestClient, app: Registered, user: User, _browser: Client) -> None:
    pushed = gate.post("/oauth2/par", data=parameters(app, prompt="none"), auth=(app.client_id, app.secret))
    given = {"client_id": app.client_id, "request_uri": pushed.json()["request_uri"]}
    assert answer_of(signed_in(user).get("/oauth2/authorize", given))["error"] == "access_denied"


def at_the_exchange(gate: TestClient, app: Registered, user: User, _browser: Client) -> None:
    _row, code = grant(user, app)
    assert redeem(gate, app, code).json()["error"] == "invalid_grant"


def at_the_device(gate: TestClient, app: Registered, user: User, _browser: Client) -> None:
    asked = device(gate, app)
    page = (browser := signed_in(user)).post("/device", {"user_code": asked["user_code"]})
    shown = Consent(browser, page["Location"]) if page.status_code == 303 else None
    assert shown is None or not shown.soup.select("form.consent")
    approve(user, asked["user_code"], "openid")  # as if its page had been got around
    polled = post_token(gate, app, {"grant_type": DEVICE_CODE, "device_code": asked["device_code"]})
    assert polled.json()["error"] == "invalid_grant"


def with_tokens_made_before(gate: TestClient, app: Registered, user: User, _browser: Client) -> None:
    """As if the lock had come later."""
    live = app.revision
    type(live).objects.filter(pk=live.pk).update(sandboxes_only=False)
    AllowedTenant.objects.all().delete()
    got = tokens(gate, user, app)
    type(live).objects.filter(pk=live.pk).update(sandboxes_only=True)
    refused(gate, app, user, got)


ATTEMPTS: list[Callable[[TestClient, Registered, User, Client], None]] = [
    at_authorize,
    at_a_pushed_request,
    at_the_exchange,
    at_the_device,
    with_tokens_made_before,
]


def refused(gate: TestClient, app: Registered, user: User, got: dict[str, Any]) -> None:
    """Tokens that worked a moment ago open nothing."""
    for path in calls(user):
        called = gate.get(path, headers=bearing(got["access_token"]))
        assert called.status_code == (401 if path.startswith("/oauth2/") else 403), path
        assert "sub" not in called.json()
    assert not introspected(gate, app, got["access_token"])
    assert not introspected(gate, app, got["refresh_token"])
    assert refresh(gate, app, got["refresh_token"]).json()["error"] == "invalid_grant"


ENDS: dict[str, Callable[[User], object]] = {
    "the sandbox is another's": lambda developer: Membership.objects.filter(user=developer).update(
        tenant=people.tenant("Theirs", "sandbox")
    ),
    "the person left": lambda developer: Membership.objects.filter(user=developer).delete(),
    "the membership is off": lambda developer: Membership.objects.filter(user=developer).update(active=False),
    "the account is off": lambda developer: User.objects.filter(pk=developer.pk).update(is_active=False),
    "no developer any more": lambda developer: User.objects.filter(pk=developer.pk).update(developer_since=None),
}


def test_what_ends_the_team_s_hold_ends_it_on_the_next_request(gate: TestClient, team: Team) -> None:
    people.tenant("Theirs", "sandbox")
    before = (User.objects.filter(pk=team.developer.pk).values().get(), Membership.objects.get(user=team.developer))
    for name, end in ENDS.items():
        got = tokens(gate, team.mine, team.app)
        _row, code = grant(team.mine, team.app)
        end(team.developer)
        refused(gate, team.app, team.mine, got)
        assert redeem(gate, team.app, code).json()["error"] == "invalid_grant", name
        User.objects.filter(pk=team.developer.pk).update(**before[0])
        before[1].save()
