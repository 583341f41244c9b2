import hashlib
from typing import Any

import pytest
from authlib.common.encoding import urlsafe_b64encode
from hypothesis import given
from hypothesis import strategies as st

from tests.support import protocol_records
from tests.support.protocol_records import API, ISSUER, KEYS, NOW, fuzz, outcome, refused
from varco.protocol import dpop
from varco.protocol.dpop import Proof
from varco.protocol.errors import OAuthError
from varco.protocol.jose import base64url
from varco.protocol.jose import jwk as keys
from varco.protocol.jose.algorithms import FAPI_ALGORITHMS

URL = f"{ISSUER}/oauth2/token"
JWK = {
    name: value
    for name, value in keys.public_jwk(KEYS["ES256"], "x", "ES256").items()
    if name in {"kty", "crv", "x", "y"}
}


def claims(**changes: Any) -> dict[str, Any]:
    fields = {"jti": "j-1", "htm": "POST", "htu": URL, "iat": NOW} | changes
    return {name: value for name, value in fields.items() if value is not None}


def made(header: dict[str, Any] | None = None, **changes: Any) -> str:
    full = {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK} | (header or {})
    return protocol_records.jwt({name: value for name, value in full.items() if value is not None}, claims(**changes))


def check(proof: str, **changes: Any) -> Proof:
    fields: dict[str, Any] = {"method": "POST", "url": URL, "now": NOW}
    return dpop.check(proof, **(fields | changes))


def test_a_proof_gives_the_thumbprint_of_its_key() -> None:
    assert check(made()) == Proof(keys.thumbprint(KEYS["ES256"]), "j-1", NOW + 121)


@pytest.mark.parametrize("alg", FAPI_ALGORITHMS)
def test_keys_of_every_announced_algorithm_prove(alg: str) -> None:
    proof = protocol_records.jwt({"typ": "dpop+jwt", "alg": alg, "jwk": keys.public_jwk(KEYS[alg], "x", alg)}, claims())
    assert check(proof).jkt == keys.thumbprint(KEYS[alg])


def test_the_example_of_the_rfc_is_a_proof() -> None:
    proof = (
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19."
        "eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ."
        "2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg"
    )
    found = check(proof, url="https://server.example.com/token", now=1562262616)
    assert (found.jkt, found.jti) == ("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I", "-BwC3ESc6acc2lTc")


def test_one_proof_a_request() -> None:
    assert dpop.proof_header([]) is None
    assert dpop.proof_header(["a"]) == "a"
    with refused("invalid_dpop_proof", "one proof"):
        dpop.proof_header(["a", "a"])


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "DPOP+JWT", None, 5])
def test_another_type_is_no_proof(typ: object) -> None:
    with refused("invalid_dpop_proof", "signed JWT"):
        check(made({"typ": typ}))


@pytest.mark.parametrize("alg", ["none", "HS256", "RS256", "ES384", None])
def test_other_algorithms_are_refused(alg: object) -> None:
    with refused("invalid_dpop_proof", "signed JWT"):
        check(made({"alg": alg}))


def test_the_name_of_the_key_is_accepted_and_says_nothing() -> None:
    assert check(made({"kid": "another"})).jkt == check(made()).jkt


@pytest.mark.parametrize("member", ["jku", "x5u", "x5c", "crit", "b64"])
def test_other_header_members_are_refused(member: str) -> None:
    with refused("invalid_dpop_proof", "signed JWT"):
        check(made({member: "x"}))


@pytest.mark.parametrize(
    "jwk",
    [
        None,
        "x",
        [],
        {},
        {"kty": "oct", "k": "AAAA"},
        JWK | {"d": "AAAA"},
        JWK | {"crv": "P-384"},
        JWK | {"use": "enc"},
        {"kty": "EC", "crv": "P-256", "x": JWK["x"]},
    ],
)
def test_the_key_must_be_a_public_signature_key(jwk: object) -> None:
    with refused("invalid_dpop_proof", "signed JWT"):
        check(made({"jwk": jwk}))


def test_the_signature_must_be_of_the_key_in_the_header() -> None:
    other = keys.public_jwk(keys.generate("ES256"), "x", "ES256")
    with refused("invalid_dpop_proof", "signed JWT") as caught:
        check(made({"jwk": other}))
    assert "not of the key" in caught.value.received


@pytest.mark.parametrize("jti", [None, "", 5, ["j"], "j" * 257])
def test_a_proof_needs_a_jti(jti: object) -> None:
    with refused("invalid_dpop_proof", "(3) jti"):
        check(made(jti=jti))
    for good in ("j", "j" * 256):
        assert check(made(jti=good)).jti == good


@pytest.mark.parametrize("htm", [None, "GET", "post", "", 5])
def test_a_proof_is_for_one_method(htm: object) -> None:
    with refused("invalid_dpop_proof", "(8) htm"):
        check(made(htm=htm))


@pytest.mark.parametrize(
    "htu",
    [
        URL,
        URL + "?x=1",
        URL + "#x",
        URL.replace("https", "HTTPS"),
        URL.replace("login.example", "LOGIN.example:443"),
        URL.replace("token", "%74oken"),
    ],
)
def test_the_address_is_compared_in_normal_form_without_query(htu: str) -> None:
    assert check(made(htu=htu))
    assert check(made(), url=htu)


@pytest.mark.parametrize(
    "htu",
    [
        None,
        "",
        5,
        [URL],
        "/oauth2/token",
        URL + "/",
        URL.replace("https", "http"),
        URL.replace("login", "evil"),
        URL.replace("example", "example:8443"),
        URL.replace("example", "example:99999"),
        URL.replace("token", "Token"),
        URL.replace("//", "//user@"),
        " " + URL,
        URL + "\n",
        URL.replace("token", "to\nken"),
        "https://[::1",
        f"{ISSUER}/oauth2/par",
        API,
    ],
)
def test_a_proof_is_for_one_address(htu: object) -> None:
    with refused("invalid_dpop_proof", "(9) htu"):
        check(made(htu=htu))


def test_normal_form_keeps_what_matters() -> None:
    assert dpop.normalized("HTTPS://Example.com:443") == "https://example.com/"
    assert dpop.normalized("http://example.com:80/a%2fb%7e") == "http://example.com/a%2Fb~"
    assert dpop.normalized("http://[::1]:8000/x?q#f") == "http://[::1]:8000/x"
    assert dpop.normalized("https://example.com:80/") == "https://example.com:80/"
    for other in ("ftp://example.com/", "https:///x", "https://a b/", ""):
        assert dpop.normalized(other) is None


def test_two_addresses_of_no_form_are_not_the_same() -> None:
    with refused("invalid_dpop_proof", "(9) htu"):
        check(made(htu="nothing"), url="nothing")


def test_a_proof_is_fresh() -> None:
    for good in (NOW, NOW - 120, NOW + 30, NOW - 0.5):
        assert check(made(iat=good))
    for stale in (NOW - 121, NOW + 31, 0, None, str(NOW), True, 10**25, 1e300):
        with refused("invalid_dpop_proof", "(11) iat"):
            check(made(iat=stale))


def test_a_proof_with_an_access_token_is_for_that_token() -> None:
    token = "the-access-token"
    ath = urlsafe_b64encode(hashlib.sha256(token.encode()).digest()).decode().rstrip("=")
    assert check(made(ath=ath), access_token=token)
    assert check(made(ath=ath))
    for other in (None, "", ath + "=", ath[:-1], 5, token, dpop.token_hash("another")):
        with refused("invalid_dpop_proof", "(12) ath", status=401) as caught:
            check(made(ath=other), access_token=token, status=401)
        assert ("no ath" in caught.value.received) is (other is None)


def test_refusals_carry_the_status_of_the_endpoint() -> None:
    for broken in ("garbage", made(jti=None), made(htm="GET"), made(htu=API), made(iat=0)):
        with refused("invalid_dpop_proof", status=401):
            check(broken, status=401)
    with refused("use_dpop_nonce", status=401):
        check(made(), nonces=("n",), status=401)
    assert dpop.used_before(401).status == 401
    assert (dpop.used_before().rule, dpop.used_before().status) == ("RFC 9449 §11.1 replay", 400)


# --- nonces -----------------------------------------------------------------------------------------------------------

KEY = b"k" * 32


def test_a_required_nonce_is_asked_for() -> None:
    accepted = dpop.accepted_nonces([KEY], NOW)
    assert check(made(nonce=accepted[0]), nonces=accepted)
    assert check(made(nonce=accepted[1]), nonces=accepted)
    assert check(made(nonce="whatever"))
    for other in (None, "", "other", 5, [accepted[0]]):
        with refused("use_dpop_nonce", "RFC 9449 §8") as caught:
            check(made(nonce=other), nonces=accepted)
        assert ("no nonce" in caught.value.received) is (other is None)


def test_a_nonce_changes_with_time_and_is_accepted_for_one_period_more() -> None:
    start = NOW - NOW % dpop.NONCE_PERIOD
    first = dpop.nonce(KEY, start)
    assert dpop.nonce(KEY, start + 299) == first
    assert dpop.nonce(KEY, start + 300) != first
    assert first in dpop.accepted_nonces([KEY], start + 599)
    assert first not in dpop.accepted_nonces([KEY], start + 600)
    assert dpop.nonce(b"o" * 32, start) != first
    assert len(base64url.decode(first)) == 18


# --- binding ----------------------------------------------------------------------------------------------------------


def test_a_bound_token_needs_a_proof_of_its_key() -> None:
    proof = check(made())
    dpop.check_binding(proof.jkt, proof)
    dpop.check_binding("", None)
    for bound_to, shown in ((proof.jkt, None), ("another", proof)):
        with refused("invalid_token", "RFC 9449 §7.1 bound token", status=401):
            dpop.check_binding(bound_to, shown)


def test_an_unbound_token_is_not_taken_with_a_proof() -> None:
    with refused("invalid_token", "RFC 9449 §7.1 unbound token", status=401):
        dpop.check_binding("", check(made()))


def test_what_is_remembered_is_of_this_key_and_of_this_kind() -> None:
    one = Proof("k", "j", NOW)
    assert one.single_use == hashlib.sha256(b"dpop|k|j").hexdigest()
    assert len({one.single_use, Proof("l", "j", NOW).single_use, Proof("k", "i", NOW).single_use}) == 3


def test_a_proof_is_remembered_for_as_long_as_it_would_be_accepted() -> None:
    until = check(made(iat=NOW + 30)).remember_until
    with refused("invalid_dpop_proof", "(11) iat"):
        check(made(iat=NOW + 30), now=until)
    assert check(made(iat=NOW + 30), now=until - 1)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
    | st.sampled_from(["POST", URL, NOW, "dpop+jwt", "ES256", "EC", "P-256", JWK["x"]]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "k", "use", "alg", "key_ops"]), inner, max_size=5),
    max_leaves=6,
)  # fmt: skip


@fuzz
@given(
    st.dictionaries(st.sampled_from(["typ", "alg", "jwk", "kid"]), values, max_size=2),
    st.dictionaries(st.sampled_from(["jti", "htm", "htu", "iat", "nonce", "ath"]), values, max_size=3),
    st.dictionaries(st.sampled_from(["kty", "crv", "x", "y", "use", "alg", "key_ops"]), values, max_size=3),
)
def test_any_header_claims_and_key_are_accepted_or_refused(
    header: dict[str, Any], body: dict[str, Any], jwk: dict[str, Any]
) -> None:
    full = {"typ": "dpop+jwt", "alg": "ES256", "jwk": JWK | jwk} | header
    found = outcome(lambda: check(protocol_records.jwt(full, claims() | body), nonces=("n",), access_token="t"))
    if isinstance(found, OAuthError):
        assert found.error in {"invalid_dpop_proof", "use_dpop_nonce"}
    else:
        assert found.jkt == keys.thumbprint(KEYS["ES256"])


once = made()
pieces = st.one_of(st.text(max_size=8), st.sampled_from([*once.split("."), ".", "e30", "=", "\x00"]))


@fuzz
@given(st.lists(pieces, max_size=8).map("".join), st.text(max_size=30) | st.just(URL))
def test_any_text_and_any_address_are_accepted_or_refused(text: str, url: str) -> None:
    dpop.normalized(url)
    found = outcome(lambda: check(text, url=url))
    assert isinstance(found, OAuthError) or (text, url) == (once, URL)
