from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.protocol.test_authorization_request import CATALOG
from tests.support.protocol_records import (
    API,
    CHALLENGE,
    DEPTH,
    ISSUER,
    NOW,
    VERIFIER,
    client,
    fuzz,
    grant,
    outcome,
    query,
    refused,
)
from varco.protocol import device_authorization
from varco.protocol.client import DEVICE_CODE, Client
from varco.protocol.device_authorization import DeviceAuthorization, DeviceRecord
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError
from varco.protocol.scope import Scopes
from varco.protocol.token_request import DeviceCodeRequest

NOW_MS = NOW * 1000


def daemon(**changes: Any) -> Client:
    return client(**({"type": "device", "grant_types": [DEVICE_CODE, "refresh_token"]} | changes))


# --- asking -----------------------------------------------------------------------------------------------------------


def parse(of: Client | None = None, /, **fields: str) -> DeviceAuthorization:
    return device_authorization.parse(
        query(**({"scope": "openid giponext.patients"} | fields)), of or daemon(), CATALOG, audiences={API}
    )


def test_a_device_asks_for_scopes_which_are_fixed_then() -> None:
    assert parse() == DeviceAuthorization(scope=Scopes(("openid", "giponext.patients")))
    found = parse(code_challenge=CHALLENGE, code_challenge_method="S256", resource=API)
    assert found == DeviceAuthorization(
        scope=Scopes(("openid", "giponext.patients")), code_challenge=CHALLENGE, resource=(API,)
    )


@pytest.mark.parametrize(
    ("fields", "error", "named"),
    [
        ({"scope": "giponext.invoices"}, "invalid_scope", "exceeds the registration"),
        ({"scope": ""}, "invalid_scope", "§3.3"),
        ({"code_challenge": VERIFIER}, "invalid_request", "code_challenge_method"),
        ({"code_challenge": VERIFIER, "code_challenge_method": "plain"}, "invalid_request", "code_challenge_method"),
        ({"resource": "https://other.example"}, "invalid_target", "RFC 8707"),
    ],
)
def test_a_device_cannot_ask_for_more(fields: dict[str, str], error: str, named: str) -> None:
    with refused(error, named):
        parse(**fields)


def test_an_application_without_the_grant_type_is_refused() -> None:
    with refused("unauthorized_client", "RFC 8628 §3.1"):
        parse(client())


def test_the_answer_tells_where_to_go() -> None:
    assert device_authorization.response("vdc.x", "BCDFGHJK", issuer=ISSUER) == {
        "device_code": "vdc.x",
        "user_code": "BCDF-GHJK",
        "verification_uri": f"{ISSUER}/device",
        "verification_uri_complete": f"{ISSUER}/device?user_code=BCDF-GHJK",
        "expires_in": 600,
        "interval": 5,
    }


# --- user codes -------------------------------------------------------------------------------------------------------


def test_the_letters_are_unambiguous() -> None:
    assert device_authorization.LETTERS == "BCDFGHJKLMNPQRSTVWXZ"
    assert device_authorization.USER_CODES == 20**8


@fuzz
@given(st.integers(0, device_authorization.USER_CODES - 1), st.integers(0, device_authorization.USER_CODES - 1))
def test_every_number_is_one_code_and_is_read_however_it_is_typed(number: int, other: int) -> None:
    code = device_authorization.user_code(number)
    assert len(code) == 8
    assert (device_authorization.user_code(other) == code) is (other == number)
    shown = device_authorization.formatted_user_code(code)
    for typed in (
        code,
        code.ljust(64),
        shown,
        shown.lower(),
        f" {code[:2]} {code[2:]}\n",
        ".".join(code),
        shown.replace("-", "–"),
    ):
        assert device_authorization.normalized_user_code(typed) == code


@pytest.mark.parametrize(
    "text", ["", "BCDF", "BCDFGHJKL", "BCDFGHJA", "BCDFGHJ1", "BCDFGHJ", "ßCDFGHJK", "BCDFGHJK".ljust(65)]
)
def test_what_can_be_no_code_is_none(text: str) -> None:
    assert device_authorization.normalized_user_code(text) is None


@fuzz
@given(st.text(max_size=20))
def test_any_text_is_a_code_or_none(text: str) -> None:
    found = device_authorization.normalized_user_code(text)
    assert found is None or (len(found) == 8 and set(found) <= set(device_authorization.LETTERS))


# --- polling ----------------------------------------------------------------------------------------------------------


def record(**changes: Any) -> DeviceRecord:
    fields: dict[str, Any] = {
        "application_id": 7, "state": "pending", "expires_at": NOW + 600, "interval": 5, "polled_at": NOW_MS - 5000, "grant_id": 99,
    }  # fmt: skip
    return DeviceRecord(**(fields | changes))


def poll(of: DeviceRecord, *, now_ms: int = NOW_MS, **fields: Any) -> None:
    device_authorization.check_poll(DeviceCodeRequest(device_code="vdc.x", **fields), daemon(), of, now_ms)


def test_an_approved_request_gets_its_tokens() -> None:
    poll(record(state="approved"))
    poll(record(state="approved", polled_at=NOW_MS))


def test_a_request_nobody_has_answered_is_pending() -> None:
    with refused("authorization_pending", "§3.5") as caught:
        poll(record())
    assert caught.value.fixer is Fixer.RETRY
    with refused("authorization_pending"):
        poll(record(polled_at=0))


def test_polling_too_fast_slows_down_and_lengthens_the_interval() -> None:
    for age, error, interval in (
        (5000, "authorization_pending", 5),
        (4500, "authorization_pending", 5),
        (4499, "slow_down", 10),
        (0, "slow_down", 10),
    ):
        found = record(polled_at=NOW_MS - age)
        with refused(error):
            poll(found)
        assert device_authorization.next_interval(found, NOW_MS) == interval
    slowed = record(interval=10, polled_at=NOW_MS - 5000)
    with refused("slow_down") as caught:
        poll(slowed)
    assert "15 seconds" in caught.value.description
    assert device_authorization.next_interval(slowed, NOW_MS) == 15


def test_an_answered_request_is_not_slowed_down() -> None:
    assert device_authorization.next_interval(record(state="approved", polled_at=NOW_MS), NOW_MS) == 5


def test_a_refused_request_is_denied() -> None:
    with refused("access_denied", "§3.5"):
        poll(record(state="denied"))


@pytest.mark.parametrize("state", ["pending", "approved"])
def test_a_request_expires_approved_or_not(state: str) -> None:
    with refused("expired_token", "§3.5"):
        poll(record(state=state, expires_at=NOW))
    poll(record(state="approved", expires_at=NOW + 1))


@pytest.mark.parametrize("age_ms", [-1, 0, 4_000, 60_000])
def test_a_device_code_used_a_moment_ago_gives_nothing_and_ends_nothing(age_ms: int) -> None:
    with refused("invalid_grant", "§3.5 device code used") as caught:
        poll(record(state="redeemed", polled_at=NOW_MS - age_ms))
    assert not caught.value.effects


@pytest.mark.parametrize("expires_at", [NOW - 1000, NOW + 500])
def test_a_device_code_that_comes_back_long_after_ends_what_it_gave(expires_at: int) -> None:
    with refused("invalid_grant", "replay") as caught:
        poll(record(state="redeemed", polled_at=NOW_MS - 60_001, expires_at=expires_at))
    assert caught.value.effects == (EndGrant(99, EndReason.CODE_REPLAYED),)


def test_a_device_code_of_nobody_or_of_another_client_is_refused() -> None:
    unknown = device_authorization.unknown_device_code()
    assert (unknown.error, unknown.rule, unknown.effects) == ("invalid_grant", "RFC 8628 §3.5 device code", ())
    assert "unknown" in unknown.received
    for found in (record(application_id=8, state="approved"), record(application_id=8, state="redeemed")):
        with refused("invalid_grant", "RFC 8628 §3.5 device code") as caught:
            poll(found)
        assert "unknown" not in caught.value.received
        assert not caught.value.effects
        assert caught.value.description == unknown.description == "The device code is not valid."


def test_pkce_is_honoured_where_it_was_sent() -> None:
    poll(record(state="approved", code_challenge=CHALLENGE), code_verifier=VERIFIER)
    with refused("invalid_grant", "code_verifier missing"):
        poll(record(state="approved", code_challenge=CHALLENGE))
    with refused("invalid_grant", "RFC 9700 §4.8.2"):
        poll(record(state="approved"), code_verifier=VERIFIER)
    with refused("invalid_grant", "code_verifier missing") as caught:
        poll(record(state="redeemed", code_challenge=CHALLENGE))
    assert not caught.value.effects


def test_a_device_code_bound_to_a_key_needs_it() -> None:
    bound = record(state="approved", dpop_jkt=CHALLENGE)
    poll(bound, dpop_jkt=CHALLENGE)
    poll(record(state="approved"), dpop_jkt=CHALLENGE)
    for jkt in ("", VERIFIER):
        with refused("invalid_grant", "RFC 9449 §5") as caught:
            poll(bound, dpop_jkt=jkt)
        assert caught.value.received == (jkt or "no DPoP proof")


def test_what_was_approved_must_still_stand_when_the_device_polls() -> None:
    device_authorization.check_grant(grant(), NOW)
    device_authorization.check_grant(grant(state="active"), NOW)  # another poll was faster; the claim will tell
    with refused("access_denied", "RFC 8628 §3.5"):
        device_authorization.check_grant(grant(state="ended", end_reason="consent_withdrawn"), NOW)
    with refused("invalid_grant", "S21"):
        device_authorization.check_grant(grant(user_is_active=False), NOW)


class DeviceLife(RuleBasedStateMachine):
    """A device request under any sequence of polls, answers and waiting: tokens once, after approval, in time, and never else."""

    def __init__(self) -> None:
        super().__init__()
        self.now_ms = NOW_MS
        self.record = record(polled_at=0)
        self.issued = 0
        self.approved = False

    @rule(seconds=st.integers(0, 200))
    def wait(self, seconds: int) -> None:
        self.now_ms += seconds * 1000

    @precondition(lambda self: self.record.state == "pending")
    @rule(yes=st.booleans())
    def answer(self, yes: bool) -> None:
        self.approved = yes
        self.change(state="approved" if yes else "denied")

    @rule()
    def poll(self) -> None:
        found = outcome(
            lambda: device_authorization.check_poll(
                DeviceCodeRequest(device_code="x"), daemon(), self.record, self.now_ms
            )
        )
        early = self.now_ms - self.record.polled_at < self.record.interval * 1000 - 500
        interval = device_authorization.next_interval(self.record, self.now_ms)
        if found is None:
            assert self.record.state == "approved"
            assert self.now_ms < (NOW + 600) * 1000
            self.issued += 1
            self.change(state="redeemed")
        elif isinstance(found, OAuthError) and found.error in {"slow_down", "authorization_pending"}:
            assert (found.error == "slow_down") is early
            assert interval == self.record.interval + (5 if early else 0)
        self.change(polled_at=self.now_ms, interval=interval)

    def change(self, **changes: Any) -> None:
        self.record = DeviceRecord(
            **({name: getattr(self.record, name) for name in self.record.__struct_fields__} | changes)
        )

    @invariant()
    def tokens_once_and_only_after_approval(self) -> None:
        assert self.issued <= int(self.approved)


TestDeviceLife = DeviceLife.TestCase
TestDeviceLife.settings = DEPTH
