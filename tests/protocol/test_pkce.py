import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import CHALLENGE, VERIFIER, fuzz, refused
from varco.protocol import pkce

UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def test_the_example_of_the_rfc() -> None:
    assert pkce.challenge(VERIFIER) == CHALLENGE
    pkce.check_challenge(CHALLENGE, "S256", required=True)
    pkce.verify(CHALLENGE, "S256", VERIFIER)


def test_a_missing_challenge_is_refused_where_it_is_required() -> None:
    with refused("invalid_request", "RFC 9700 §2.1.1"):
        pkce.check_challenge("", "", required=True)
    pkce.check_challenge("", "", required=False)


@pytest.mark.parametrize("required", [True, False])
def test_an_absent_method_is_not_taken_for_plain(required: bool) -> None:
    with refused("invalid_request", "§4.3 code_challenge_method") as caught:
        pkce.check_challenge(VERIFIER, "", required=required)
    assert "would mean plain" in caught.value.description


@pytest.mark.parametrize("method", ["plain", "s256", "S512", "S256 "])
def test_no_method_but_s256_is_supported(method: str) -> None:
    with refused("invalid_request", "§4.3 code_challenge_method"):
        pkce.check_challenge(CHALLENGE, method, required=True)


@pytest.mark.parametrize("required", [True, False])
def test_a_method_without_challenge_is_refused(required: bool) -> None:
    with refused("invalid_request", "§4.3 code_challenge"):
        pkce.check_challenge("", "S256", required=required)


@pytest.mark.parametrize(
    "challenge",
    [CHALLENGE[:-1], CHALLENGE + "A", CHALLENGE + "=", CHALLENGE[:-1] + "~", CHALLENGE[:-1] + "\n", "é" * 43],
)
def test_a_challenge_is_the_base64url_of_a_sha256(challenge: str) -> None:
    with refused("invalid_request", "§4.2 code_challenge"):
        pkce.check_challenge(challenge, "S256", required=True)


def test_a_missing_verifier_is_refused() -> None:
    with refused("invalid_grant", "code_verifier missing"):
        pkce.verify(CHALLENGE, "S256", "")


def test_another_verifier_is_refused() -> None:
    with refused("invalid_grant", "§4.6 code_verifier"):
        pkce.verify(CHALLENGE, "S256", VERIFIER[:-1] + "Q")


def test_the_challenge_itself_is_no_verifier() -> None:
    with refused("invalid_grant", "§4.6 code_verifier"):
        pkce.verify(CHALLENGE, "S256", CHALLENGE)


@pytest.mark.parametrize("method", ["plain", ""])
def test_a_stored_challenge_of_another_method_verifies_nothing(method: str) -> None:
    with refused("invalid_grant", "§4.6 code_verifier"):
        pkce.verify(VERIFIER, method, VERIFIER)
    with refused("invalid_grant", "§4.6 code_verifier"):
        pkce.verify(CHALLENGE, method, VERIFIER)


@pytest.mark.parametrize("length", [42, 129])
def test_a_verifier_has_43_to_128_characters(length: int) -> None:
    with refused("invalid_request", "§4.1 code_verifier"):
        pkce.verify(CHALLENGE, "S256", "a" * length)


@pytest.mark.parametrize("character", ["+", "/", "=", " ", "é", "\n", "%"])
def test_a_verifier_has_unreserved_characters_only(character: str) -> None:
    with refused("invalid_request", "§4.1 code_verifier"):
        pkce.verify(CHALLENGE, "S256", "a" * 43 + character)


def test_a_verifier_for_a_code_without_challenge_is_refused() -> None:
    with refused("invalid_grant", "RFC 9700 §4.8.2"):
        pkce.verify("", "", VERIFIER)
    pkce.verify("", "", "")


@fuzz
@given(st.text(UNRESERVED, min_size=43, max_size=128), st.text(UNRESERVED, min_size=43, max_size=128))
def test_a_verifier_proves_its_own_challenge_only(verifier: str, other: str) -> None:
    challenge = pkce.challenge(verifier)
    pkce.check_challenge(challenge, "S256", required=True)
    pkce.verify(challenge, "S256", verifier)
    if hashlib.sha256(other.encode()).digest() != hashlib.sha256(verifier.encode()).digest():
        with refused("invalid_grant"):
            pkce.verify(challenge, "S256", other)
