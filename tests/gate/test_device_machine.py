"""A device's request under any order of polls, answers and waiting, of the right people and the wrong ones (RFC 8628).

Beside the real thing runs a small model. A device gets tokens once, after the approval and in time, with what was accepted
and no more; polls at the same moment cost it nothing; and nothing is ever answered with a fault of our own.
"""

import asyncio
import functools
import itertools
import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import DEVICE_CODE, OF_A_DEVICE, MakeGate, core_of, on_its_loop, written
from tests.support import people
from tests.support.asgi_client import FORM, answer, send
from tests.support.device_pages import stored
from tests.support.people import Registered
from tests.support.protocol_records import machine_settings
from varco.accounts.browser_session import SignIn
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.grants import device_approval, services
from varco.grants.consent_request import ConsentDecision
from varco.grants.device_approval import DeviceRequestOver
from varco.grants.models import DeviceRequest, Grant
from varco.grants.parties import Parties
from varco.grants.services import NothingToWithdraw
from varco.keys import services as keys

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

SCOPES = ("offline_access", "giponext.patients", "giponext.agenda")
LIFETIME, DUPLICATE = 600, 60
NUMBER = itertools.count()
WHICH = st.integers(0, 5)


@dataclass
class Waiting:
    """A device request, as it should be. Times in epoch milliseconds."""

    code: str
    user_code: str
    scopes: list[str]
    until: int
    state: str = "pending"
    interval: int = 5
    polled: int = 0
    redeemed: int = 0
    access: str = ""
    accepted: list[str] = field(default_factory=list)
    by: User | None = None
    ended: bool = False


class DeviceLife(RuleBasedStateMachine):
    """Devices of one application, and two people who might answer them."""

    def __init__(self, gate: TestClient, clock: FrozenClock, apps: tuple[Registered, Registered]) -> None:
        super().__init__()
        self.gate, self.clock, (self.app, self.other) = gate, clock, apps
        number = next(NUMBER)
        self.people = [people.member(name, f"C{number}", "doctor") for name in ("Dario", "Silvia")]
        self.waiting: list[Waiting] = []
        keys.ensure(algorithms=["ES256"])
        on_its_loop(gate, core_of(gate).keyring.refresh, clock())

    def form(self, path: str, app: Registered, **fields: str) -> tuple[int, Any]:
        body = urlencode({"client_id": app.client_id} | fields)
        status, content = send(self.gate, "POST", path, [FORM], body=body)
        assert status < 500, content
        return status, json.loads(content)

    def poll(self, waiting: Waiting, app: Registered) -> tuple[int, Any]:
        return self.form("/oauth2/token", app, grant_type=DEVICE_CODE, device_code=waiting.code)

    def chosen(self, which: int) -> Waiting:
        return self.waiting[which % len(self.waiting)]

    # The device

    @precondition(lambda self: len(self.waiting) < 5)
    @rule(scopes=st.sets(st.sampled_from(SCOPES), min_size=1))
    def begin(self, scopes: set[str]) -> None:
        asked = [name for name in SCOPES if name in scopes]
        status, got = self.form("/oauth2/device_authorization", self.app, scope=" ".join(asked))
        assert status == 200, got
        until = self.clock() + LIFETIME * 1000
        self.waiting.append(Waiting(got["device_code"], got["user_code"], asked, until))

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH)
    def device_polls(self, which: int) -> None:
        waiting, now = self.chosen(which), self.clock()
        status, got = self.poll(waiting, self.app)
        told = "tokens" if status == 200 else got["error"]
        assert told == self.expected(waiting, now)
        if told == "slow_down":
            waiting.interval += 5
        if told in {"slow_down", "authorization_pending"}:
            waiting.polled = now
        elif told == "tokens":
            self.received(waiting, got, now)
        elif waiting.state == "redeemed" and now - waiting.redeemed > DUPLICATE * 1000:
            waiting.ended = True

    def expected(self, waiting: Waiting, now: int) -> str:
        """RFC 8628 §3.5."""
        if waiting.state == "redeemed":
            return "invalid_grant"
        if waiting.state == "denied":
            return "access_denied"
        if waiting.until // 1000 <= now // 1000:
            return "expired_token"
        if waiting.state == "approved":
            assert waiting.by
            return "access_denied" if waiting.ended else "tokens" if waiting.by.is_active else "invalid_grant"
        return "slow_down" if now - waiting.polled < waiting.interval * 1000 - 500 else "authorization_pending"

    def received(self, waiting: Waiting, got: dict[str, Any], now: int) -> None:
        assert got["scope"].split() == waiting.accepted
        assert set(waiting.accepted) <= set(waiting.scopes)
        assert ("refresh_token" in got) is ("offline_access" in waiting.accepted)
        waiting.state, waiting.redeemed, waiting.access = "redeemed", now, got["access_token"]

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH, polls=st.integers(2, 6))
    def device_polls_many_times_at_once(self, which: int, polls: int) -> None:
        """One of them is answered as if it were alone; of the others none gets tokens, and none ends what the one got."""
        waiting, now = self.chosen(which), self.clock()
        expected = self.expected(waiting, now)
        if expected == "slow_down" or (waiting.state == "redeemed" and now - waiting.redeemed > DUPLICATE * 1000):
            return
        body = urlencode({"client_id": self.app.client_id, "grant_type": DEVICE_CODE, "device_code": waiting.code})
        answers = on_its_loop(self.gate, self.all_at_once, body.encode(), polls)
        told = ["tokens" if status == 200 else got["error"] for status, got in answers]
        rest = {"tokens": "invalid_grant", "authorization_pending": "slow_down"}.get(expected, expected)
        assert sorted(told) == sorted([expected, *[rest] * (polls - 1)])
        if expected == "tokens":
            self.received(waiting, next(got for status, got in answers if status == 200), now)
        elif expected == "authorization_pending":
            written(self.gate)
            waiting.polled, waiting.interval = now, DeviceRequest.objects.get(pk=self.row(waiting).pk).interval
            assert waiting.interval > 5

    async def all_at_once(self, body: bytes, polls: int) -> list[tuple[int, Any]]:
        headers = [FORM]
        asked = (answer(self.gate.app, "POST", b"/oauth2/token", headers, body=body) for _ in range(polls))
        return [(status, json.loads(content)) for status, content in await asyncio.gather(*asked)]

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH)
    def another_client_polls(self, which: int) -> None:
        """It learns nothing, slows nobody down and uses nothing up."""
        status, got = self.poll(self.chosen(which), self.other)
        assert (status, got["error"]) == (400, "invalid_grant")

    # The person

    def row(self, waiting: Waiting) -> DeviceRequest:
        found = DeviceRequest.objects.select_related("application__live_revision")
        return found.get(user_code=stored(waiting.user_code.replace("-", "")))

    @precondition(lambda self: self.waiting)
    @rule(which=WHICH, who=st.integers(0, 1), accept=st.sets(st.sampled_from(SCOPES)))
    def somebody_answers(self, which: int, who: int, accept: set[str]) -> None:
        """Accepting nothing is to deny. The first answer counts, in time; any other changes nothing, whoever it is of."""
        waiting, user, row = self.chosen(which), self.people[who], self.row(self.chosen(which))
        accepted = [name for name in waiting.scopes if name in accept]
        open_ = waiting.state == "pending" and waiting.until // 1000 > self.clock.seconds
        assert (device_approval.find(waiting.user_code) is not None) is open_
        try:
            if accepted:
                given = ConsentDecision(tuple(accepted), (), frozenset())
                parties = Parties(user, user.membership.tenant, row.application)
                device_approval.approve(
                    row, parties, given, SignIn(auth_time=1), Origin(user), still_signed_in=lambda: True
                )
            else:
                device_approval.deny(row, user, user.membership.tenant, Origin(user))
        except DeviceRequestOver:
            assert not open_
            return
        assert open_
        waiting.state, waiting.accepted = ("approved" if accepted else "denied"), accepted
        waiting.by = user if accepted else None

    @precondition(lambda self: any(waiting.state == "approved" for waiting in self.waiting))
    @rule(who=st.integers(0, 1))
    def somebody_takes_it_back(self, who: int) -> None:
        user = self.people[who]
        given = [waiting for waiting in self.waiting if waiting.by is user and not waiting.ended]
        try:
            services.withdraw(user, self.app.application, Origin(user))
        except NothingToWithdraw:
            assert not given
        for waiting in given:
            waiting.ended = True

    @precondition(lambda self: any(waiting.by for waiting in self.waiting))
    @rule(who=st.integers(0, 1))
    def somebody_leaves_or_comes_back(self, who: int) -> None:
        user = self.people[who]
        user.is_active = not user.is_active
        User.objects.filter(pk=user.pk).update(is_active=user.is_active)

    @rule()
    def slower_intervals_are_written(self) -> None:
        written(self.gate)
        for waiting in self.waiting:
            assert waiting.state != "pending" or self.row(waiting).interval == waiting.interval

    @rule(seconds=st.sampled_from([1, 4, 4.4, 4.5, 5, 9, 10, 30, 61, 250, 599]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    # What must hold

    @invariant()
    def tokens_work_as_long_as_what_they_stand_on(self) -> None:
        for waiting in self.waiting:
            if waiting.access:
                assert waiting.by
                lives = not waiting.ended and waiting.by.is_active and self.clock() < waiting.redeemed + 599_000
                bearer = [(b"authorization", b"Bearer " + waiting.access.encode())]
                status, _ = send(self.gate, "GET", "/v2/userinfo", bearer)
                near = abs(self.clock() - waiting.redeemed - 600_000) <= 1000
                assert near or status == (200 if lives else 401)

    @invariant()
    def each_approval_is_one_grant_that_gives_once(self) -> None:
        for waiting in self.waiting:
            row = self.row(waiting)
            assert row.state == waiting.state
            assert row.interval <= waiting.interval
            assert (row.grant_id is not None) is (waiting.by is not None)
            if row.grant_id is not None:
                state = {"approved": "code", "redeemed": "active"}[waiting.state]
                assert Grant.objects.get(pk=row.grant_id).state == ("ended" if waiting.ended else state)
                issued = Event.objects.filter(tag="grant.issued", detail__grant=str(row.grant_id)).count()
                assert issued == (waiting.state == "redeemed")


def test_the_life_of_device_requests(make_gate: MakeGate, frozen: FrozenClock) -> None:
    davide = people.davide()
    kind: dict[str, Any] = {"type": "device", "grant_types": OF_A_DEVICE, "redirect_uris": [], "id_token_alg": "ES256"}
    apps = people.application(davide, **kind), people.application(davide, name="Another", **kind)
    machine = functools.partial(DeviceLife, make_gate(rate_limit="1000000000"), frozen, apps)
    run_state_machine_as_test(machine, settings=machine_settings(lives=24, steps=30))  # type: ignore[arg-type]
