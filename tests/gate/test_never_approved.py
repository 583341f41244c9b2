"""No token is ever issued for anything not approved: every field of a registration, in every state its change can be in (S13).

What a program and a person get from an application is noted at every endpoint. A revision that changes one field, in any state
but in force, must not change a word of it; and once it is in force, it does, so that the notes are known to see that field.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import fields
from typing import Any

import pytest
from django.db.models import F
from httpx import Response
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import DEVICE_CODE, VERIFIER, MakeGate, bearing, grant
from tests.support import people
from tests.support.authorization_pages import ask, parameters, signed_in
from tests.support.client_keys import ClientKey, asserting
from tests.support.people import Registered
from varco.accounts.models import User
from varco.grants.models import DeviceRequest, Grant, PushedRequest
from varco.registry import queries
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

NEW_URI = "https://new.example/cb"
NARROW = ("openid", "giponext.patients")
KEY = ClientKey()
BASE: dict[str, Any] = {
    "grant_types": ["authorization_code"],
    "scopes": [people.scope(name) for name in NARROW],
    "claims": ["tenant"],
    "id_token_alg": "ES256",
}
CHANGES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "type": ({}, {"type": "spa", "token_endpoint_auth_method": "none"}),
    "environment": ({}, {"environment": "development"}),
    "grant_types": ({}, {"grant_types": ["authorization_code", DEVICE_CODE]}),
    "redirect_uris": ({}, {"redirect_uris": [people.CALLBACK, NEW_URI]}),
    "post_logout_redirect_uris": ({}, {"post_logout_redirect_uris": [NEW_URI]}),
    "scopes": ({}, {"scopes": [people.scope(name) for name in (*NARROW, "giponext.agenda")]}),
    "claims": ({}, {"claims": ["tenant", "email"]}),
    "profile": ({}, {"profile": "fapi2"}),
    "token_endpoint_auth_method": ({}, {"token_endpoint_auth_method": "client_secret_post"}),
    "id_token_alg": ({}, {"id_token_alg": "RS256"}),
    "userinfo_alg": ({}, {"userinfo_alg": "ES256"}),
    "jwks": (
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": ClientKey().jwks},
        {"jwks": KEY.jwks},
    ),
    "jwks_uri": (
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": ClientKey().jwks},
        {"jwks": None, "jwks_uri": "https://new.example/jwks"},
    ),
    "token_endpoint_audience": (
        {"token_endpoint_auth_method": "private_key_jwt", "jwks": KEY.jwks},
        {"token_endpoint_audience": True},
    ),
    "pkce_exception": ({}, {"pkce_exception": "An old library."}),
    "acts_by_itself": ({}, {"acts_by_itself": True}),
    "backchannel_logout_uri": ({}, {"backchannel_logout_uri": "https://new.example/out"}),
    "refresh": ({}, {"grant_types": ["authorization_code", "refresh_token"],
                     "scopes": [people.scope(name) for name in (*NARROW, "offline_access")]}),
}  # fmt: skip
"""For each field: what the application has besides `BASE`, and the change. `refresh` is two fields at once, as it must be."""
OF_THE_PORTAL = {
    "environment",
    "acts_by_itself",
    "post_logout_redirect_uris",
    "backchannel_logout_uri",
    "jwks_uri",
    "pkce_exception",
}
"""These are seen in the client as read, and not in a token."""
REQUESTS: dict[str, dict[str, str | None]] = {
    "as approved": {"scope": "openid giponext.patients"},
    "new uri": {"scope": "openid", "redirect_uri": NEW_URI},
    "new scope": {"scope": "openid giponext.agenda"},
    "offline": {"scope": "openid offline_access"},
    "email": {"scope": "openid email"},
    "no pkce": {"scope": "openid", "code_challenge": None, "code_challenge_method": None},
}
NOT_IN_FORCE = [["draft", "changes_requested", "rejected", "withdrawn"], ["approved", "submitted"]]
"""States of revisions that are not the one in force, of which one may be open at a time; an approved one was in force once."""


def told(answer: Response) -> tuple[Any, ...]:
    """What an answer gives, without what is different each time."""
    if "json" not in answer.headers.get("content-type", ""):
        return answer.status_code, answer.headers.get("content-type")
    content: Mapping[str, Any] = answer.json()
    words = [content.get(name) for name in ("error", "scope", "active", "layer")]
    return answer.status_code, sorted(content), *words


class Endpoints:
    """Everything that an application may be given, asked for in the old and in the new way."""

    def __init__(self, gate: TestClient, user: User, clock: FrozenClock) -> None:
        self.gate, self.user, self.clock = gate, user, clock
        self.browser = signed_in(user)

    def note(self, app: Registered) -> dict[str, Any]:
        auth = (app.client_id, app.secret)
        found: dict[str, Any] = {"client": self._client(app)}
        for name, changes in REQUESTS.items():
            found[f"pushed {name}"] = told(self.gate.post("/oauth2/par", data=parameters(app, **changes), auth=auth))
            found[f"authorize {name}"] = self._at_authorize(app, **changes)
        found["device"] = told(self.gate.post("/oauth2/device_authorization", data={"scope": "openid"}, auth=auth))
        found |= self._tokens(app)
        DeviceRequest.objects.all().delete()
        PushedRequest.objects.all().delete()
        Grant.objects.all().delete()
        return found

    def _client(self, app: Registered) -> Any:
        application = Application.objects.select_related("live_revision").get(pk=app.application.pk)
        live = application.live_revision
        read = queries.client_of(application) if live else None
        return (Registration.of(live) if live else None), read and (read.redirect_uris, read.scopes, read.claims)

    def _at_authorize(self, app: Registered, **changes: Any) -> tuple[int, str]:
        answer = ask(self.browser, app, **changes)
        where = answer.get("Location", "")
        error = where.partition("error=")[2].partition("&")[0]
        return answer.status_code, "asks the person" if where.startswith("/") else f"{where.partition('?')[0]} {error}"

    def _tokens(self, app: Registered) -> dict[str, Any]:
        """With grants as wide as if the person had once said yes to everything."""
        wide = {"scopes": "openid email offline_access giponext.patients giponext.agenda", "claims": "email tenant"}
        found: dict[str, Any] = {}
        for name, how in self._credentials(app).items():
            _row, code = grant(self.user, app, **wide)
            form = {"grant_type": "authorization_code", "code": code, "redirect_uri": people.CALLBACK}
            form |= {"code_verifier": VERIFIER} | how.pop("form")
            answer = self.gate.post("/oauth2/token", data=form, **how)
            found[f"exchange {name}"] = told(answer)
            if answer.status_code == 200:
                found |= {f"{name} {what}": value for what, value in self._used(app, answer.json(), form, how).items()}
        return found

    def _used(self, app: Registered, got: dict[str, Any], form: dict[str, str], how: dict[str, Any]) -> dict[str, Any]:
        header, claims = (json.loads(base64.urlsafe_b64decode(part + "==")) for part in got["id_token"].split(".")[:2])
        found: dict[str, Any] = {
            "id token": (header["alg"], sorted(claims)),
            "refresh token": "refresh_token" in got,
        }
        for path in (
            "/oauth2/userinfo",
            "/v2/userinfo",
            *(f"/v2/tenants/tenant-aurora/{name}" for name in ("patients", "agendas")),
        ):
            found[path] = told(self.gate.get(path, headers=bearing(got["access_token"])))
        if "refresh_token" in got and "client_assertion" not in form:
            more = {"grant_type": "refresh_token", "refresh_token": got["refresh_token"]}
            found["refresh"] = told(self.gate.post("/oauth2/token", data=more, **how))
        return found

    def _credentials(self, app: Registered) -> dict[str, dict[str, Any]]:
        mine = {"client_id": app.client_id}
        now = self.clock.seconds
        return {
            "by nothing": {"form": mine},
            "by header": {"form": {}, "auth": (app.client_id, app.secret)},
            "by form": {"form": mine | {"client_secret": app.secret}},
            "by key": {"form": asserting(KEY.assertion(app, now))},
            "by key for the endpoint": {
                "form": asserting(KEY.assertion(app, now, aud="http://localhost:8000/oauth2/token"))
            },
        }


@pytest.fixture
def endpoints(make_gate: MakeGate, frozen: FrozenClock, transactional_db: None) -> Endpoints:
    return Endpoints(make_gate(rate_limit="100000"), people.dario(), frozen)


def test_no_field_and_no_state_is_left_out() -> None:
    assert sorted(state for states in NOT_IN_FORCE for state in states) == sorted(Revision.State.values)
    assert {field.name for field in fields(Registration)} == set(CHANGES) - {"refresh"}


@pytest.mark.parametrize("field", CHANGES)
def test_a_change_gives_nothing_before_it_is_in_force(endpoints: Endpoints, field: str) -> None:
    has, change = CHANGES[field]
    app = people.application(people.davide(), **(BASE | has))
    approved = endpoints.note(app)
    for states in NOT_IN_FORCE:
        wanted = columns(app) | change
        others = [
            Revision.objects.create(application=app.application, number=number, state=state, **wanted)
            for number, state in enumerate(states, 2)
        ]
        Application.objects.filter(pk=app.application.pk).update(version=F("version") + 1)
        assert endpoints.note(app) == approved, states
        for other in others:
            other.delete()
    Revision.objects.filter(pk=app.revision.pk).update(**change)
    Application.objects.filter(pk=app.application.pk).update(version=F("version") + 1)
    after = endpoints.note(app)
    differs = {name for name in approved if approved[name] != after.get(name)} | (set(after) - set(approved))
    assert differs, "the notes see the field"
    assert field in OF_THE_PORTAL or differs != {"client"}, "they see it in what is given"


def columns(app: Registered) -> dict[str, Any]:
    return Registration.of(app.revision).columns()


@pytest.mark.parametrize("state", [state for state in Application.State.values if state != "active"])
def test_an_application_that_is_not_in_force_gets_nothing_at_all(endpoints: Endpoints, state: str) -> None:
    app = people.application(people.davide(), **BASE)
    live = None if state == "pending" else app.revision
    Application.objects.filter(pk=app.application.pk).update(state=state, live_revision=live, version=2)
    found = endpoints.note(app)
    statuses = {name: answer[0] for name, answer in found.items() if name != "client"}
    assert all(status >= 400 for status in statuses.values()), statuses
