"""An authorization request that needs no page is answered by the gate with what the portal would answer, and no other is."""

import datetime as dt
import time
from collections.abc import Callable
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.forms.models import model_to_dict
from django.utils import timezone
from starlette.responses import PlainTextResponse

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, MakeGate, core_of, redeem
from tests.support.authorization_pages import ask
from tests.support.people import Registered
from tests.support.remembered_world import (
    DECLINED,
    Change,
    World,
    accepted,
    added,
    blocked,
    bound,
    listed_elsewhere,
    moved,
    of,
    raised,
)
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Consent, Grant, PushedRequest
from varco.portal.authorize.browser_binding import COOKIE
from varco.registry.models import Application, Revision
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

Where = Literal["gate", "portal", "page"]
"""Who answers with a code: the gate, or only the portal; a page is shown, or an error told."""

AN_ID_TOKEN = "e30.e30.e30"


@pytest.fixture
def world(make_gate: MakeGate, app: Registered, dario: User) -> World:
    return accepted(make_gate, app, dario)


def without_chance(answer: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.items() if name.lower() != "x-request-id"}


def row_of(grant: Grant) -> dict[str, Any]:
    return model_to_dict(grant) | {"id": None, "code_hash": len(grant.code_hash or "")}


def event_of(grant: Grant) -> dict[str, Any]:
    event = Event.objects.filter(tag="code.issued").latest("pk")
    assert event.detail.pop("grant") == str(grant.pk)
    assert event.request_id
    return model_to_dict(event) | {"id": None, "request_id": "", "detail": event.detail}


@pytest.mark.parametrize("language", ["en", "it"])
def test_both_answer_the_same(world: World, language: str) -> None:
    User.objects.filter(pk=world.dario.pk).update(language=language)
    changes = {
        "scope": "openid giponext.patients",
        "claims": '{"id_token":{"given_name":null,"auth_time":{"essential":true}},"userinfo":{"family_name":null}}',
        "nonce": "a nonce",
        "dpop_jkt": "A" * 43,
    }
    Grant.objects.all().delete()
    there = ask(world.browser, world.app, **changes)
    granted_there = Grant.objects.get()
    recorded_there = event_of(granted_there)
    here = world.at_gate(**changes)
    granted_here = Grant.objects.exclude(pk=granted_there.pk).get()
    assert here.status_code == there.status_code == 303
    answers = [dict(parse_qsl(urlsplit(url).query)) for url in (here.headers["location"], there["Location"])]
    code, other = (answer.pop("code") for answer in answers)
    assert code != other
    assert len(code) == len(other)
    assert answers[0] == answers[1] == {"state": "a state", "iss": "http://localhost:8000"}
    headers_here, headers_there = without_chance(dict(here.headers)), without_chance(dict(there.headers))
    assert headers_here.pop("location").split("?")[0] == headers_there.pop("location").split("?")[0]
    assert headers_here.pop("server") == "varco"  # which the bridge to the portal adds
    assert headers_here == headers_there
    assert here.headers["x-request-id"] == Event.objects.latest("pk").request_id
    assert row_of(granted_here) == row_of(granted_there)
    assert event_of(granted_here) == recorded_there
    again = world.at_gate(code_challenge=CHALLENGE).headers["location"]
    assert redeem(world.gate, world.app, dict(parse_qsl(urlsplit(again).query))["code"]).status_code == 200


REQUESTS: list[tuple[dict[str, Any], Where]] = [
    ({}, "gate"),
    ({"scope": "openid"}, "gate"),
    ({"prompt": "none"}, "gate"),
    ({"max_age": "60"}, "gate"),
    ({"max_age": "1"}, "page"),
    ({"max_age": "1", "prompt": "none"}, "page"),
    ({"prompt": "login"}, "page"),
    ({"prompt": "consent"}, "page"),
    ({"prompt": "select_account"}, "page"),
    ({"login_hint": "Dario@aurora.example"}, "gate"),
    ({"login_hint": "somebody@else.example"}, "page"),
    ({"login_hint": "somebody@else.example", "prompt": "none"}, "gate"),
    ({"response_mode": "query"}, "gate"),
    ({"response_mode": "form_post"}, "portal"),
    ({"response_mode": "fragment"}, "page"),
    ({"scope": "openid email"}, "page"),
    ({"scope": "openid no.such.scope"}, "gate"),
    ({"claims": '{"userinfo":{"email":null}}'}, "page"),
    ({"claims": '{"id_token":{"acr":{"essential":true,"value":"urn:varco:acr:other"}}}'}, "page"),
    ({"claims": '{"id_token":{"sub":{"value":"user-of-somebody-else"}}}'}, "page"),
    ({"id_token_hint": AN_ID_TOKEN}, "portal"),
    ({"id_token_hint": AN_ID_TOKEN, "prompt": "none"}, "page"),
    ({"redirect_uri": None}, "gate"),
    ({"redirect_uri": "https://else.example/"}, "page"),
    ({"client_id": "varco-unknown"}, "page"),
    ({"code_challenge": None}, "page"),
    ({"request_uri": "urn:ietf:params:oauth:request_uri:gone"}, "page"),
    ({"without": COOKIE}, "portal"),
    ({"without": django_settings.SESSION_COOKIE_NAME}, "page"),
]


def test_the_gate_answers_what_needs_no_page(world: World, frozen: FrozenClock) -> None:
    frozen.advance(30)
    for asked, where in REQUESTS:
        # The portal comes last: what it says to a browser that is asked to sign in stays there.
        found = world.code_at_gate(**asked), world.code_at_portal(**asked)
        assert found == {"gate": (True, True), "portal": (False, True), "page": (False, False)}[where], asked
    assert not world.code_at_gate(method="HEAD")
    assert not world.code_at_gate(method="POST")
    assert not PushedRequest.objects.exists()


SURROUNDINGS: list[tuple[str, Change, Where]] = [
    ("another language than there is", of(User, language="fr"), "portal"),
    ("a locked person", of(User, is_active=False), "page"),
    ("another password", of(User, password="argon2$argon2id$v=19$m=8,t=1,p=1$b3RoZXI$aGFzaA"), "page"),
    ("a password that is too short to stand alone", of(User, password_is_short=True), "page"),
    ("a membership switched off", of(Membership, active=False), "page"),
    ("a membership at its end", of(Membership, expires_at=1_800_000_000), "page"),
    ("a membership for another application", bound, "page"),
    ("another clinic", moved, "page"),
    ("a suspended clinic", of(Tenant, state="suspended"), "page"),
    ("a closed clinic", of(Tenant, state="closed"), "page"),
    ("a blocked application", blocked, "page"),
    ("an application for another clinic", listed_elsewhere, "page"),
    ("a changed application", raised, "gate"),
    ("a consent withdrawn", of(Consent, withdrawn_at=1), "page"),
    ("less accepted", of(Consent, scopes="openid"), "page"),
    ("a consent of before clinics were noted", of(Consent, tenant=None), "page"),
    ("a session that is over", of(Session, expire_date=timezone.now() - dt.timedelta(seconds=1)), "page"),
    ("a session that nobody can read", of(Session, session_data="AAAA"), "page"),
]


def test_the_gate_answers_for_whom_the_portal_would(world: World) -> None:
    cookies = {name: cookie.value for name, cookie in world.browser.cookies.items()}
    sessions = list(Session.objects.all()), list(UserSession.objects.all())
    for what, change, where in SURROUNDINGS:
        with change(world):
            found = world.code_at_gate(), world.code_at_portal()
        assert found == {"gate": (True, True), "portal": (False, True), "page": (False, False)}[where], what
        # What the portal made of it: a session that it ended, say.
        world.browser.cookies.clear()
        for name, value in cookies.items():
            world.browser.cookies[name] = value
        Session.objects.all().delete()
        for row in (*sessions[0], *sessions[1]):
            row.save()
    assert world.code_at_gate()


@pytest.mark.parametrize(
    ("table", "values", "where"),
    [
        (Revision, {"acts_by_itself": True}, "page"),
        (Revision, {"type": "native", "token_endpoint_auth_method": "none"}, "page"),
        (Revision, {"sandboxes_only": True}, "page"),
        (Application, {"state": "suspended"}, "page"),
    ],
)
@pytest.mark.either_engine
def test_an_application_is_asked_for_as_it_stands(
    world: World, table: type[Any], values: dict[str, Any], where: Where
) -> None:
    assert world.code_at_gate()
    with of(table, **values)(world), raised(world):
        assert (world.code_at_gate(), world.code_at_portal()) == (False, False)
    assert where == "page"


@pytest.mark.either_engine
def test_a_role_that_demands_a_second_factor_goes_to_the_portal(world: World, make_gate: MakeGate) -> None:
    world.gate = make_gate(
        fallback=PlainTextResponse("a page", DECLINED), second_factor_roles="manager,developer,operator,integrator"
    )
    demanding = [
        of(Membership, role="manager"),
        of(Membership, expires_at=1_900_000_000),
        of(User, developer_since=1),
        of(User, platform_role="operator"),
    ]
    assert world.code_at_gate(), "a doctor needs none"
    for change in demanding:
        with change(world):
            assert not world.code_at_gate()
            with added(Authenticator(user=world.dario, type=Authenticator.Type.TOTP, data={})):
                assert world.code_at_gate()
            with added(Authenticator(user=world.dario, type=Authenticator.Type.RECOVERY_CODES, data={})):
                assert not world.code_at_gate()


@pytest.mark.either_engine
def test_it_takes_one_read_and_one_transaction(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert world.code_at_gate()
    platform = core_of(world.gate).platform
    asked: list[str] = []

    def counted(name: str) -> Callable[..., Any]:
        method = getattr(platform, name)

        def call(*steps: Any) -> Any:
            asked.append(name)
            return method(*steps)

        return call

    for name in ("one", "all", "write", "write_many"):
        monkeypatch.setattr(platform, name, counted(name))
    world.at_gate()
    assert asked == ["one", "write"]


@pytest.mark.either_engine
def test_a_session_that_is_to_be_noted_as_seen_goes_to_the_portal(world: World) -> None:
    session = world.browser.session
    assert world.code_at_gate()
    session["seen_at"] = int(time.time()) - 301
    session.save()
    assert not world.code_at_gate()
    assert world.code_at_portal()
    assert world.code_at_gate(), "the portal has noted it"
