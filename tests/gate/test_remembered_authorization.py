"""An authorization request that needs no page is answered by the gate with what the portal would answer, and no other is."""

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import parse_qsl, urlsplit

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings as django_settings
from django.contrib.sessions.models import Session
from django.db import connections, transaction
from django.db.models import QuerySet
from django.forms.models import model_to_dict
from django.test import Client
from django.utils import timezone
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, MakeGate, core_of, redeem
from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, answer_of, ask, consent_page, parameters
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Consent, Grant, PushedRequest
from varco.portal.authorize.browser_binding import COOKIE
from varco.registry.models import AllowedTenant, Application, BlockedApplication, Revision
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

Where = Literal["gate", "portal", "page"]
"""Who answers with a code: the gate, or only the portal; a page is shown, or an error told."""

AN_ID_TOKEN = "e30.e30.e30"
DECLINED = 299


@dataclass
class World:
    """A doctor who has accepted an application once, in a browser that is signed in, and both faces."""

    gate: TestClient
    app: Registered
    dario: User
    browser: Client

    @property
    def tenant(self) -> Tenant:
        return Tenant.objects.get(memberships__user=self.dario)

    def headers(self, *, without: str = "") -> dict[str, str]:
        sent = {name: cookie.value for name, cookie in self.browser.cookies.items() if name != without}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items()), "Accept-Language": "it"}

    def at_gate(self, *, without: str = "", method: str = "GET", **changes: str | None) -> Any:
        sent = parameters(self.app, **changes)
        headers = self.headers(without=without)
        return self.gate.request(method, AUTHORIZE, params=sent, headers=headers, follow_redirects=False)

    def code_at_gate(self, **asked: Any) -> bool:
        """Whether the gate answers with a code; asked again, it knows the application as it stands now."""
        before = Grant.objects.count(), Event.objects.count()
        answers = [self.at_gate(**asked)]
        if answers[0].status_code == DECLINED:
            answers.append(self.at_gate(**asked))
        answered: bool = answers[-1].status_code != DECLINED
        assert answered or (Grant.objects.count(), Event.objects.count()) == before, "what it leaves, it leaves alone"
        return answered

    def code_at_portal(self, *, without: str = "", method: str = "GET", **changes: str | None) -> bool:
        assert method == "GET"
        before = Grant.objects.count()
        kept = self.browser.cookies.pop(without, None)
        ask(self.browser, self.app, **changes)
        if kept is not None:
            self.browser.cookies[without] = kept.value
        return Grant.objects.count() > before


@pytest.fixture
def world(make_gate: MakeGate, app: Registered, dario: User) -> World:
    gate = make_gate(fallback=PlainTextResponse("a page", DECLINED))
    browser = Client(HTTP_ACCEPT_LANGUAGE="it", REMOTE_ADDR="192.0.2.7")
    assert browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD}).status_code == 303
    answer_of(consent_page(browser, app, scope="openid profile giponext.patients giponext.agenda").accept())
    return World(gate, app, dario, browser)


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


Change = Callable[[World], Any]


def updated(rows: QuerySet[Any], **values: Any) -> Any:
    """A change of one row, taken back afterwards."""

    @contextmanager
    def change() -> Iterator[None]:
        before = rows.values(*values).get()
        pk = rows.values_list("pk", flat=True).get()
        rows.update(**values)
        yield
        rows.model._default_manager.filter(pk=pk).update(**before)

    return change()


def added(row: Any) -> Any:
    @contextmanager
    def change() -> Iterator[None]:
        row.save()
        yield
        row.delete()

    return change()


def of(model: type[Any], **values: Any) -> Change:
    """A change of the one row of a model that the person or the application has."""
    rows: dict[type[Any], Callable[[World], QuerySet[Any]]] = {
        User: lambda world: User.objects.filter(pk=world.dario.pk),
        Membership: lambda world: Membership.objects.filter(user=world.dario),
        Tenant: lambda world: Tenant.objects.filter(pk=world.tenant.pk),
        Consent: lambda world: Consent.objects.filter(user=world.dario),
        Session: lambda world: Session.objects.filter(session_key=world.browser.session.session_key),
        Application: lambda world: Application.objects.filter(pk=world.app.application.pk),
        Revision: lambda world: Revision.objects.filter(pk=world.app.revision.pk),
    }
    return lambda world: updated(rows[model](world), **values)


def blocked(world: World) -> Any:
    return added(
        BlockedApplication(
            tenant=world.tenant, application=world.app.application, blocked_by=world.app.application.owner
        )
    )


def listed_elsewhere(world: World) -> Any:
    return added(AllowedTenant(application=world.app.application, tenant=people.tenant("Levante")))


def moved(world: World) -> Any:
    """The person belongs to another clinic than the one that the consent was given for."""
    return updated(Membership.objects.filter(user=world.dario), tenant=people.tenant("Ponente"))


def bound(world: World) -> Any:
    other = people.application(world.app.application.owner).application
    return updated(Membership.objects.filter(user=world.dario), only_application=other)


def raised(world: World) -> Any:
    version = Application.objects.get(pk=world.app.application.pk).version
    return updated(Application.objects.filter(pk=world.app.application.pk), version=version + 1)


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
def test_a_session_that_is_to_be_noted_as_seen_goes_to_the_portal(world: World) -> None:
    session = world.browser.session
    assert world.code_at_gate()
    session["seen_at"] = int(time.time()) - 301
    session.save()
    assert not world.code_at_gate()
    assert world.code_at_portal()
    assert world.code_at_gate(), "the portal has noted it"


MEANWHILE: list[tuple[str, Change]] = [
    ("the session ends", lambda _world: Session.objects.all().delete()),
    ("the consent is withdrawn", lambda _world: Consent.objects.update(withdrawn_at=1)),
    ("a scope is taken back", lambda _world: Consent.objects.update(scopes="openid profile giponext.patients")),
    ("a claim is taken back", lambda _world: Consent.objects.update(claims="")),
    ("the consent is given for another clinic", lambda _world: Consent.objects.update(tenant=people.tenant("Altrove"))),
    ("the person is locked", lambda world: User.objects.filter(pk=world.dario.pk).update(is_active=False)),
    ("the membership is switched off", lambda _world: Membership.objects.update(active=False)),
    ("the clinic is suspended", lambda _world: Tenant.objects.update(state="suspended")),
    ("the application is blocked", lambda world: blocked(world).__enter__()),
    ("the application is suspended", lambda _world: Application.objects.update(state="suspended")),
    ("the application changes", lambda _world: Application.objects.update(version=77)),
]


@pytest.mark.parametrize(("what", "change"), MEANWHILE, ids=[what for what, _ in MEANWHILE])
def test_what_changes_between_reading_and_writing_is_not_overlooked(
    world: World, what: str, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = core_of(world.gate).platform
    write = platform.write

    def in_a_thread() -> None:
        try:
            change(world)
        finally:
            connections.close_all()

    async def later(*steps: Any) -> Any:
        changing = threading.Thread(target=in_a_thread)
        changing.start()
        changing.join()
        return await write(*steps)

    monkeypatch.setattr(platform, "write", later)
    before = Grant.objects.count(), Event.objects.count()
    assert world.at_gate().status_code == DECLINED, what
    assert (Grant.objects.count(), Event.objects.count()) == before, what


def test_a_session_that_is_being_ended_is_waited_for(world: World) -> None:
    answers: list[int] = []
    asking = threading.Thread(target=lambda: answers.append(world.at_gate().status_code))
    before = Grant.objects.count()
    with transaction.atomic():
        Session.objects.all().delete()
        asking.start()
        asking.join(0.3)
        assert not answers, "it does not decide while the session's end is under way"
    asking.join(10)
    assert answers == [DECLINED]
    assert Grant.objects.count() == before


@pytest.mark.either_engine
def test_a_database_that_is_away_is_the_portals_to_tell(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    platform = core_of(world.gate).platform
    monkeypatch.setattr(platform, "_waiting" if hasattr(platform, "_waiting") else "_connections", None)
    assert world.at_gate().status_code == DECLINED
    monkeypatch.undo()
    assert world.code_at_gate()


@pytest.mark.either_engine
def test_the_gate_alone_has_no_authorization_endpoint(world: World, make_gate: MakeGate) -> None:
    world.gate = make_gate()
    assert world.at_gate().status_code == 404
