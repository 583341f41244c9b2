"""FAPI 2.0 Security Profile, Final: private_key_jwt, right and wrong, wherever a client authenticates."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from tests.journeys.certification import conditions, suite
from tests.journeys.certification.fapi import JWT_BEARER, FapiParty
from tests.journeys.certification.visitor import Visitor

ANOTHER = ECKey.generate_key("P-256")


def _in(seconds: int) -> int:
    return int(time.time()) + seconds


Wrong = Callable[[FapiParty], dict[str, Any]]
"""What to make an assertion of, to make it wrong."""

WRONG: dict[str, Wrong] = {
    "no exp": lambda _: {"exp": None},
    "exp five minutes ago": lambda _: {"exp": _in(-300)},
    "exp in a year": lambda _: {"exp": _in(365 * 86400)},
    "no aud": lambda _: {"aud": None},
    "aud of another server": lambda _: {"aud": "https://other.example"},
    "aud of several": lambda party: {"aud": [party.op["issuer"], "https://other.example"]},
    "aud as a list": lambda party: {"aud": [party.op["issuer"]]},
    "aud of the issuer with a slash": lambda party: {"aud": party.op["issuer"] + "/"},
    "aud of the token endpoint": lambda party: {"aud": party.op["token_endpoint"]},
    "aud of the PAR endpoint": lambda party: {"aud": party.op["pushed_authorization_request_endpoint"]},
    "iss of another": lambda _: {"iss": "https://localhost.emobix.co.uk:8443"},
    "no iss": lambda _: {"iss": None},
    "sub of another": lambda _: {"sub": "another"},
    "no sub": lambda _: {"sub": None},
    "no jti": lambda _: {"jti": None},
    "iat in 65 seconds": lambda _: {"iat": _in(65)},
    "nbf in 65 seconds": lambda _: {"nbf": _in(65)},
    "iat in an hour": lambda _: {"iat": _in(3600), "exp": _in(3660)},
    "signed by another key": lambda _: {"key": ANOTHER},
    "signed by the other client's key": lambda _: {
        "key": suite.KEYS["fapi2"],
        "header": {"alg": "PS256", "kid": suite.KEYS["fapi2"]["kid"]},
    },
    "alg RS256": lambda _: {"key": RSAKey.generate_key(2048), "header": {"alg": "RS256"}},
    "alg none": lambda _: {"key": None, "header": {"alg": "none"}},
    "alg HS256 with the public key": lambda party: {"key": party.key.as_pem(private=False), "header": {"alg": "HS256"}},
    "a key in its header": lambda _: {"key": ANOTHER, "header": {"jwk": ANOTHER.as_dict(private=False)}},
    "the type of a DPoP proof": lambda _: {"header": {"typ": "dpop+jwt"}},
}


@pytest.fixture(scope="module")
def code(fapi: FapiParty, visitor: Visitor) -> str:
    """A code that no wrong assertion uses up."""
    asked = fapi.request()
    return fapi.answered(visitor.visit(fapi.address(asked)), asked)["code"]


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_assertion_is_refused_wherever_clients_authenticate(fapi: FapiParty, code: str, wrong: Wrong) -> None:
    refused = fapi.push(fapi.request(), credentials=fapi.proven(fapi.assertion(**wrong(fapi))))
    conditions.failure(refused, "invalid_client", status=401)
    refused = fapi.redeem(code, credentials=fapi.proven(fapi.assertion(**wrong(fapi))))
    conditions.failure(refused, "invalid_client", status=401)
    for endpoint in ("revocation", "introspection"):
        form = fapi.proven(fapi.assertion(**wrong(fapi))) | {"token": "x"}
        response = fapi.http.post(fapi.op[f"{endpoint}_endpoint"], data=form)
        conditions.failure(response, "invalid_client", status=401)


def test_rs256_with_the_registered_key_is_refused(fapi2: FapiParty) -> None:
    """…-ensure-signed-client-assertion-with-RS256-fails: the key would fit, the profile does not allow it."""
    key = RSAKey.import_key(
        {name: value for name, value in suite.KEYS["fapi2"].as_dict(private=True).items() if name != "alg"}
    )
    assertion = fapi2.assertion(key=key, header={"alg": "RS256"})
    conditions.failure(fapi2.push(fapi2.request(), credentials=fapi2.proven(assertion)), "invalid_client", status=401)


def test_the_code_is_still_good_after_all_that(fapi: FapiParty, visitor: Visitor) -> None:
    asked = fapi.request()
    answer = fapi.answered(visitor.visit(fapi.address(asked)), asked)
    conditions.failure(
        fapi.redeem(answer["code"], credentials=fapi.proven(fapi.assertion(key=ANOTHER))), "invalid_client"
    )
    fapi.signed_in(asked, answer, fapi.redeem(answer["code"]))


@pytest.mark.parametrize(
    "sound",
    [
        dict,
        lambda: {"iat": _in(8)},
        lambda: {"nbf": _in(8), "iat": _in(8)},
        lambda: {"iat": None},
        lambda: {"exp": _in(300)},
        lambda: {"header": {"typ": "JWT"}},
        lambda: {"header": {"typ": "client-authentication+jwt"}},
        lambda: {"exp": time.time() + 60.5},
    ],
)
def test_a_sound_assertion_is_accepted(fapi: FapiParty, fapi2: FapiParty, sound: Callable[[], dict[str, Any]]) -> None:
    """…-ensure-client-assertion-with-iss-aud-succeeds, …with-iat-is-8-seconds-in-future-succeeds, nbf likewise."""
    for party in (fapi, fapi2):
        party.pushed(party.request(), credentials=party.proven(party.assertion(**sound())))


def test_an_assertion_is_good_once_at_whichever_endpoint(fapi: FapiParty) -> None:
    used = fapi.proven(fapi.assertion())
    fapi.pushed(fapi.request(), credentials=used)
    conditions.failure(fapi.push(fapi.request(), credentials=used), "invalid_client", status=401)
    conditions.failure(fapi.redeem("vac.x", credentials=used), "invalid_client", status=401)


@pytest.mark.parametrize(
    "credentials",
    [
        {},
        {"client_assertion_type": JWT_BEARER},
        {"client_assertion_type": JWT_BEARER, "client_assertion": ""},
        {"client_assertion_type": JWT_BEARER, "client_assertion": "not.a.jwt"},
        {"client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer", "client_assertion": "x"},
        {"client_secret": "guessed"},
    ],
)
def test_ensure_client_assertion_in_token_endpoint(fapi: FapiParty, credentials: dict[str, str]) -> None:
    """Without an assertion, or with something else in its place, nothing is given."""
    response = fapi.redeem("vac.x", credentials=credentials, client_id=fapi.client_id)
    conditions.failure(response, "invalid_client", "invalid_request")
    conditions.failure(fapi.push(fapi.request(), credentials=credentials), "invalid_client", "invalid_request")


def test_the_assertion_of_one_client_does_not_speak_for_another(fapi: FapiParty, fapi2: FapiParty) -> None:
    forged = fapi2.assertion(iss=fapi.client_id, sub=fapi.client_id)
    conditions.failure(fapi.push(fapi.request(), credentials=fapi.proven(forged)), "invalid_client", status=401)
