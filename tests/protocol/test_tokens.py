import hashlib
import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.test_claims import ALL, AURORA, DARIO
from tests.support.protocol_records import API, CHALLENGE, CLIENT_ID, ISSUER, NOW, fuzz, outcome, refused
from varco.protocol import access_token, id_token, token_response, userinfo
from varco.protocol.claims import Person
from varco.protocol.errors import Fixer, OAuthError
from varco.protocol.jose import base64url


def access(**changes: Any) -> access_token.IssuedClaims:
    fields: dict[str, Any] = {
        "issuer": ISSUER, "audience": API, "sub": "user-1", "client_id": CLIENT_ID, "scope": "openid giponext.patients",
        "grant_id": 2**62 + 1, "tenant": "tenant-aurora", "jti": "j-1", "now": NOW, "lifetime": 600,
        "acr": "urn:varco:acr:2", "auth_time": NOW - 300,
    }  # fmt: skip
    return access_token.access_claims(**(fields | changes))


def test_an_access_token_says_exactly_what_the_contract_names() -> None:
    assert json.loads(access_token.encode_access(access())) == {
        "iss": ISSUER,
        "sub": "user-1",
        "aud": API,
        "exp": NOW + 600,
        "iat": NOW,
        "jti": "j-1",
        "client_id": CLIENT_ID,
        "scope": "openid giponext.patients",
        "gid": "4611686018427387905",
        "tenant": "tenant-aurora",
        "acr": "urn:varco:acr:2",
        "auth_time": NOW - 300,
    }


def test_what_is_not_known_of_a_sign_in_is_left_out() -> None:
    unknown = json.loads(access_token.encode_access(access(acr="", auth_time=0)))
    assert unknown.keys().isdisjoint({"acr", "auth_time"})


def read_of(claims: access_token.IssuedClaims) -> access_token.AccessClaims:
    """What the gate keeps of claims: all but how and when the person signed in."""
    kept = msgspec.structs.asdict(claims)
    return access_token.AccessClaims(**{name: kept[name] for name in access_token.AccessClaims.__struct_fields__})


def test_a_bound_access_token_names_its_key() -> None:
    bound = access(dpop_jkt=CHALLENGE)
    assert json.loads(access_token.encode_access(bound))["cnf"] == {"jkt": CHALLENGE}
    assert access_token.decode_access(access_token.encode_access(bound)) == read_of(bound)


def test_an_access_token_is_read_as_it_was_written() -> None:
    assert access_token.decode_access(access_token.encode_access(access())) == read_of(access())


@pytest.mark.parametrize(
    "payload", [b"", b"{}", b"[]", b"null", b'{"iss":5}', b"\xff", b'{"iss":"\xff"}', b'{"iss":"x"', b"[" * 9000]
)
def test_another_payload_is_no_access_token(payload: bytes) -> None:
    with refused("invalid_token", "RFC 9068 §2.2", status=401):
        access_token.decode_access(payload)


def test_an_id_token_is_no_access_token() -> None:
    with refused("invalid_token", "RFC 9068 §2.2", status=401):
        access_token.decode_access(json.dumps(id_token_with()).encode())


def check(claims: access_token.AccessClaims, now: int = NOW) -> None:
    access_token.check_access(claims, issuer=ISSUER, audience=API, now=now)


def test_an_access_token_lives_until_its_expiry() -> None:
    check(access(), NOW + 599)
    with refused("invalid_token", "RFC 9068 §4 exp", status=401) as caught:
        check(access(), NOW + 605)
    assert caught.value.received == "expired 5 s ago"
    assert caught.value.fixer is Fixer.RETRY
    with refused("invalid_token", "exp", status=401):
        check(access(), NOW + 600)


def test_a_token_of_another_issuer_or_for_another_api_is_refused() -> None:
    with refused("invalid_token", "RFC 9068 §4 iss", status=401):
        check(access(issuer=ISSUER + "/"))
    with refused("invalid_token", "RFC 9068 §4 aud", status=401):
        check(access(audience=CLIENT_ID))


def id_token_with(**changes: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "issuer": ISSUER, "client_id": CLIENT_ID, "person": DARIO, "tenant": AURORA, "groups": frozenset(),
        "scopes": {"profile", "email"}, "claims_request": "", "now": NOW, "lifetime": 600, "auth_time": NOW - 30,
    }  # fmt: skip
    return id_token.id_token_claims(**(fields | changes))


def test_an_id_token_says_who_signed_in_when_and_for_whom() -> None:
    assert id_token_with() == {
        "iss": ISSUER,
        "sub": "user-1",
        "aud": CLIENT_ID,
        "exp": NOW + 600,
        "iat": NOW,
        "auth_time": NOW - 30,
    }


def test_an_id_token_says_how_the_person_signed_in_and_answers_the_nonce() -> None:
    found = id_token_with(nonce="n-1", acr="mfa", amr="pwd otp", sid="s-1", access_token="abc")
    assert (found["nonce"], found["acr"], found["amr"], found["sid"]) == ("n-1", "mfa", ["pwd", "otp"], "s-1")


def test_an_id_token_holds_the_granted_claim_groups_and_they_cannot_replace_its_own() -> None:
    found = id_token_with(groups=ALL, claims_request='{"id_token":{"tenants":null}}')
    assert found["tenants"] == [{"id": "tenant-aurora", "name": "Clinic Aurora"}]
    assert (found["name"], found["email"], found["sub"]) == ("Dario Rossi", "dario@aurora.example", "user-1")
    assert "email" not in id_token_with(groups={"profile"})
    assert "tenants" not in id_token_with(groups=ALL)


def test_at_hash_is_that_of_the_specification() -> None:
    # OpenID Connect Core, appendix A.3 (RS256).
    token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y"
    assert id_token.token_hash(token, "RS256") == "77QmUPtjPfzWtF2AnpK9RQ"
    assert id_token_with(access_token=token, alg="ES256")["at_hash"] == "77QmUPtjPfzWtF2AnpK9RQ"
    assert id_token_with(access_token=token, alg="EdDSA")["at_hash"] == base64url.encode(
        hashlib.sha512(token.encode()).digest()[:32]
    )


def test_userinfo_is_the_subject_and_the_granted_groups() -> None:
    assert userinfo.userinfo_claims(DARIO, AURORA, frozenset(), scopes={"email"}) == {"sub": "user-1"}
    assert set(userinfo.userinfo_claims(DARIO, AURORA, {"email", "tenant"}, scopes={"email"})) == {
        "sub",
        "email",
        "email_verified",
        "tenants",
    }


def test_the_api_userinfo_is_that_of_the_specification() -> None:
    expected = {"sub": "user-1", "name": "Dario Rossi", "tenants": [{"id": "tenant-aurora", "name": "Clinic Aurora"}]}
    assert userinfo.api_userinfo(DARIO, AURORA) == expected
    assert userinfo.api_userinfo(Person(sub="user-2", email="hidden@b.example"), AURORA)["name"] == "user-2"


def test_a_token_response_always_tells_the_scope() -> None:
    answer = token_response.token_response(access_token="a", expires_in=600, scope="openid")
    assert answer == {"access_token": "a", "token_type": "Bearer", "expires_in": 600, "scope": "openid"}
    assert token_response.token_response(access_token="a", expires_in=600, scope="")["scope"] == ""
    full = token_response.token_response(
        access_token="a", expires_in=1, scope="s", refresh_token="r", id_token="i", token_type="DPoP"
    )
    assert (full["refresh_token"], full["id_token"], full["token_type"]) == ("r", "i", "DPoP")


@fuzz
@given(st.binary(max_size=60) | st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.dictionaries(
    st.sampled_from(["iss", "sub", "aud", "exp", "iat", "jti", "client_id", "scope", "gid", "tenant", "cnf"]), inner, max_size=11), max_leaves=12
).map(lambda value: json.dumps(value).encode()))  # fmt: skip
def test_any_payload_is_read_or_refused(payload: bytes) -> None:
    found = outcome(lambda: access_token.decode_access(payload))
    if isinstance(found, OAuthError):
        assert found.status == 401
    else:
        assert isinstance(found.sub, str)
