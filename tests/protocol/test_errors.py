from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import fuzz
from varco.protocol import errors
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError

ALLOWED = {chr(code) for code in (*range(0x20, 0x22), *range(0x23, 0x5C), *range(0x5D, 0x7F))}


def test_public_half_has_code_and_description_and_nothing_of_the_private_half() -> None:
    refusal = OAuthError(
        "invalid_grant", "The code has expired.", rule="RFC 6749 §4.1.2", received="secret-ish", expected="x"
    )
    assert refusal.public("https://login.example") == {
        "error": "invalid_grant",
        "error_description": "The code has expired.",
        "error_uri": "https://login.example/docs/errors/invalid_grant/",
    }


def test_quotes_dashes_and_backslashes_of_a_description_become_allowed_characters() -> None:
    refusal = OAuthError("invalid_request", 'a "b" \\ “c” – d… à', rule="r")
    assert refusal.description == "a 'b' / 'c' - d... ?"


@fuzz
@given(st.text())
def test_no_input_brings_a_character_into_a_description_that_rfc_6749_forbids(text: str) -> None:
    assert set(OAuthError("invalid_request", text, rule="r").description) <= ALLOWED


def test_the_trace_keeps_the_beginning_of_what_is_too_long() -> None:
    refusal = OAuthError("invalid_request", "Too long.", rule="r", received="x" * 10_000, expected="y" * 500)
    assert refusal.received == "x" * 500 + "… (10000 characters)"
    assert refusal.expected == "y" * 500


def test_defaults_are_a_400_for_the_developer_without_effects() -> None:
    refusal = OAuthError("invalid_request", "No.", rule="r")
    assert (refusal.status, refusal.fixer, refusal.effects) == (400, Fixer.DEVELOPER, ())
    ending = OAuthError("invalid_grant", "No.", rule="r", effects=(EndGrant(5, EndReason.CODE_REPLAYED),))
    assert ending.effects == (EndGrant(5, EndReason.CODE_REPLAYED),)


STATUSES = {"invalid_client": 401, "invalid_token": 401, "insufficient_scope": 403}


@pytest.mark.parametrize(
    "constructor",
    [
        errors.invalid_request,
        errors.invalid_client,
        errors.invalid_grant,
        errors.unauthorized_client,
        errors.invalid_scope,
        errors.access_denied,
        errors.invalid_token,
        errors.invalid_dpop_proof,
    ],
)
def test_a_constructor_makes_the_error_it_is_named_after(constructor: Callable[..., OAuthError]) -> None:
    made = constructor("No.", rule="r", received="x", expected="y", fixer=Fixer.PERSON, headers=((b"a", b"b"),))
    assert made.error == constructor.__name__
    assert made.status == STATUSES.get(made.error, 400)
    assert (made.description, made.rule, made.received, made.expected) == ("No.", "r", "x", "y")
    assert (made.fixer, made.headers) == (Fixer.PERSON, ((b"a", b"b"),))


def test_a_missing_scope_is_named_for_the_challenge() -> None:
    made = errors.insufficient_scope("No.", rule="r", received="profile", scope="openid")
    assert (made.error, made.status, made.expected, made.extra) == (
        "insufficient_scope",
        403,
        "openid",
        {"required": "openid"},
    )


@pytest.mark.parametrize("text", ["a\0b", "a\ud800b"])
def test_what_an_engine_cannot_keep_is_replaced(text: str) -> None:
    assert OAuthError("invalid_request", "No.", rule="r", received=text).received in {"a\ufffdb", "a?b"}


@pytest.mark.parametrize(
    "text",
    [
        "vs.0123456789abcdefghijklmnop",
        "https://app.example/callback?code=vac.0123456789abcdefghijklmnop&state=x",
        "scheme vrt.00000000.0123456789abcdef0123456789abcdef.1.abc",
        "vdc.0123456789abcdefghijklmnop",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1c2VyIn0.c2lnbmF0dXJl",
        "tenant eyJhbGciOiJFUzI1NiIsImtpZCI6ImVzMjU2",
    ],
)
def test_a_credential_that_was_sent_in_the_wrong_place_is_blotted_out(text: str) -> None:
    refusal = OAuthError("invalid_request", "Wrong.", rule="RFC 6749", received=text, expected=text)
    for kept in (refusal.received, refusal.expected):
        assert "[redacted]" in kept
        assert not any(secret in kept for secret in ("0123456789abcdef", "eyJ", "c2lnbmF0dXJl"))


def test_what_is_no_credential_is_kept() -> None:
    text = "https://app.example/vs.html?eyJ=1 varco-0123456789abcdef tenant-aurora vac. eyJ"
    assert OAuthError("invalid_request", "Wrong.", rule="RFC 6749", received=text).received == text
