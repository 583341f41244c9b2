"""FAPI 2.0 Security Profile, Final (`fapi2-security-profile-final-test-plan`): plain_oauth and openid_connect,
private_key_jwt, DPoP, plain requests: the flow, PAR, PKCE and codes.

What the suite waits for (a `request_uri` and a code that expire) is tested with a clock in tests/gate/test_pushed_request.py and
tests/gate/test_fapi.py.
"""

import secrets
import time
from typing import Any

import pytest

from tests.journeys.certification import conditions
from tests.journeys.certification.fapi import FapiParty, s256, sign
from tests.journeys.certification.visitor import Visitor, query_of
from tests.support.demo_world import World


@pytest.fixture
def parties(fapi: FapiParty, fapi2: FapiParty) -> list[FapiParty]:
    """Both clients: ES256 and PS256, a plain redirect URI and one that has a query."""
    return [fapi, fapi2]


# --- The flow ---------------------------------------------------------------------------------------------------------


def test_happy_flow_plain_oauth(parties: list[FapiParty], visitor: Visitor) -> None:
    """…-happy-flow, …-ensure-authorization-request-without-nonce-success: tokens without an ID token, and a protected resource."""
    for party in parties:
        told = party.sign_in(visitor)
        assert "id_token" not in told.tokens
        assert told.tokens["scope"] == "giponext.patients"
        assert party.call(told.access_token).status_code == 200


def test_happy_flow_openid_connect(parties: list[FapiParty], visitor: Visitor) -> None:
    for party in parties:
        told = party.sign_in(visitor, scope="openid profile giponext.patients", nonce=secrets.token_urlsafe(16))
        assert party.userinfo(told)["name"] == "Dario Donati"
        assert party.call(told.access_token).json()["sub"] == told.claims["sub"]


def test_user_rejects_authentication(fapi: FapiParty, world: World) -> None:
    """Somebody who has not accepted it before: the suite does not ask with prompt=consent."""
    asked = fapi.request()
    with world.person("doctor_levante") as lia:
        fapi.refused(Visitor(lia).refuse(fapi.address(asked)), asked, "access_denied")


@pytest.mark.parametrize(
    "changed",
    [
        {"state": None},
        {"state": "s" * 384},
        {"scope": "openid", "nonce": "n" * 384},
        {"scope": "openid", "nonce": None},
        {"scope": "profile openid giponext.patients", "nonce": "x"},
        {"display": "page", "foo": "bar"},
    ],
)
def test_requests_that_are_sound_succeed(fapi: FapiParty, visitor: Visitor, changed: dict[str, Any]) -> None:
    """…-ensure-authorization-request-without-state-success, -with-long-state, -with-long-nonce, -without-nonce-success,
    -ensure-other-scope-order-succeeds, and an unknown parameter."""
    fapi.sign_in(visitor, **changed)


# --- Pushed requests --------------------------------------------------------------------------------------------------


def test_a_request_in_the_browser_fails(fapi: FapiParty, visitor: Visitor) -> None:
    """…-ensure-unsigned-authorization-request-without-using-par-fails."""
    asked = fapi.request()
    fapi.refused(visitor.visit(super(FapiParty, fapi).address(asked)), asked, "invalid_request")


def test_what_stands_beside_the_request_uri_is_ignored(fapi: FapiParty, visitor: Visitor) -> None:
    """…-state-only-outside-request-object-not-used, -ensure-different-state-inside-and-outside-request-object, nonce likewise."""
    beside = {
        "state": "beside",
        "nonce": "beside",
        "scope": "openid",
        "redirect_uri": "https://evil.example/",
        "prompt": "x",
    }
    asked = fapi.request(state=None, scope="openid giponext.patients", nonce="inside")
    answer = fapi.answered(visitor.visit(fapi.address_of(fapi.pushed(asked), **beside)), asked)
    assert fapi.signed_in(asked, answer, fapi.redeem(answer["code"])).claims["nonce"] == "inside"


def test_par_attempt_reuse_request_uri(fapi: FapiParty, visitor: Visitor) -> None:
    asked = fapi.request()
    address = fapi.address(asked)
    fapi.answered(visitor.visit(address), asked)
    assert "not valid any more" in visitor.stays_here(address).text


def test_par_ensure_reused_request_uri_prior_to_auth_completion_succeeds(fapi: FapiParty, world: World) -> None:
    asked = fapi.request()
    address = fapi.address(asked)
    with world.person("manager_levante") as luca:
        visitor = Visitor(luca)
        for _ in range(2):
            assert not luca.open(address).left_for
        answer = fapi.answered(visitor.visit(address), asked)
        visitor.stays_here(address)
    conditions.tokens(fapi.redeem(answer["code"]), token_type="dpop")


def test_par_attempt_to_use_request_uri_for_different_client(
    fapi: FapiParty, fapi2: FapiParty, visitor: Visitor
) -> None:
    asked = fapi.request()
    uri = fapi.pushed(asked)
    visitor.stays_here(fapi2.address_of(uri))
    fapi.answered(visitor.visit(fapi.address_of(uri)), asked)


@pytest.mark.parametrize(
    "uri", ["urn:ietf:params:oauth:request_uri:unknown", "urn:ietf:params:oauth:request_uri:", "x"]
)
def test_a_request_uri_that_was_never_given_out(fapi: FapiParty, visitor: Visitor, uri: str) -> None:
    page = visitor.person.open(fapi.address_of(uri))
    assert not page.left_for
    assert 400 <= page.status < 500


def test_par_attempt_invalid_http_method(fapi: FapiParty) -> None:
    asked = fapi.request() | fapi.authentication()[1]
    url = fapi.op["pushed_authorization_request_endpoint"]
    for method in ("GET", "PUT", "DELETE"):
        response = fapi.http.request(method, url, params=asked if method == "GET" else None)
        assert response.status_code == 405
        assert "POST" in response.headers["allow"]


def test_par_authorization_request_containing_request_uri_form_param(fapi: FapiParty) -> None:
    again = fapi.request(request_uri=fapi.pushed(fapi.request()))
    conditions.failure(fapi.push(again), "invalid_request", "invalid_request_object", "invalid_request_uri")


def test_a_request_object_is_refused(fapi: FapiParty) -> None:
    """Plain requests only: `request` at PAR is told as what it is."""
    signed = sign({"alg": fapi.key["alg"]}, fapi.request() | {"aud": fapi.op["issuer"]}, fapi.key)
    conditions.failure(fapi.push(fapi.request(request=signed)), "request_not_supported")


@pytest.mark.parametrize("redirect_uri", [None, "https://localhost.emobix.co.uk:8443/test/a/other/callback", "{}?x=y"])
def test_ensure_registered_redirect_uri(fapi: FapiParty, redirect_uri: str | None) -> None:
    """…-ensure-registered-redirect-uri, …-par-without-redirect-uri: told at PAR, where nobody is sent anywhere."""
    uri = redirect_uri and redirect_uri.format(fapi.redirect_uri)
    conditions.failure(fapi.push(fapi.request(redirect_uri=uri)), "invalid_request", "invalid_redirect_uri")


@pytest.mark.parametrize("response_type", ["code id_token", "token", "none", None])
def test_response_types_of_other_flows(fapi: FapiParty, response_type: str | None) -> None:
    """…-ensure-response-type-code-id-token-fails and others."""
    response = fapi.push(fapi.request(response_type=response_type))
    conditions.failure(response, "unsupported_response_type", "invalid_request", "unauthorized_client")


def test_par_client_id_of_another(fapi: FapiParty, fapi2: FapiParty) -> None:
    """…-par-ensure-client-id-mismatch: the body's client_id is not the one that signed."""
    response = fapi.push(fapi.request(client_id=fapi2.client_id))
    conditions.failure(response, "invalid_request", "invalid_client")


# --- PKCE -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "changed",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": None},
        {"code_challenge_method": None},
        {"code_challenge_method": "plain"},
        {"code_challenge": "short"},
    ],
)
def test_par_ensure_pkce_required(fapi: FapiParty, changed: dict[str, Any]) -> None:
    """…-par-ensure-pkce-required, …-par-ensure-plain-pkce-rejected."""
    conditions.failure(fapi.push(fapi.request(**changed)), "invalid_request")


def test_ensure_invalid_pkce_code_verifier_rejected(fapi: FapiParty, visitor: Visitor) -> None:
    asked = fapi.request()
    answer = fapi.answered(visitor.visit(fapi.address(asked)), asked)
    for wrong in (s256("another"), None, s256(fapi.verifier)):
        conditions.failure(fapi.redeem(answer["code"], code_verifier=wrong), "invalid_grant", "invalid_request")
    fapi.signed_in(asked, answer, fapi.redeem(answer["code"]))


# --- Codes and refresh tokens -----------------------------------------------------------------------------------------


def test_ensure_authorization_code_is_bound_to_client(fapi: FapiParty, fapi2: FapiParty, visitor: Visitor) -> None:
    asked = fapi.request()
    answer = fapi.answered(visitor.visit(fapi.address(asked)), asked)
    for redirect_uri in (fapi.redirect_uri, fapi2.redirect_uri):
        response = fapi2.redeem(answer["code"], code_verifier=fapi.verifier, redirect_uri=redirect_uri)
        conditions.failure(response, "invalid_grant")
    fapi.signed_in(asked, answer, fapi.redeem(answer["code"]))


def test_attempt_reuse_authorization_code_after_one_second(fapi: FapiParty, visitor: Visitor) -> None:
    told = fapi.sign_in(visitor)
    time.sleep(1)
    conditions.failure(fapi.redeem(told.answer["code"]), "invalid_grant")
    conditions.rejected(fapi.call(told.access_token))


def test_ensure_client_id_in_token_endpoint(fapi: FapiParty, fapi2: FapiParty, visitor: Visitor) -> None:
    """`client_id` beside the assertion is welcome when it is the same, and refused when it is not."""
    asked = fapi.request()
    answer = fapi.answered(visitor.visit(fapi.address(asked)), asked)
    other = fapi.redeem(answer["code"], client_id=fapi2.client_id)
    conditions.failure(other, "invalid_request", "invalid_client")
    fapi.signed_in(asked, answer, fapi.redeem(answer["code"], client_id=fapi.client_id))


def test_refresh_token(fapi: FapiParty, fapi2: FapiParty, visitor: Visitor) -> None:
    """…-refresh-token: the same token again and again, for its own client alone; with another DPoP key, as the client may change it."""
    scope = "openid offline_access giponext.patients"
    told = fapi.sign_in(visitor, scope=scope, nonce="x", prompt="consent")
    first = told.tokens["refresh_token"]
    for _ in range(3):
        again = conditions.tokens(fapi.refresh(first), refresh=True, token_type="dpop")
        assert again["refresh_token"] == first
        assert again["access_token"] != told.access_token
        assert fapi.call(again["access_token"]).status_code == 200
    conditions.failure(fapi2.refresh(first), "invalid_grant")
    conditions.failure(fapi.refresh(first, proof=None), "invalid_dpop_proof", "invalid_grant", "invalid_request")
    conditions.failure(fapi.refresh(first, credentials={"client_id": fapi.client_id}), "invalid_client")
    assert fapi.call(told.access_token).status_code == 200


def test_the_answer_of_the_authorization_endpoint_holds_nothing_else(fapi2: FapiParty, visitor: Visitor) -> None:
    """The registered query, `code`, `state`, `iss`; codes of 128 bits and more."""
    asked = fapi2.request()
    answer = query_of(visitor.visit(fapi2.address(asked)))
    assert set(answer) == {"dummy1", "dummy2", "code", "state", "iss"}
    assert len(answer["code"]) >= 22
