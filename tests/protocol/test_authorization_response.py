from urllib.parse import parse_qs, parse_qsl, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import CALLBACK, ISSUER, fuzz
from varco.protocol import authorization_response
from varco.protocol.errors import OAuthError


def test_success_carries_code_state_and_issuer() -> None:
    url = authorization_response.success_url(CALLBACK, code="vac.c", state="a b&c=d", issuer=ISSUER)
    assert url == f"{CALLBACK}?code=vac.c&state=a%20b%26c%3Dd&iss=https%3A%2F%2Flogin.example"


def test_a_registered_query_is_kept_and_an_absent_state_stays_absent() -> None:
    url = authorization_response.success_url("https://a.example/cb?tenant=1&x=%20", code="c", state="", issuer=ISSUER)
    assert url == "https://a.example/cb?tenant=1&x=%20&code=c&iss=https%3A%2F%2Flogin.example"


def test_an_error_carries_its_public_half_state_and_issuer() -> None:
    refusal = OAuthError("access_denied", "You said no.", rule="hidden", received="hidden", expected="hidden")
    url = authorization_response.error_url(CALLBACK, refusal, state="xyz", issuer=ISSUER)
    assert parse_qs(urlsplit(url).query, strict_parsing=True) == {
        "error": ["access_denied"],
        "error_description": ["You said no."],
        "error_uri": [f"{ISSUER}/docs/errors/access_denied/"],
        "state": ["xyz"],
        "iss": [ISSUER],
    }
    assert "hidden" not in url


@fuzz
@given(
    st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=40), st.sampled_from([CALLBACK, CALLBACK + "?a=1"])
)
def test_whatever_the_state_it_comes_back_unchanged_and_nothing_else_with_it(state: str, redirect_uri: str) -> None:
    url = authorization_response.success_url(redirect_uri, code="c", state=state, issuer=ISSUER)
    found = parse_qsl(urlsplit(url).query, strict_parsing=True)
    assert [pair for pair in found if pair[0] != "a"] == [("code", "c")] + ([("state", state)] if state else []) + [
        ("iss", ISSUER)
    ]
    assert urlsplit(url)[:3] == urlsplit(CALLBACK)[:3]
