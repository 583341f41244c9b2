"""The grant's whole life under any order of acts of application, person, clinic, owner, operator and clock.

Beside the real thing runs `grant_model`. After every act: a token works just where and as long as the model says,
no answer holds a scope that was not granted and approved, what ended stays ended, of the refresh tokens only the last is
good, and nothing is ever answered with a fault of our own.
"""

import base64
import functools
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule, run_state_machine_as_test

from tests.conftest import FrozenClock
from tests.gate.conftest import CHALLENGE, VERIFIER, MakeGate
from tests.support import grant_model, people
from tests.support.asgi_client import FORM
from tests.support.grant_surroundings import OFTEN, SCOPES, SELDOM, Stage, Surroundings, while_something_lives
from tests.support.people import Registered
from tests.support.protocol_records import machine_settings
from varco.accounts.browser_session import SignIn
from varco.audit.services import Origin
from varco.grants import interactions, services
from varco.grants.consent_request import ConsentDecision, ConsentRequest
from varco.grants.models import Grant
from varco.grants.parties import Parties
from varco.grants.services import NothingToWithdraw
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.parameters import Parameters

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

PROBED = 4
"""Grants, the latest ones, whose tokens are tried after every act."""
WHICH = st.integers(0, 7)
SETTINGS = {
    "rate_limit": "1000000000",
    "refresh_idle": str(grant_model.REFRESH_IDLE),
    "refresh_absolute": str(grant_model.REFRESH_ABSOLUTE),
}


class GrantLife(Surroundings):
    """One person and one application, and every authorization between them."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage)
        self.redeemed(self.given(list(SCOPES), ()))

    # What a person does

    def given(self, scopes: list[str], refused: tuple[str, ...]) -> grant_model.Grant:
        """A code, as the consent page issues it."""
        parties = Parties(self.user, self.tenant, self.app.application)
        interaction = interactions.begin(Parameters({}), client_id=self.app.client_id, browser="b")
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
            still_signed_in=lambda: True,
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
        return self.stage.send_all([self.posted(path, form, foreign=foreign)])[0]

    def posted(
        self, path: str, form: dict[str, str], *, foreign: bool = False
    ) -> tuple[str, str, list[tuple[bytes, bytes]], str]:
        """A form that the application posts: method, path, headers and body."""
        by = self.stage.other if foreign else Registered(self.app.application, self.app.revision, self.secret)
        basic = b"Basic " + base64.b64encode(f"{by.client_id}:{by.secret}".encode())
        headers = [FORM, (b"authorization", basic)]
        return "POST", path, headers, urlencode(form)

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
        requests, expected = [], []
        for grant in self.grants[-PROBED:]:
            for token in grant.access[-2:]:
                good, allowed = grant.good(token, self.world, self.now), self.world.allowed
                scopes = grant.scope_of(token, self.world)
                allowed_here = allowed and "giponext.patients" in scopes
                for path, status in (
                    ("/v2/userinfo", 200 if allowed else 403),
                    (f"/v2/tenants/{self.tenant.public_id}/patients", 200 if allowed_here else 403),
                    ("/oauth2/userinfo", 403 if "openid" not in scopes else 200 if allowed else 401),
                ):
                    requests.append(("GET", path, [(b"authorization", b"Bearer " + token.text.encode())], ""))
                    expected.append((path, status if good else 401))
        answers = self.stage.send_all(requests)
        found = [(request[1], status) for request, (status, _) in zip(requests, answers, strict=True)]
        assert found == expected

    @invariant()
    def introspection_says_the_same_and_of_refresh_tokens_only_the_last_is_good(self) -> None:
        if not self.world.client_works:
            return
        tokens: list[str] = []
        expected: list[tuple[bool, set[str] | None]] = []  # whether it is good, and the scope of an access token
        for grant in self.grants[-PROBED:]:
            lives = grant.lives(self.world, self.now) and self.world.allowed
            for token in grant.access[-2:]:
                tokens.append(token.text)
                good = lives and grant.good(token, self.world, self.now)
                expected.append((good, grant.scope_of(token, self.world)))
            for n, text in list(enumerate(grant.refresh, 1))[-2:]:
                tokens.append(text)
                last = n == len(grant.refresh) and grant.renewable and grant.idle_until > self.now
                expected.append((lives and last, None))
        answers = self.stage.send_all([self.posted("/oauth2/introspect", {"token": token}) for token in tokens])
        for (_, told), (good, scope) in zip(answers, expected, strict=True):
            assert told["active"] is good
            if told["active"] and scope is not None:
                assert set(told["scope"].split()) == scope


def test_the_life_of_grants(make_gate: MakeGate, frozen: FrozenClock) -> None:
    machine = functools.partial(GrantLife, Stage(make_gate(**SETTINGS), frozen))
    run_state_machine_as_test(machine, settings=machine_settings(lives=24, steps=40))  # type: ignore[arg-type]
