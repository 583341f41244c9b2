import base64
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.test_authorization_code import PEOPLE
from tests.support.protocol_records import (
    CHALLENGE,
    CLIENT_ID,
    NOW,
    VERIFIER,
    client,
    fuzz,
    outcome,
    refreshed,
    refused,
)
from varco.protocol import refresh_token, scope
from varco.protocol.credentials import key_id
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError
from varco.protocol.grant import GrantRecord
from varco.protocol.refresh_token import Position, RefreshTokenCodec
from varco.protocol.token_request import RefreshTokenRequest

NOW_MS = NOW * 1000


def position(record: GrantRecord, n: int, *, now_ms: int = NOW_MS, **changes: Any) -> Position:
    return refresh_token.position(client(), record, n, now_ms, 60, **changes)


def test_the_immediate_predecessor_gets_the_same_successor_within_the_window() -> None:
    assert position(refreshed(n=4, rotated_at=NOW_MS), 3) is Position.PREDECESSOR
    assert position(refreshed(n=4, rotated_at=NOW_MS - 60_000), 3) is Position.PREDECESSOR


def test_the_trace_of_a_reuse_tells_which_token_came_when() -> None:
    with refused("invalid_grant", "refresh token reuse") as caught:
        position(refreshed(n=4, rotated_at=NOW_MS - 999_000), 2)
    assert caught.value.received == "number 2, presented 999 s after the last rotation"
    assert caught.value.expected == "number 4, or 3 within 60 s"


def test_a_clock_a_little_behind_is_no_reuse() -> None:
    assert position(refreshed(n=4, rotated_at=NOW_MS + 5), 3) is Position.PREDECESSOR


def test_the_current_token_may_be_rotated_again() -> None:
    assert position(refreshed(n=4), 4) is Position.CURRENT


@pytest.mark.parametrize(("n", "rotated_at"), [(3, NOW_MS - 60_001), (2, NOW_MS), (1, NOW_MS)])
def test_anything_older_ends_the_grant(n: int, rotated_at: int) -> None:
    with refused("invalid_grant", "RFC 9700 §4.14.2 refresh token reuse") as caught:
        position(refreshed(n=4, rotated_at=rotated_at), n)
    assert caught.value.effects == (EndGrant(99, EndReason.REFRESH_REUSED),)


@pytest.mark.parametrize("n", [5, 6, 10**18 - 1])
def test_a_number_above_the_rows_is_ours_from_before_a_roll_back_and_ends_nothing(n: int) -> None:
    assert position(refreshed(n=4, rotated_at=NOW_MS), n) is Position.AHEAD


def test_whatever_the_number_the_grant_has_to_live_and_the_key_to_be_proven() -> None:
    for changes in ({"state": "ended"}, {"expires_at": NOW}, {"idle_expires_at": NOW}, {"user_is_active": False}):
        with refused("invalid_grant") as caught:
            position(refreshed(n=4, **changes), 9)
        assert not caught.value.effects
    with refused("invalid_grant", "RFC 9449 §5"):
        position(refreshed(n=4, dpop_jkt="the-key"), 9, dpop_jkt="another")


@fuzz
@given(st.integers(1, 6), st.integers(1, 6), st.integers(-1000, 200_000))
def test_a_token_is_good_retried_ahead_or_reused_and_never_anything_else(n: int, current: int, age: int) -> None:
    record = refreshed(n=current, rotated_at=NOW_MS - age)
    answer = outcome(lambda: position(record, n))
    if isinstance(answer, OAuthError):
        assert answer.effects == (EndGrant(99, EndReason.REFRESH_REUSED),)
        assert n < current
        assert n != current - 1 or age > 60_000
    elif answer is Position.AHEAD:
        assert n > current
    else:
        assert answer is (Position.CURRENT if n == current else Position.PREDECESSOR)
        assert n == current or (n == current - 1 and age <= 60_000)


def test_a_token_of_no_grant_is_refused() -> None:
    refusal = refresh_token.unknown()
    assert (refusal.error, refusal.rule, refusal.effects) == ("invalid_grant", "RFC 6749 §6 refresh token", ())


def test_a_token_of_another_client_is_refused_and_ends_nothing() -> None:
    with refused("invalid_grant", "RFC 6749 §6") as caught:
        position(refreshed(application_id=8), 1)
    assert caught.value.description == refresh_token.not_issued().description
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
        position(refreshed(**changes), n)
    assert not caught.value.effects
    assert caught.value.fixer is Fixer.PERSON


@pytest.mark.parametrize(("changes", "rule", "fixer"), PEOPLE)
def test_a_refresh_dies_with_its_user_membership_or_tenant(changes: dict[str, Any], rule: str, fixer: Fixer) -> None:
    for n in (3, 4):
        with refused("invalid_grant", rule) as caught:
            position(refreshed(**changes), n)
        assert caught.value.fixer is fixer


def test_a_bound_refresh_token_needs_its_key() -> None:
    record = refreshed(dpop_jkt=CHALLENGE)
    assert position(record, 3, dpop_jkt=CHALLENGE) is Position.PREDECESSOR
    for jkt in ("", VERIFIER):
        with refused("invalid_grant", "RFC 9449 §5") as caught:
            position(record, 1, dpop_jkt=jkt)
        assert caught.value.received == (jkt or "no DPoP proof")
        assert not caught.value.effects
    assert position(refreshed(), 3, dpop_jkt=CHALLENGE) is Position.PREDECESSOR


# --- scope ------------------------------------------------------------------------------------------------------------

GRANTED = "openid giponext.patients offline_access"


def narrowed(text: str) -> str:
    return str(refresh_token.narrowed_scope(RefreshTokenRequest(refresh_token="r", scope=text), scope.parse(GRANTED)))


def test_without_scope_everything_granted_is_given() -> None:
    assert narrowed("") == GRANTED


def test_a_narrower_scope_is_given_in_the_order_granted() -> None:
    assert narrowed("giponext.patients  openid openid") == "openid giponext.patients"


def test_what_the_person_refused_is_left_out_and_not_held_against_the_client() -> None:
    assert narrowed("openid giponext.agenda") == "openid"


@pytest.mark.parametrize("text", ["giponext.agenda", "whatever", " ", "openid,offline_access", "OPENID"])
def test_a_scope_is_never_widened(text: str) -> None:
    with refused("invalid_scope", "RFC 6749 §6 scope"):
        narrowed(text)


# --- the text of a refresh token ---------------------------------------------------------------------------------------

OLD, NEW = b"o" * 32, b"n" * 32
RID = "0123456789abcdef0123456789abcdef"
CODEC = RefreshTokenCodec([NEW, OLD])
TOKEN = CODEC.encode(RID, 1, CLIENT_ID)


@fuzz
@given(st.integers(1, 10**18 - 1), st.integers(0, 2**128 - 1))
def test_a_token_is_read_as_it_was_written(n: int, rid: int) -> None:
    token = CODEC.encode(f"{rid:032x}", n, CLIENT_ID)
    assert CODEC.decode(token, CLIENT_ID) == (f"{rid:032x}", n)


def test_a_token_is_bound_to_its_client() -> None:
    assert CODEC.decode(TOKEN, "varco-other") is None
    assert CODEC.decode(TOKEN, "") is None


def test_the_first_key_signs_and_all_verify() -> None:
    old = RefreshTokenCodec([OLD])
    assert TOKEN.split(".")[1] == key_id(NEW)
    assert CODEC.decode(old.encode(RID, 3, CLIENT_ID), CLIENT_ID) == (RID, 3)
    assert old.decode(TOKEN, CLIENT_ID) is None


def test_the_name_of_one_key_on_the_code_of_another_verifies_nothing() -> None:
    assert CODEC.decode(TOKEN.replace(key_id(NEW), key_id(OLD)), CLIENT_ID) is None


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_a_token_changed_in_one_character_is_garbage(position: int) -> None:
    replacement = "0" if TOKEN[position] != "0" else "1"
    assert CODEC.decode(TOKEN[:position] + replacement + TOKEN[position + 1 :], CLIENT_ID) is None


@pytest.mark.parametrize("n", ["0", "01", "+1", "1 ", " 1", "-1", "1.0", "", "１", "1_0", "1e1", "9" * 19])
def test_the_number_is_a_canonical_positive_decimal(n: str) -> None:
    import hashlib
    import hmac

    mac = hmac.digest(NEW, f"{RID}|{n}|{CLIENT_ID}".encode(), hashlib.sha256)
    text = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert CODEC.decode(f"vrt.{key_id(NEW)}.{RID}.{n}.{text}", CLIENT_ID) is None


def test_the_code_has_one_spelling() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(TOKEN[-1]) ^ 1]  # differs in a bit that decoding drops
    assert CODEC.decode(TOKEN[:-1] + twin, CLIENT_ID) is None
    assert CODEC.decode(TOKEN + "=", CLIENT_ID) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "vrt",
        TOKEN[:-1],
        TOKEN + "A",
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.upper(),
        TOKEN + "." + TOKEN,
        "vac." + "A" * 43,
        "é" * 90,
        "x" * 1_000_000,
    ],
)
def test_garbage_is_nothing(token: str) -> None:
    assert CODEC.decode(token, CLIENT_ID) is None


pieces = st.one_of(
    st.text(max_size=6), st.sampled_from([".", "vrt", key_id(NEW), RID, "1", "2", TOKEN[-43:], "\x00", "|"])
)


@fuzz
@given(st.lists(pieces, max_size=12).map("".join))
def test_no_text_but_the_issued_one_is_accepted(text: str) -> None:
    assert CODEC.decode(text, CLIENT_ID) is None or text == TOKEN
