"""The grant's whole life under any order of acts of application, person, clinic, owner, operator and clock.

Beside the real thing runs the model of `model.py`. After every act: a token works just where and as long as the model says,
no answer holds a scope that was not granted and approved, what ended stays ended, of the refresh tokens only the last is
good, and nothing is ever answered with a fault of our own.
"""

import base64
import functools
import itertools
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, VERIFIER, MakeGate, core_of, on_its_loop
from tests.support import grant_model, people
from tests.support.asgi_client import FORM, send
from tests.support.people import Registered
from tests.support.protocol_records import machine_settings
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants import interactions, keys, services
from varco.grants.consent_request import ConsentDecision, ConsentRequest
from varco.grants.models import Grant
from varco.grants.services import NothingToWithdraw, Parties, SignIn
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.parameters import Parameters
from varco.registry import services as registry
from varco.registry.models import Application, Revision, Secret
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

SCOPES = ("openid", "offline_access", "giponext.patients", "giponext.agenda")
TROUBLES = ("person", "membership", "date", "clinic", "block", "list", "application", "secret")
NUMBER = itertools.count()
PROBED = 4
"""Grants, the latest ones, whose tokens are tried after every act."""
WHICH = st.integers(0, 7)
OFTEN = st.sampled_from([True, True, True, False])
SELDOM = st.sampled_from([False, False, False, True])
SETTINGS = {
    "rate_limit": "1000000000",
    "refresh_idle": str(grant_model.REFRESH_IDLE),
    "refresh_absolute": str(grant_model.REFRESH_ABSOLUTE),
}


class Stage:
    """What all lives share: one gate and its clock, the operator, the developer, and the other application."""

    def __init__(self, gate: TestClient, clock: FrozenClock) -> None:
        self.gate, self.clock = gate, clock
        self.olga, self.davide = people.olga(), people.davide()
        self.other = people.application(self.davide, name="Another")
        self.elsewhere = people.tenant("Elsewhere")

    def read_keys(self) -> None:
        """What the gate does every few seconds."""
        keys.ensure(algorithms=["ES256"])
        context = core_of(self.gate)
        on_its_loop(self.gate, context.keyring.refresh, self.clock())

    def send(self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: str = "") -> tuple[int, Any]:
        status, content = send(self.gate, method, path, headers, body=body)
        assert status < 500, (path, body, content)
        return status, json.loads(content) if content else {}


def while_something_lives(act: Any) -> Any:
    """What takes life away is done where there is some: on a dead stage it would be nothing to look at."""
    return precondition(lambda self: self.something_lives())(act)


def on_and_off(trouble: str) -> Any:
    """Trouble comes where there is life, and goes."""
    return precondition(
        lambda self: self.world.application != "retired" and (self.something_lives() or trouble in self.troubles())
    )


class GrantLife(RuleBasedStateMachine):
    """One person and one application, and every authorization between them."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage, self.clock = stage, stage.clock
        number = next(NUMBER)
        self.user = people.member("Dario", f"C{number}", "doctor")
        self.manager = people.member("Marta", f"C{number}", "manager")
        self.app = people.application(
            stage.davide,
            scopes=[people.scope(name) for name in SCOPES],
            name=f"Application {number}",
            id_token_alg="ES256",
        )
        self.tenant = self.user.membership.tenant
        self.secret = self.app.secret
        self.world = grant_model.World(approved=set(SCOPES))
        self.grants: list[grant_model.Grant] = []
        self.consented: set[str] | None = None
        self.ended: set[int] = set()
        stage.read_keys()
        self.redeemed(self.given(list(SCOPES), ()))

    @property
    def now(self) -> int:
        return self.clock.seconds

    def something_lives(self) -> bool:
        """Whether an access token works just now."""
        goods = (grant.good(token, self.world, self.now) for grant in self.grants for token in grant.access)
        return self.world.allowed and any(goods)

    # What a person does

    def given(self, scopes: list[str], refused: tuple[str, ...]) -> grant_model.Grant:
        """A code, as the consent page issues it."""
        parties = Parties(self.user, self.tenant, self.app.application)
        interaction = interactions.begin(Parameters({}), client_id=self.app.client_id, version=0, browser="b")
        request = AuthorizationRequest(
            client_id=self.app.client_id,
            redirect_uri=people.CALLBACK,
            redirect_uri_sent=True,
            response_type="code",
            response_mode="query",
            scope=SCOPES,
            code_challenge=CHALLENGE,
            code_challenge_method="S256",
        )
        code = services.issue_code(
            interaction,
            parties,
            request,
            ConsentRequest(SCOPES, frozenset()),
            answer=ConsentDecision(tuple(scopes), refused, frozenset({"tenant"})),
            sign_in=SignIn(auth_time=self.now),
            lifetime=grant_model.CODE_LIFETIME,
            origin=Origin(self.user),
        )
        before = self.consented or set()
        for grant in self.grants if before & set(refused) else ():
            grant.narrow(before & set(refused), self.now)
        self.consented = (before | set(scopes)) - set(refused)
        made = Grant.objects.filter(user=self.user).exclude(pk__in=[grant.pk for grant in self.grants]).get()
        grant = grant_model.Grant(made.pk, scopes, code, self.now + grant_model.CODE_LIFETIME)
        self.grants.append(grant)
        return grant

    @precondition(lambda self: not self.something_lives() and self.world.application != "retired")
    @rule(offline=OFTEN)
    def a_new_beginning(self, offline: bool) -> None:
        """What was only refused for a time works again, beside something new."""
        for trouble in self.troubles():
            getattr(self, f"toggle_{trouble}")()
        self.redeemed(self.given([name for name in SCOPES if offline or name != grant_model.OFFLINE], ()))

    @precondition(lambda self: self.world.application == "active" and len(self.grants) < 8)
    @rule(
        scopes=st.sets(st.sampled_from(SCOPES[2:])),
        offline=OFTEN,
        refuse=SELDOM,
        at_once=OFTEN,
    )
    def consent(self, scopes: set[str], offline: bool, refuse: bool, at_once: bool) -> None:
        accepted = [
            "openid",
            *(["offline_access"] if offline else []),
            *(name for name in SCOPES[2:] if name in scopes),
        ]
        grant = self.given(accepted, tuple(name for name in SCOPES if name not in accepted) if refuse else ())
        if at_once:
            self.redeemed(grant)

    @while_something_lives
    @rule(sure=SELDOM)
    def withdraw_everything(self, sure: bool) -> None:
        if not sure:
            return
        if self.consented is None:
            with pytest.raises(NothingToWithdraw):
                services.withdraw(self.user, self.app.application, Origin(self.user))
            return
        services.withdraw(self.user, self.app.application, Origin(self.user))
        self.consented = None
        for grant in self.grants:
            grant.end()

    @while_something_lives
    @rule(name=st.sampled_from(SCOPES))
    def withdraw_a_scope(self, name: str) -> None:
        names = {name}
        taken = names & (self.consented or set()) - {"openid"}
        if not taken:
            with pytest.raises(NothingToWithdraw):
                services.withdraw_scopes(self.user, self.app.application, names, Origin(self.user))
            return
        services.withdraw_scopes(self.user, self.app.application, names, Origin(self.user))
        self.consented = (self.consented or set()) - taken
        for grant in self.grants:
            grant.narrow(taken, self.now)

    # What an application does

    def post(self, path: str, form: dict[str, str], *, foreign: bool = False) -> tuple[int, Any]:
        by = self.stage.other if foreign else Registered(self.app.application, self.app.revision, self.secret)
        basic = b"Basic " + base64.b64encode(f"{by.client_id}:{by.secret}".encode())
        headers = [FORM, (b"authorization", basic)]
        return self.stage.send("POST", path, headers, urlencode(form))

    def exchange(self, grant: grant_model.Grant, *, foreign: bool = False, **changes: str) -> tuple[int, Any]:
        form = {"grant_type": "authorization_code", "code": grant.code, "redirect_uri": people.CALLBACK}
        return self.post("/oauth2/token", form | {"code_verifier": VERIFIER} | changes, foreign=foreign)

    def redeemed(self, grant: grant_model.Grant) -> None:
        """The right exchange of a code: it works once, in time, for people who are there; again, it ends the grant."""
        status, got = self.exchange(grant)
        now = self.now
        if not self.world.client_works:
            assert (status, got["error"]) == (401, "invalid_client")
        elif grant.state == "code" and grant.code_until > now and self.world.person_works(now) and self.world.allowed:
            assert status == 200, got
            grant.renewable = grant_model.OFFLINE in grant.allowed_scope(self.world)
            grant.redeemed(self.clock())
            self.received(grant, got, grant.allowed_scope(self.world))
            assert ("refresh_token" in got) is grant.renewable
        else:
            assert (status, got["error"]) == (400, "invalid_grant")
            grant.state = "ended" if grant.state == "active" else grant.state

    def received(self, grant: grant_model.Grant, got: dict[str, Any], scopes: list[str]) -> None:
        """What an answer holds: never more than was granted and is approved."""
        assert got["scope"].split() == scopes
        assert set(scopes) <= set(grant.scopes) & self.world.approved
        header, _, _ = got["access_token"].partition(".")
        kid = json.loads(base64.urlsafe_b64decode(header + "=="))["kid"]
        until = self.now + grant_model.ACCESS_LIFETIME
        grant.access.append(grant_model.Access(got["access_token"], frozenset(scopes), until, kid))
        if got.get("refresh_token") and got["refresh_token"] not in grant.refresh:
            grant.refresh.append(got["refresh_token"])

    @rule(which=WHICH)
    def exchange_code(self, which: int) -> None:
        self.redeemed(self.grants[which % len(self.grants)])

    @rule(which=WHICH, wrong=st.sampled_from(["verifier", "no verifier", "redirect", "no redirect", "client"]))
    def exchange_wrongly(self, which: int, wrong: str) -> None:
        """Whoever lacks a part of the proof gets nothing, and ends nothing."""
        changes = {
            "verifier": {"code_verifier": VERIFIER[::-1]},
            "no verifier": {"code_verifier": ""},
            "redirect": {"redirect_uri": people.CALLBACK + "/"},
            "no redirect": {"redirect_uri": ""},
            "client": {},
        }[wrong]
        status, got = self.exchange(self.grants[which % len(self.grants)], foreign=wrong == "client", **changes)
        known = self.world.client_works or wrong == "client"
        assert (status, got["error"]) == ((400, "invalid_grant") if known else (401, "invalid_client"))

    def refreshed(self, grant: grant_model.Grant, n: int, scope: str = "", *, foreign: bool = False) -> None:
        token = grant.refresh[n - 1]
        form = {"grant_type": "refresh_token", "refresh_token": token, "scope": scope}
        status, got = self.post("/oauth2/token", form, foreign=foreign)
        if foreign:
            assert (status, got["error"]) == (400, "invalid_grant")
            return
        if not self.world.client_works:
            assert (status, got["error"]) == (401, "invalid_client")
            return
        fate = grant.use(n, self.world, self.clock())
        allowed = grant.allowed_scope(self.world)
        scopes = [name for name in allowed if not scope or name in scope.split()]
        if fate in {"refused", "reuse"}:
            assert (status, got["error"]) == (400, "invalid_grant"), fate
            grant.state = "ended" if fate == "reuse" else grant.state
        elif scope and not scopes:
            assert (status, got["error"]) == (400, "invalid_scope")
        else:
            assert status == 200, got
            if fate == "rotate":
                grant.rotated(self.clock())
            else:
                assert got["refresh_token"] == grant.refresh[-1]
            assert got["refresh_token"] != token
            self.received(grant, got, scopes)

    def holding(self, which: int) -> grant_model.Grant | None:
        """One of the grants that have a refresh token, those that may use it first."""
        held = [grant for grant in self.grants if grant.refresh]
        holding = [grant for grant in held if grant.renewable and grant.lives(self.world, self.now)] or held
        return holding[which % len(holding)] if holding else None

    @rule(which=WHICH, scope=st.sampled_from(["", "", "giponext.patients", "openid offline_access"]))
    def refresh(self, which: int, scope: str) -> None:
        if grant := self.holding(which):
            self.refreshed(grant, len(grant.refresh), scope)

    @rule(which=WHICH, seconds=st.sampled_from([0, 1, 59, 61]))
    def refresh_twice_with_the_same(self, which: int, seconds: int) -> None:
        """The answer was lost, and the client tries again, or somebody else does."""
        if grant := self.holding(which):
            before = len(grant.refresh)
            self.refreshed(grant, before)
            self.clock.advance(seconds)
            self.refreshed(grant, before)

    @rule(which=WHICH, older=st.sampled_from([1, 1, 2, 3]), foreign=OFTEN)
    def refresh_with_an_older_one(self, which: int, older: int, foreign: bool) -> None:
        if grant := self.holding(which):
            self.refreshed(grant, max(1, len(grant.refresh) - older), foreign=foreign)

    @rule(which=WHICH, token=WHICH, foreign=OFTEN)
    def revoke(self, which: int, token: int, foreign: bool) -> None:
        """Any token of the client's own ends its grant, old refresh tokens too; the answer is the same for all others."""
        grant = self.grants[which % len(self.grants)]
        texts = [*grant.refresh, *(access.text for access in grant.access)]
        if not texts:
            return
        text = texts[token % len(texts)]
        status, got = self.post("/oauth2/revoke", {"token": text}, foreign=foreign)
        if not foreign and not self.world.client_works:
            assert (status, got["error"]) == (401, "invalid_client")
            return
        assert (status, got) == (200, {})
        access = next((access for access in grant.access if access.text == text), None)
        readable = access.until > self.now and access.kid not in self.world.dead_keys if access else grant.renewable
        if not foreign and readable and grant.state == "active":
            grant.end()

    # What happens around them

    @rule(seconds=st.sampled_from([1, 20, 59, 61, 300]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @while_something_lives
    @rule(
        seconds=st.sampled_from(
            [599, 601, grant_model.REFRESH_IDLE - 1, grant_model.REFRESH_IDLE, grant_model.REFRESH_ABSOLUTE]
        )
    )
    def wait_long(self, seconds: int) -> None:
        self.clock.advance(seconds)

    def troubles(self) -> list[str]:
        """What is taken away for a time; one thing after the other, or nobody could tell what did it."""
        world = self.world
        wrong = {
            "person": not world.person,
            "membership": not world.member,
            "date": world.member_until is not None,
            "clinic": not world.clinic,
            "block": world.blocked,
            "list": world.limited,
            "application": world.application == "suspended",
            "secret": not world.secret,
        }
        return [trouble for trouble in TROUBLES if wrong[trouble]]

    @on_and_off("person")
    @rule()
    def toggle_person(self) -> None:
        self.world.person = not self.world.person
        User.objects.filter(pk=self.user.pk).update(is_active=self.world.person)

    @on_and_off("membership")
    @rule()
    def toggle_membership(self) -> None:
        self.world.member = not self.world.member
        Membership.objects.filter(user=self.user).update(active=self.world.member)

    @on_and_off("date")
    @rule()
    def toggle_date(self) -> None:
        self.world.member_until = None if self.world.member_until is not None else self.now + 30
        Membership.objects.filter(user=self.user).update(expires_at=self.world.member_until)

    @on_and_off("clinic")
    @rule()
    def toggle_clinic(self) -> None:
        self.world.clinic = not self.world.clinic
        Tenant.objects.filter(pk=self.tenant.pk).update(state="active" if self.world.clinic else "suspended")

    @on_and_off("block")
    @rule()
    def toggle_block(self) -> None:
        self.world.blocked = not self.world.blocked
        if self.world.blocked:
            registry.block(self.app.application, Origin(self.manager), reason="not now")
        else:
            registry.unblock(self.app.application, Origin(self.manager))

    @on_and_off("list")
    @rule()
    def toggle_list(self) -> None:
        """The owner names another clinic, and so rules this one out."""
        self.world.limited = not self.world.limited
        change = registry.add_tenant if self.world.limited else registry.remove_tenant
        change(self.app.application, Origin(self.stage.davide), tenant_id=self.stage.elsewhere.public_id)

    @on_and_off("application")
    @rule()
    def toggle_application(self) -> None:
        suspended = self.world.application == "suspended"
        act = registry.restore if suspended else registry.suspend
        act(self.app.application, Origin(self.stage.olga), reason="for now")
        self.world.application = "active" if suspended else "suspended"

    @on_and_off("secret")
    @rule()
    def toggle_secret(self) -> None:
        origin = Origin(self.stage.davide)
        if self.world.secret:
            registry.revoke_secret(Secret.objects.get(application=self.app.application, revoked_at=None), origin)
        else:
            self.secret = registry.create_secret(self.app.application, origin, label="next").text
        self.world.secret = not self.world.secret

    @while_something_lives
    @rule(sure=SELDOM)
    def owner_retires_it(self, sure: bool) -> None:
        if sure and len(self.grants) > 3 and self.world.application == "active":
            registry.retire(self.app.application, Origin(self.stage.davide))
            self.world.application = "retired"

    @rule(approved=st.sets(st.sampled_from(SCOPES[2:]), min_size=1))
    def another_revision_comes_into_force(self, approved: set[str]) -> None:
        self.world.approved = {*SCOPES[:2], *approved}
        listed = [people.scope(name) for name in SCOPES if name in self.world.approved]
        Revision.objects.filter(pk=self.app.revision.pk).update(scopes=listed)
        Application.objects.filter(pk=self.app.application.pk).update(version=F("version") + 1)

    @rule(emergency=st.booleans())
    def keys_change(self, emergency: bool) -> None:
        """On the calendar, what the key before signed stays good; in an emergency it is worthless at once."""
        signing = keys.current("ES256", self.now)
        assert signing
        if emergency:
            keys.revoke(signing.kid)
            self.world.dead_keys.add(signing.kid)
        else:
            keys.rotate(["ES256"])
        self.stage.read_keys()

    # What must hold

    @invariant()
    def what_ended_stays_ended_and_the_rest_is_as_it_should_be(self) -> None:
        rows = Grant.objects.in_bulk([grant.pk for grant in self.grants])
        for grant in self.grants:
            row = rows[grant.pk]
            assert row.state == grant.state
            assert row.scopes.split() == grant.scopes
            assert row.state == "ended" or grant.pk not in self.ended
            if row.state == "active":
                assert row.n == (len(grant.refresh) if grant.renewable else 0)
        self.ended = {grant.pk for grant in self.grants if grant.state == "ended"}

    @invariant()
    def an_access_token_works_where_it_should(self) -> None:
        for grant in self.grants[-PROBED:]:
            for token in grant.access[-2:]:
                bearer = [(b"authorization", b"Bearer " + token.text.encode())]
                good, allowed = grant.good(token, self.world, self.now), self.world.allowed
                scopes = grant.scope_of(token, self.world)
                expected = 401 if not good else 200 if allowed else 403
                assert self.stage.send("GET", "/v2/userinfo", bearer)[0] == expected
                patients = f"/v2/tenants/{self.tenant.public_id}/patients"
                allowed_here = allowed and "giponext.patients" in scopes
                expected = 401 if not good else 200 if allowed_here else 403
                assert self.stage.send("GET", patients, bearer)[0] == expected
                expected = 401 if not good else 403 if "openid" not in scopes else 200 if allowed else 401
                assert self.stage.send("GET", "/oauth2/userinfo", bearer)[0] == expected

    @invariant()
    def introspection_says_the_same_and_of_refresh_tokens_only_the_last_is_good(self) -> None:
        if not self.world.client_works:
            return
        for grant in self.grants[-PROBED:]:
            lives = grant.lives(self.world, self.now) and self.world.allowed
            for token in grant.access[-2:]:
                told = self.post("/oauth2/introspect", {"token": token.text})[1]
                assert told["active"] is (lives and grant.good(token, self.world, self.now))
                if told["active"]:
                    assert set(told["scope"].split()) == grant.scope_of(token, self.world)
            for n, text in list(enumerate(grant.refresh, 1))[-2:]:
                told = self.post("/oauth2/introspect", {"token": text})[1]
                last = n == len(grant.refresh) and grant.renewable and grant.idle_until > self.now
                assert told["active"] is (lives and last)


def test_the_life_of_grants(make_gate: MakeGate, frozen: FrozenClock) -> None:
    stage = Stage(make_gate(**SETTINGS), frozen)
    run_state_machine_as_test(functools.partial(GrantLife, stage), settings=machine_settings(lives=60, steps=40))
