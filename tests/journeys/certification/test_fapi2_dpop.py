"""FAPI 2.0 Security Profile, Final: sender-constrained tokens (`…-dpop-negative-tests`, `…-ensure-holder-of-key-required`) and
how the protected resource takes them."""

import secrets
import time
import uuid
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from tests.journeys.certification import conditions, suite
from tests.journeys.certification.fapi import FapiParty, s256, sign
from tests.journeys.certification.party import SignedIn
from tests.journeys.certification.visitor import Visitor
from tests.support.demo_world import World

ANOTHER = ECKey.generate_key("P-256")
SECRET = OctKey.generate_key(256)
WEAK = RSAKey.generate_key(2048)


@pytest.fixture(scope="module")
def told(fapi: FapiParty, visitor: Visitor) -> SignedIn:
    return fapi.sign_in(visitor, scope="openid offline_access giponext.patients", nonce="n", prompt="consent")


def _at(seconds: int) -> dict[str, int]:
    return {"iat": int(time.time()) + seconds}


def _private(party: FapiParty) -> dict[str, Any]:
    return {"jwk": party.dpop_key.as_dict(private=True)}


Wrong = Callable[[FapiParty], dict[str, Any]]
"""What to make a proof of, to make it wrong."""

WRONG: dict[str, Wrong] = {
    "htm of another method": lambda _: {"htm": "PUT"},
    "no htm": lambda _: {"htm": None},
    "htu of another address": lambda _: {"htu": "https://localhost.emobix.co.uk:8443/other"},
    "htu of the host alone": lambda party: {"htu": party.op["issuer"]},
    "no htu": lambda _: {"htu": None},
    "no jti": lambda _: {"jti": None},
    "no iat": lambda _: {"iat": None},
    "iat of an hour ago": lambda _: _at(-3600),
    "iat of five minutes ago": lambda _: _at(-300),
    "iat in a minute": lambda _: _at(65),
    "iat in an hour": lambda _: _at(3600),
    "iat as text": lambda _: {"iat": str(int(time.time()))},
    "typ JWT": lambda _: {"header": {"typ": "JWT"}},
    "no typ": lambda _: {"header": {"typ": None}},
    "alg none": lambda _: {"header": {"alg": "none"}, "key": None},
    "alg HS256": lambda _: {"header": {"alg": "HS256"}, "key": SECRET},
    "alg HS256 with its key in the header": lambda _: {
        "header": {"alg": "HS256", "jwk": SECRET.as_dict(private=True)},
        "key": SECRET,
    },
    "alg RS256": lambda _: {"header": {"alg": "RS256"}, "key": WEAK},
    "a private key in the header": lambda party: {"header": _private(party)},
    "no key in the header": lambda _: {"header": {"jwk": {}}},
    "signed by another key than the header's": lambda party: {
        "header": {"jwk": party.dpop_key.as_dict(private=False)},
        "key": ANOTHER,
    },
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_a_wrong_proof_is_refused_by_token_endpoint_and_resource(fapi: FapiParty, told: SignedIn, wrong: Wrong) -> None:
    url = fapi.op["token_endpoint"]
    response = fapi.refresh(told.tokens["refresh_token"], proof=fapi.proof("POST", url, **wrong(fapi)))
    conditions.failure(response, "invalid_dpop_proof")
    response = fapi.call(told.access_token, proof=fapi.proof("GET", fapi.resource, told.access_token, **wrong(fapi)))
    conditions.rejected(response)
    assert response.headers["www-authenticate"].startswith("DPoP ")
    assert 'error="invalid_dpop_proof"' in response.headers["www-authenticate"]


def test_a_proof_that_is_sound_in_an_unusual_way_is_accepted(fapi: FapiParty, told: SignedIn) -> None:
    """…-ensure-dpop-proof-with-iat-10seconds-before-succeeds and -after-; htu in another spelling of the same address (RFC 9449 §4.3)."""
    host, _, path = fapi.resource.removeprefix("https://").partition("/")
    for how in (
        _at(-10),
        _at(10),
        {"iat": time.time()},
        {"htu": f"HTTPS://{host.upper()}/{path}"},
        {"htu": fapi.resource.replace("userinfo", "%75serinfo")},
        {"htu": f"{fapi.resource}?x=y#z"},
        {"exp": int(time.time()) + 60, "nbf": int(time.time()), "of_no_interest": True},
    ):
        assert (
            fapi.call(told.access_token, proof=fapi.proof("GET", fapi.resource, told.access_token, **how)).status_code
            == 200
        )


def test_the_query_of_the_resource_is_no_part_of_htu(fapi: FapiParty, told: SignedIn) -> None:
    patients = f"{fapi.world.api}/v2/tenants/{fapi.world.tenant('aurora')}/patients"
    proof = fapi.proof("GET", patients, told.access_token)
    assert fapi.call(told.access_token, url=f"{patients}?limit=1", proof=proof).status_code == 200


def test_a_proof_is_good_once(fapi: FapiParty, told: SignedIn) -> None:
    proof = fapi.proof("GET", fapi.resource, told.access_token)
    assert fapi.call(told.access_token, proof=proof).status_code == 200
    conditions.rejected(fapi.call(told.access_token, proof=proof))
    at_token = fapi.proof("POST", fapi.op["token_endpoint"])
    assert fapi.refresh(told.tokens["refresh_token"], proof=at_token).status_code == 200
    conditions.failure(fapi.refresh(told.tokens["refresh_token"], proof=at_token), "invalid_dpop_proof")


def test_the_token_is_bound_to_its_key(fapi: FapiParty, told: SignedIn) -> None:
    """…-ensure-holder-of-key-required, and `ath` (RFC 9449 §7)."""
    token = told.access_token
    conditions.rejected(fapi.call(token, proof=None))
    conditions.rejected(fapi.call(token, proof=None, scheme="Bearer"))
    conditions.rejected(fapi.call(token, scheme="Bearer"))
    conditions.rejected(fapi.call(token, proof=fapi.proof("GET", fapi.resource, token, key=ANOTHER)))
    for ath in (None, s256("another"), s256(token)[:-1], ""):
        conditions.rejected(fapi.call(token, proof=fapi.proof("GET", fapi.resource, token, ath=ath)))
    assert fapi.call(token).status_code == 200


def test_two_proofs_are_one_too_many(fapi: FapiParty, told: SignedIn) -> None:
    proofs = [("DPoP", fapi.proof("GET", fapi.resource, told.access_token)) for _ in range(2)]
    response = fapi.http.get(fapi.resource, headers=[("Authorization", f"DPoP {told.access_token}"), *proofs])
    conditions.rejected(response)


def test_the_resource_answers_as_the_suite_expects_of_one(fapi: FapiParty, told: SignedIn) -> None:
    """CheckForDateHeaderInResourceServerResponse, EnsureMatchingFAPIInteractionId, …ReturnedJsonContentType."""
    given = str(uuid.uuid4())
    for path in (fapi.resource, fapi.op["userinfo_endpoint"]):
        headers = {
            "Authorization": f"DPoP {told.access_token}",
            "DPoP": fapi.proof("GET", path, told.access_token),
            "x-fapi-interaction-id": given,
        }
        response = fapi.http.get(path, headers=headers)
        assert response.headers["x-fapi-interaction-id"] == given
        assert parsedate_to_datetime(response.headers["date"])
        conditions.is_json(response)
        headers |= {"DPoP": fapi.proof("GET", path, told.access_token), "x-fapi-interaction-id": "not a uuid"}
        assert "x-fapi-interaction-id" not in fapi.http.get(path, headers=headers).headers


@pytest.mark.parametrize("scheme", ["dpop", "DPOP", "DPoP", "dPoP"])
def test_access_token_type_header_case_sensitivity(fapi: FapiParty, told: SignedIn, scheme: str) -> None:
    assert fapi.call(told.access_token, scheme=scheme).status_code == 200


def test_the_access_token_comes_in_the_header_and_nowhere_else(fapi: FapiParty, told: SignedIn) -> None:
    """FAPI 2.0 §5.3.4: not in the query; nor in a form, which brings no proof of its key."""
    token = told.access_token
    proof = {"DPoP": fapi.proof("GET", fapi.resource, token)}
    for address in (fapi.resource, fapi.op["userinfo_endpoint"]):
        assert fapi.http.get(address, params={"access_token": token}, headers=proof).status_code in {400, 401}
    both = fapi.call(token, url=f"{fapi.resource}?access_token={token}")
    assert both.status_code in {400, 401}
    posted = fapi.http.post(fapi.op["userinfo_endpoint"], data={"access_token": token})
    conditions.rejected(posted)


def test_ensure_holder_of_key_required_at_the_token_endpoint(fapi: FapiParty, visitor: Visitor) -> None:
    asked = fapi.request()
    answer = fapi.answered(visitor.visit(fapi.address(asked)), asked)
    conditions.failure(fapi.redeem(answer["code"], proof=None), "invalid_dpop_proof", "invalid_request")
    fapi.signed_in(asked, answer, fapi.redeem(answer["code"]))


@pytest.mark.parametrize("by", ["proof at PAR", "dpop_jkt", "both"])
def test_a_code_can_be_bound_to_the_key(fapi: FapiParty, visitor: Visitor, by: str) -> None:
    """…-ensure-dpop-proof-at-par-endpoint-binding-success, …-ensure-token-endpoint-fails-with-mismatched-dpop-jkt."""
    asked = fapi.request(dpop_jkt=None if by == "proof at PAR" else fapi.dpop_key.thumbprint())
    proof = None if by == "dpop_jkt" else fapi.proof("POST", fapi.op["pushed_authorization_request_endpoint"])
    address = fapi.address_of(fapi.pushed(asked, proof=proof))
    answer = fapi.answered(visitor.visit(address), asked)
    foreign = fapi.proof("POST", fapi.op["token_endpoint"], key=ANOTHER)
    conditions.failure(fapi.redeem(answer["code"], proof=foreign), "invalid_grant", "invalid_dpop_proof")
    fapi.signed_in(asked, answer, fapi.redeem(answer["code"]))


def test_par_fails_with_mismatched_dpop_jkt(fapi: FapiParty) -> None:
    proof = fapi.proof("POST", fapi.op["pushed_authorization_request_endpoint"])
    asked = fapi.request(dpop_jkt=ANOTHER.thumbprint())
    conditions.failure(fapi.push(asked, proof=proof), "invalid_dpop_proof", "invalid_request")
    elsewhere = fapi.proof("POST", fapi.op["token_endpoint"])
    conditions.failure(fapi.push(fapi.request(), proof=elsewhere), "invalid_dpop_proof")


def test_a_server_that_hands_out_nonces_asks_for_them(secure_world: World) -> None:
    """RFC 9449 §8, §9: a challenge with the nonce at token endpoint and resource, and success with it."""
    registered = secure_world.client("fapi2")
    key = ECKey.import_key(registered["jwks"]["keys"][0])
    with (
        FapiParty(secure_world, "fapi2", registered["redirect_uris"][0], key=key) as party,
        secure_world.person("doctor_levante") as lia,
    ):
        asked = party.request()
        answer = party.answered(Visitor(lia).visit(party.address(asked)), asked)
        without = party.redeem(answer["code"], proof=party.proof("POST", party.op["token_endpoint"]))
        conditions.failure(without, "use_dpop_nonce", status=400)
        assert without.headers["dpop-nonce"]
        wrong = party.proof("POST", party.op["token_endpoint"], nonce=secrets.token_urlsafe(16))
        conditions.failure(party.redeem(answer["code"], proof=wrong), "use_dpop_nonce", status=400)
        told = party.signed_in(asked, answer, party.redeem(answer["code"]))
        assert party.call(told.access_token).status_code == 200
        party.nonce = None
        challenged = party.call(told.access_token)
        conditions.rejected(challenged)
        assert 'error="use_dpop_nonce"' in challenged.headers["www-authenticate"]
        party.nonce = challenged.headers["dpop-nonce"]
        assert party.call(told.access_token).status_code == 200


def test_a_client_assertion_is_no_proof(fapi: FapiParty, told: SignedIn) -> None:
    """One kind of JWT never stands in for another, and neither does the client's key for the DPoP key."""
    conditions.failure(fapi.refresh(told.tokens["refresh_token"], proof=fapi.assertion()), "invalid_dpop_proof")
    claims = {"jti": "x", "htm": "GET", "htu": fapi.resource, "iat": int(time.time()), "ath": s256(told.access_token)}
    head = {"typ": "dpop+jwt", "alg": "ES256", "jwk": suite.KEYS["fapi1"].as_dict(private=False)}
    conditions.rejected(fapi.call(told.access_token, proof=sign(head, claims, suite.KEYS["fapi1"])))
