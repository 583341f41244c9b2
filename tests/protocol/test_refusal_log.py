import pytest

from varco.protocol import refusal_log
from varco.protocol.errors import OAuthError, invalid_request

SECRET = "vs.0123456789abcdefghijklmnop"


def test_a_row_says_what_the_error_says() -> None:
    error = invalid_request("No.", rule="RFC 6749 §3.1", received="x", expected="y")
    assert refusal_log.refused(error) == ("invalid_request", "RFC 6749 §3.1", "No.", "x", "y", 400)


@pytest.mark.parametrize("error", [OAuthError("x" * 100, SECRET, rule=SECRET, received=SECRET, expected=SECRET)])
def test_nothing_that_opens_anything_gets_into_a_row_and_nothing_too_long(error: OAuthError) -> None:
    for row in (
        refusal_log.refused(error),
        refusal_log.row(error.error, SECRET, rule=SECRET, received=SECRET, expected=SECRET, status=400),
    ):
        assert row == ("x" * 60, "[redacted]", "[redacted]", "[redacted]", "[redacted]", 400)


def test_the_length_of_what_was_cut_is_told_once() -> None:
    row = refusal_log.refused(invalid_request("d" * 600, rule="r" * 600, received="x" * 10_000, expected="y"))
    assert (row.received, row.description) == ("x" * 500 + "… (10000 characters)", "d" * 500 + "… (600 characters)")
    assert row.rule == "r" * 120
