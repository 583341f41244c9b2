from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.test_authorization_code import PEOPLE
from tests.support.protocol_records import CHALLENGE, NOW, VERIFIER, client, fuzz, outcome, refreshed, refused
from varco.protocol.errors import EndGrant, Fixer, OAuthError
from varco.protocol.grant import GrantRecord
from varco.protocol.refresh_token import judge_refresh, refresh_scope, unreadable_refresh_token
from varco.protocol.token_request import RefreshTokenRequest

NOW_MS = NOW * 1000


def judge(record: GrantRecord | None, n: int, *, now_ms: int = NOW_MS, **changes: Any) -> str:
    return judge_refresh(client(), record, n, now_ms, 60, **changes)


def test_the_immediate_predecessor_gets_the_same_successor_within_the_window() -> None:
    assert judge(refreshed(n=4, rotated_at=NOW_MS), 3) == "retry"
    assert judge(refreshed(n=4, rotated_at=NOW_MS - 60_000), 3) == "retry"


def test_the_trace_of_a_reuse_tells_which_token_came_when() -> None:
    with refused("invalid_grant", "refresh token reuse") as caught:
        judge(refreshed(n=4, rotated_at=NOW_MS - 999_000), 2)
    assert caught.value.received == "number 2, presented 999 s after the last rotation"
    assert caught.value.expected == "number 4, or 3 within 60 s"


def test_a_clock_a_little_behind_is_no_reuse() -> None:
    assert judge(refreshed(n=4, rotated_at=NOW_MS + 5), 3) == "retry"


def test_the_current_token_may_be_rotated_again() -> None:
    assert judge(refreshed(n=4), 4) == "rotate"


@pytest.mark.parametrize(
    ("n", "rotated_at"), [(3, NOW_MS - 60_001), (2, NOW_MS), (1, NOW_MS), (5, NOW_MS), (1000, NOW_MS)]
)
def test_anything_older_or_later_ends_the_grant(n: int, rotated_at: int) -> None:
    with refused("invalid_grant", "RFC 9700 §4.14.2 refresh token reuse") as caught:
        judge(refreshed(n=4, rotated_at=rotated_at), n)
    assert caught.value.effects == (EndGrant(99, "refresh_reused"),)


@fuzz
@given(st.integers(1, 6), st.integers(1, 6), st.integers(-1000, 200_000))
def test_a_token_is_good_retried_or_reused_and_never_anything_else(n: int, current: int, age: int) -> None:
    record = refreshed(n=current, rotated_at=NOW_MS - age)
    answer = outcome(lambda: judge(record, n))
    if isinstance(answer, OAuthError):
        assert answer.effects == (EndGrant(99, "refresh_reused"),)
        assert n != current
        assert n != current - 1 or age > 60_000
    else:
        assert answer == ("rotate" if n == current else "retry")
        assert n == current or (n == current - 1 and age <= 60_000)


def test_a_token_of_no_grant_is_refused() -> None:
    with refused("invalid_grant", "RFC 6749 §6"):
        judge(None, 1)


def test_a_token_of_another_client_is_refused_and_ends_nothing() -> None:
    with refused("invalid_grant", "RFC 6749 §6") as caught:
        judge(refreshed(application_id=8), 1)
    assert caught.value.description == unreadable_refresh_token().description
    assert not caught.value.effects


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"state": "ended", "end_reason": "withdrawn"}, "grant ended"),
        ({"state": "code"}, "grant ended"),
        ({"expires_at": NOW}, "absolute lifetime"),
        ({"idle_expires_at": NOW}, "idle lifetime"),
    ],
)
@pytest.mark.parametrize("n", [1, 3, 4])
def test_a_grant_that_is_over_refreshes_nothing_and_is_not_ended_again(
    changes: dict[str, Any], rule: str, n: int
) -> None:
    with refused("invalid_grant", rule) as caught:
        judge(refreshed(**changes), n)
    assert not caught.value.effects
    assert caught.value.fixer is Fixer.PERSON


@pytest.mark.parametrize(("changes", "rule", "fixer"), PEOPLE)
def test_a_refresh_dies_with_its_user_membership_or_tenant(changes: dict[str, Any], rule: str, fixer: Fixer) -> None:
    for n in (3, 4):
        with refused("invalid_grant", rule) as caught:
            judge(refreshed(**changes), n)
        assert caught.value.fixer is fixer


def test_a_bound_refresh_token_needs_its_key() -> None:
    record = refreshed(dpop_jkt=CHALLENGE)
    assert judge(record, 3, dpop_jkt=CHALLENGE) == "retry"
    for jkt in ("", VERIFIER):
        with refused("invalid_grant", "RFC 9449 §5") as caught:
            judge(record, 1, dpop_jkt=jkt)
        assert caught.value.received == (jkt or "no DPoP proof")
        assert not caught.value.effects
    assert judge(refreshed(), 3, dpop_jkt=CHALLENGE) == "retry"


# --- scope ------------------------------------------------------------------------------------------------------------

HELD = "openid giponext.patients offline_access"


def narrowed(scope: str) -> str:
    return refresh_scope(RefreshTokenRequest(refresh_token="r", scope=scope), HELD)


def test_without_scope_everything_granted_is_given() -> None:
    assert narrowed("") == HELD


def test_a_narrower_scope_is_given_in_the_order_granted() -> None:
    assert narrowed("giponext.patients  openid openid") == "openid giponext.patients"


def test_what_the_person_refused_is_left_out_and_not_held_against_the_client() -> None:
    assert narrowed("openid giponext.agenda") == "openid"


@pytest.mark.parametrize("scope", ["giponext.agenda", "whatever", " ", "openid,offline_access", "OPENID"])
def test_a_scope_is_never_widened(scope: str) -> None:
    with refused("invalid_scope", "RFC 6749 §6 scope"):
        narrowed(scope)
