import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import CLIENT_ID, ISSUER, KEYS, NOW, client, fuzz, outcome, query, refused
from varco.protocol import logout
from varco.protocol.access_token import ACCESS_TYP
from varco.protocol.errors import OAuthError
from varco.protocol.id_token import ID_TYP
from varco.protocol.jose.own_jwt import Signer, VerificationKey, Verifier
from varco.protocol.logout import IdTokenHint, LogoutRequest
from varco.protocol.parameters import parse_query

BYE = "https://agenda.example/bye"
SIGNER = Signer("k", "ES256", KEYS["ES256"], ID_TYP)
VERIFIER = Verifier([VerificationKey("k", "ES256", KEYS["ES256"].public_key(), ID_TYP)])


def id_token(**changes: Any) -> str:
    fields = {
        "iss": ISSUER,
        "sub": "user-1",
        "aud": CLIENT_ID,
        "exp": NOW - 10_000,
        "iat": NOW - 10_600,
        "sid": "s-1",
    } | changes
    return SIGNER.sign(json.dumps({name: value for name, value in fields.items() if value is not None}).encode())


def test_a_request_is_parsed_whole_and_may_be_empty() -> None:
    fields = {
        "id_token_hint": "e.y.J",
        "client_id": CLIENT_ID,
        "post_logout_redirect_uri": BYE,
        "state": "s",
        "logout_hint": "dario",
        "ui_locales": "it",
    }
    assert logout.parse(query(**fields, other="x")) == LogoutRequest(**fields)
    assert logout.parse(query()) == LogoutRequest()


def test_a_malformed_parameter_is_refused() -> None:
    with refused("invalid_request", "must not be repeated"):
        logout.parse(parse_query(b"state=a&state=b", defer=True))


# --- the hint ---------------------------------------------------------------------------------------------------------


def test_an_expired_id_token_still_tells_who_was_meant() -> None:
    assert logout.read_hint(id_token(), VERIFIER, ISSUER) == IdTokenHint(ISSUER, "user-1", CLIENT_ID, "s-1")
    assert logout.read_hint(id_token(sid=None), VERIFIER, ISSUER).sid == ""


@pytest.mark.parametrize(
    "token",
    [
        "",
        "garbage",
        "a.b.c",
        id_token()[:-2],
        id_token(sub=None),
        id_token(aud=None),
        id_token(aud=[CLIENT_ID]),
        id_token(iss="https://other.example"),
        SIGNER.sign(b"[]"),
        SIGNER.sign(b"\xff"),
        Signer("k", "ES256", KEYS["ES256"], ACCESS_TYP).sign(b'{"iss":"https://login.example","sub":"u","aud":"x"}'),
        Signer("k", "ES256", KEYS["ES256"], logout.LOGOUT_TYP).sign(
            b'{"iss":"https://login.example","sub":"u","aud":"x"}'
        ),
    ],
)
def test_anything_but_an_id_token_of_ours_is_no_hint(token: str) -> None:
    with refused("invalid_request", "id_token_hint"):
        logout.read_hint(token, VERIFIER, ISSUER)


HINT = IdTokenHint(ISSUER, "user-1", CLIENT_ID, "s-1")


def test_the_client_is_that_of_the_hint_or_the_one_named() -> None:
    assert logout.client_id_of(LogoutRequest(), None) == ""
    assert logout.client_id_of(LogoutRequest(client_id="c"), None) == "c"
    assert logout.client_id_of(LogoutRequest(), HINT) == CLIENT_ID
    assert logout.client_id_of(LogoutRequest(client_id=CLIENT_ID), HINT) == CLIENT_ID
    with refused("invalid_request", "client_id"):
        logout.client_id_of(LogoutRequest(client_id="varco-other"), HINT)


def test_a_person_must_confirm_unless_the_hint_is_their_own_of_this_session() -> None:
    assert not logout.must_confirm(HINT, sub="user-1", sid="s-1")
    assert not logout.must_confirm(IdTokenHint(ISSUER, "user-1", CLIENT_ID), sub="user-1", sid="s-1")
    assert logout.must_confirm(None, sub="user-1", sid="s-1")
    assert logout.must_confirm(HINT, sub="user-2", sid="s-1")
    assert logout.must_confirm(HINT, sub="user-1", sid="s-2")


# --- where to go afterwards -------------------------------------------------------------------------------------------


def test_the_browser_goes_on_to_what_is_registered() -> None:
    logout.check_redirect(LogoutRequest(post_logout_redirect_uri=BYE), client())
    logout.check_redirect(LogoutRequest(), None)


@pytest.mark.parametrize(
    "uri", [BYE + "/", BYE + "?", BYE.upper(), BYE + "/..;/x", "https://evil.example/", "javascript:alert(1)"]
)
def test_and_to_nothing_else(uri: str) -> None:
    with refused("invalid_request", "post_logout_redirect_uri") as caught:
        logout.check_redirect(LogoutRequest(post_logout_redirect_uri=uri), client())
    assert (caught.value.received, caught.value.expected) == (uri, BYE)


def test_a_client_without_registered_addresses_sends_nobody_on() -> None:
    with refused("invalid_request", "post_logout_redirect_uri") as caught:
        logout.check_redirect(LogoutRequest(post_logout_redirect_uri=BYE), client(post_logout_redirect_uris=[]))
    assert caught.value.expected == "none is registered"


def test_without_a_client_in_use_there_is_nowhere_to_go() -> None:
    for found in (None, client(application_state="suspended")):
        with refused("invalid_request", "post_logout_redirect_uri"):
            logout.check_redirect(LogoutRequest(post_logout_redirect_uri=BYE), found)


def test_state_goes_along() -> None:
    assert logout.return_url(LogoutRequest(post_logout_redirect_uri=BYE)) == BYE
    assert logout.return_url(LogoutRequest(post_logout_redirect_uri=BYE, state="a b&c")) == f"{BYE}?state=a%20b%26c"
    assert logout.return_url(LogoutRequest(state="s")) == ""
    assert logout.return_url(LogoutRequest(post_logout_redirect_uri=BYE + "?x=1", state="s")) == f"{BYE}?x=1&state=s"


# --- back-channel -----------------------------------------------------------------------------------------------------


def test_a_logout_token_says_who_left_and_never_has_a_nonce() -> None:
    found = logout.logout_token_claims(issuer=ISSUER, client_id=CLIENT_ID, sub="user-1", sid="s-1", jti="j", now=NOW)
    assert found == {
        "iss": ISSUER,
        "aud": CLIENT_ID,
        "iat": NOW,
        "exp": NOW + 120,
        "jti": "j",
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sub": "user-1",
        "sid": "s-1",
    }
    without = logout.logout_token_claims(issuer=ISSUER, client_id=CLIENT_ID, sub="u", sid="", jti="j", now=NOW)
    assert "sid" not in without


pieces = st.one_of(st.text(max_size=8), st.sampled_from([*id_token().split("."), ".", "e30", "\x00"]))


@fuzz
@given(st.lists(pieces, max_size=8).map("".join))
def test_any_text_is_a_hint_or_refused(text: str) -> None:
    found = outcome(lambda: logout.read_hint(text, VERIFIER, ISSUER))
    assert isinstance(found, OAuthError) or found == HINT


def test_only_200_and_204_confirm_a_logout_token() -> None:
    assert {200, 204} == logout.CONFIRMED


def test_what_was_not_confirmed_is_told_with_what_came_and_what_follows() -> None:
    found = logout.undelivered(503, "", 60)
    assert (found.error, found.status, found.received) == ("logout_undelivered", 503, "HTTP 503")
    assert found.description.endswith("The next try is in 60 s.")
    silent = logout.undelivered(None, "agenda.example could not be read: TimeoutError", None)
    assert (silent.status, silent.received) == (504, "agenda.example could not be read: TimeoutError")
    assert silent.description.endswith("There will be no other try.")
