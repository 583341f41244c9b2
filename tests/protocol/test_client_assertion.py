import hashlib
import hmac
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk as joserfc_jwk
from joserfc import jwt

from tests.support import protocol_records
from tests.support.protocol_records import CLIENT_ID, ISSUER, JWKS, KEYS, NOW, fuzz, outcome, refused, segment
from varco.protocol import client_assertion
from varco.protocol.client import Client
from varco.protocol.client_assertion import Verified
from varco.protocol.errors import OAuthError
from varco.protocol.jose import base64url, jwk
from varco.protocol.jose.algorithms import ALGORITHMS

TOKEN_URL = f"{ISSUER}/oauth2/token"
PAR_URL = f"{ISSUER}/oauth2/par"


def client(**changes: Any) -> Client:
    return protocol_records.client(**({"token_endpoint_auth_method": "private_key_jwt", "jwks": JWKS} | changes))


def fapi(**changes: Any) -> Client:
    return client(profile="fapi2", **changes)


def claims(**changes: Any) -> dict[str, Any]:
    """The claims of a sound assertion; None takes one away."""
    fields = {"iss": CLIENT_ID, "sub": CLIENT_ID, "aud": ISSUER, "jti": "j-1", "iat": NOW, "exp": NOW + 60} | changes
    return {name: value for name, value in fields.items() if value is not None}


def made(header: dict[str, Any] | None = None, /, **changes: Any) -> str:
    return protocol_records.jwt({"alg": "ES256", "kid": "ES256"} | (header or {}), claims(**changes))


def verify(text: str, of: Client | None = None, **changes: Any) -> Verified:
    fields: dict[str, Any] = {"issuer": ISSUER, "now": NOW}
    return client_assertion.verify(text, of or client(), **(fields | changes))


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_registered_key_of_any_good_algorithm_proves_the_client(alg: str) -> None:
    assert verify(protocol_records.jwt({"alg": alg, "kid": alg}, claims())) == Verified(CLIENT_ID, "j-1", NOW + 71)
    assert verify(protocol_records.jwt({"alg": alg}, claims())).jti == "j-1"


@pytest.mark.parametrize("alg", ["ES256", "RS256", "PS256"])
def test_an_assertion_of_another_library_is_accepted(alg: str) -> None:
    kind = joserfc_jwk.ECKey if alg == "ES256" else joserfc_jwk.RSAKey
    private = kind.import_key(jwk.dump_private(KEYS[alg]), {"kid": alg, "alg": alg, "use": "sig"})
    assert verify(jwt.encode({"alg": alg, "kid": alg, "typ": "JWT"}, claims(), private, algorithms=[alg])).jti == "j-1"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "client-authentication+jwt", "application/client-authentication+jwt"])
def test_the_types_of_an_assertion_are_accepted(typ: str) -> None:
    assert verify(made({"typ": typ}))


@pytest.mark.parametrize("typ", ["at+jwt", "dpop+jwt", "logout+jwt", "", None, 5, ["JWT"]])
def test_a_jwt_of_another_type_is_no_assertion(typ: object) -> None:
    with refused("invalid_client", "RFC 8725 §3.11 typ", status=401):
        verify(made({"typ": typ}))


def test_a_list_of_the_issuer_alone_is_accepted_as_audience() -> None:
    assert verify(made(aud=[ISSUER]))


@pytest.mark.parametrize(
    "aud",
    [
        None,
        "",
        [],
        {},
        5,
        [None],
        "https://other.example",
        ISSUER + "/",
        [ISSUER, "https://other.example"],
        [ISSUER, ISSUER],
        TOKEN_URL,
        PAR_URL,
        [TOKEN_URL],
        [ISSUER, TOKEN_URL],
        {ISSUER: 1},
        CLIENT_ID,
        [[ISSUER]],
    ],
)
def test_an_assertion_for_anything_but_the_issuer_alone_is_refused(aud: object) -> None:
    with refused("invalid_client", "RFC 7523 §3 aud", status=401):
        verify(made(aud=aud))


@pytest.mark.parametrize("aud", [TOKEN_URL, PAR_URL, [ISSUER], [ISSUER, TOKEN_URL]])
def test_under_fapi_the_audience_is_the_issuer_as_text(aud: object) -> None:
    assert verify(made(), fapi())
    with refused("invalid_client", "RFC 7523 §3 aud", status=401):
        verify(made(aud=aud), fapi())


def test_a_registered_token_endpoint_is_an_audience_beside_the_issuer() -> None:
    registered = client(token_endpoint_audience=True)
    for aud in (ISSUER, [ISSUER], TOKEN_URL, [TOKEN_URL]):
        assert verify(made(aud=aud), registered)
    others: tuple[object, ...] = (PAR_URL, [ISSUER, TOKEN_URL], [TOKEN_URL, "x"], TOKEN_URL + "/", [[TOKEN_URL]], {})
    for other in others:
        with refused("invalid_client", "RFC 7523 §3 aud", status=401) as caught:
            verify(made(aud=other), registered)
        assert caught.value.expected == f"{ISSUER} or {TOKEN_URL}"


def test_under_fapi_a_registered_token_endpoint_is_no_audience() -> None:
    for aud in (TOKEN_URL, [TOKEN_URL]):
        with refused("invalid_client", "RFC 7523 §3 aud", status=401):
            verify(made(aud=aud), fapi(token_endpoint_audience=True))


@pytest.mark.parametrize("name", ["iss", "sub"])
@pytest.mark.parametrize("value", [None, "varco-other", "", 5, [CLIENT_ID]])
def test_the_client_speaks_for_itself_alone(name: str, value: object) -> None:
    with refused("invalid_client", f"RFC 7523 §3 {name}", status=401):
        verify(made(**{name: value}))


def test_an_assertion_expires() -> None:
    assert verify(made(exp=NOW - 9))
    assert verify(made(exp=NOW + 59.5)).remember_until == NOW + 70
    for exp in (NOW - 10, NOW - 300, 0, -1):
        with refused("invalid_client", "RFC 7523 §3 exp", status=401):
            verify(made(exp=exp))


@pytest.mark.parametrize("exp", [None, "1800000060", True, [NOW + 60], {}])
def test_an_assertion_without_a_numeric_expiry_is_refused(exp: object) -> None:
    with refused("invalid_client", "RFC 7523 §3 exp", status=401) as caught:
        verify(made(exp=exp))
    assert caught.value.received == "no exp"


def test_an_assertion_must_not_live_for_ever() -> None:
    assert verify(made(exp=NOW + 3630))
    for exp in (NOW + 3631, 10**15, 10**25, 1e300):
        with refused("invalid_client", "RFC 7523 §3 exp", status=401):
            verify(made(exp=exp))


@pytest.mark.parametrize("name", ["nbf", "iat"])
def test_an_assertion_may_come_from_a_clock_a_little_ahead(name: str) -> None:
    assert verify(made(**{name: NOW + 30}))
    wrong: tuple[object, ...] = (NOW + 31, "now", [], {})
    for value in wrong:
        with refused("invalid_client", f"RFC 7523 §3 {name}", status=401):
            verify(made(**{name: value}))


def test_iat_may_be_left_out() -> None:
    assert verify(made(iat=None))


@pytest.mark.parametrize("jti", [None, "", 5, ["j"], "j" * 257])
def test_an_assertion_needs_a_jti(jti: object) -> None:
    with refused("invalid_client", "RFC 7523 §3 jti", status=401) as caught:
        verify(made(jti=jti))
    assert caught.value.received.startswith("no jti" if jti is None else "a jti that is no text")
    for good in ("j", "j" * 256):
        assert verify(made(jti=good)).jti == good


def test_what_is_remembered_is_of_this_client_and_of_this_kind() -> None:
    one = Verified(CLIENT_ID, "j-1", NOW)
    assert one.single_use == hashlib.sha256(f"client-assertion|{CLIENT_ID}|j-1".encode()).hexdigest()
    assert (
        len(
            {one.single_use, Verified("varco-other", "j-1", NOW).single_use, Verified(CLIENT_ID, "j-2", NOW).single_use}
        )
        == 3
    )
    assert client_assertion.used_before().rule == "RFC 7523 §3 jti"


# --- keys and headers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_of_somebody_else_is_refused(alg: str) -> None:
    for kid in (alg, "another"):
        with refused("invalid_client", "RFC 7523 §3 signature", status=401) as caught:
            verify(protocol_records.jwt({"alg": alg, "kid": kid}, claims(), jwk.generate(alg)))
        assert caught.value.received.startswith(f"kid {kid}, {int(kid == alg)} registered")
    with refused("invalid_client", "RFC 7523 §3 signature", status=401) as caught:
        verify(protocol_records.jwt({"alg": alg}, claims(), jwk.generate(alg)))
    assert caught.value.received.startswith("kid (none), 1 registered")


def test_a_changed_claim_is_refused() -> None:
    header, _, signature = made().split(".")
    with refused("invalid_client", "RFC 7523 §3 signature", status=401):
        verify(f"{header}.{segment(claims(jti='j-2'))}.{signature}")


@pytest.mark.parametrize("alg", ["none", "None", "", "HS256", "HS512", "ES384", "RS512", None, 5, ["ES256"], {}])
def test_other_algorithms_are_refused(alg: object) -> None:
    with refused("invalid_client", "RFC 7523 §3 JWT", status=401) as caught:
        verify(made({"alg": alg}))
    assert "alg" in caught.value.received


def test_hmac_with_the_public_key_is_refused() -> None:
    pem = KEYS["RS256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for alg in ("HS256", "RS256"):
        text = f"{segment({'alg': alg, 'kid': 'RS256'})}.{segment(claims())}"
        with refused("invalid_client", status=401):
            verify(f"{text}.{base64url.encode(hmac.digest(pem, text.encode(), 'sha256'))}")


@pytest.mark.parametrize("member", ["jwk", "jku", "x5u", "x5c", "crit", "b64", "iss", "sub", "cty2", "é"])
def test_a_header_that_names_a_key_or_changes_the_reading_is_refused(member: str) -> None:
    with refused("invalid_client", "RFC 7523 §3 JWT", status=401) as caught:
        verify(made({member: "x"}))
    assert member in caught.value.received


def test_an_embedded_key_proves_nothing() -> None:
    stranger = jwk.generate("ES256")
    header = {"alg": "ES256", "jwk": jwk.public_jwk(stranger, "x", "ES256")}
    with refused("invalid_client", "RFC 7523 §3 JWT", status=401):
        verify(protocol_records.jwt(header, claims(), stranger))


@pytest.mark.parametrize("header", [{"x5t": "abc"}, {"x5t#S256": "abc"}, {"cty": "JWT"}])
def test_harmless_header_members_are_accepted(header: dict[str, str]) -> None:
    assert verify(made(header))


def test_a_kid_that_is_not_text_is_refused() -> None:
    with refused("invalid_client", "RFC 7523 §3 JWT", status=401):
        verify(made({"kid": 5}))


def test_fapi_clients_sign_with_the_algorithms_of_the_profile() -> None:
    for alg in ("ES256", "PS256", "EdDSA"):
        assert verify(protocol_records.jwt({"alg": alg, "kid": alg}, claims()), fapi())
    with refused("invalid_client", "RFC 7523 §3 JWT", status=401):
        verify(protocol_records.jwt({"alg": "RS256", "kid": "RS256"}, claims()), fapi())


def changed(of: str = "ES256", /, **changes: Any) -> dict[str, Any]:
    published: dict[str, Any] = jwk.public_jwk(KEYS[of], of, of) | changes
    return {"keys": [{name: value for name, value in published.items() if value is not None}]}


@pytest.mark.parametrize(
    "jwks",
    [
        None,
        {},
        {"keys": []},
        {"keys": None},
        {"keys": "ES256"},
        {"keys": ["x", 5, None]},
        {"keys": {"a": 1}},
        changed(kid="another"),
        changed(kid=None),
        changed(use="enc"),
        changed(key_ops=["sign"]),
        changed(key_ops="verify"),
        changed(alg="ES384"),
        changed(alg="RS256"),
        changed(kty="oct", k="AAAA"),
        changed(d="AAAA"),
        changed(crv="P-384"),
        changed(x="AAAA"),
        changed(y=None),
        changed("RS256", kid="ES256", alg=None),
        changed("EdDSA", kid="ES256", alg=None),
    ],
)
def test_only_a_public_signature_key_of_the_kid_and_kind_verifies(jwks: dict[str, Any] | None) -> None:
    with refused("invalid_client", "RFC 7523 §3 signature", status=401):
        verify(made(), client(jwks=jwks))
    assert not client_assertion.has_key(made(), jwks)


@pytest.mark.parametrize("changes", [{"alg": None}, {"use": None}, {"key_ops": ["verify"]}, {"extra": 1}])
def test_a_key_need_not_say_more_than_it_is(changes: dict[str, Any]) -> None:
    assert verify(made(), client(jwks=changed(**changes)))
    assert client_assertion.has_key(made(), changed(**changes))


def test_an_rsa_key_signs_for_the_algorithm_it_is_registered_for() -> None:
    for alg, other in (("RS256", "PS256"), ("PS256", "RS256")):
        text = protocol_records.jwt({"alg": other, "kid": alg}, claims(), KEYS[alg])
        with refused("invalid_client", "RFC 7523 §3 signature", status=401):
            verify(text, client(jwks=changed(alg)))
        assert verify(text, client(jwks=changed(alg, alg=None)))


def test_a_weak_rsa_key_is_refused() -> None:
    weak = rsa.generate_private_key(65537, 1024)
    with refused("invalid_client", "RFC 7523 §3 signature", status=401):
        verify(
            protocol_records.jwt({"alg": "RS256"}, claims(), weak),
            client(jwks={"keys": [jwk.public_jwk(weak, "w", "RS256")]}),
        )


def test_keys_fetched_from_the_clients_address_are_used_instead() -> None:
    by_uri = client(jwks=None, jwks_uri="https://agenda.example/jwks")
    assert verify(made(), by_uri, jwks=JWKS)
    with refused("invalid_client", "RFC 7523 §3 signature", status=401):
        verify(made(), by_uri)
    with refused("invalid_client", "RFC 7523 §3 signature", status=401):
        verify(made(), client(), jwks={"keys": []})


def test_garbage_needs_no_key() -> None:
    assert client_assertion.has_key("garbage", {"keys": []})
    assert not client_assertion.has_key(made({"kid": "new"}), JWKS)


def test_a_set_of_very_many_keys_is_not_read_to_the_end() -> None:
    many = {"keys": [changed(kid=f"k{index}")["keys"][0] for index in range(32)] + changed()["keys"]}
    assert not client_assertion.has_key(made(), many)
    assert client_assertion.has_key(made(), {"keys": many["keys"][1:]})


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "..", "e30.e30.", "e30.e30.!!", "e30.W10.YQ", "W10.e30.YQ", "eyJ.e30.YQ", "é.é.é", "x" * 20_000, f"{base64url.encode(b'[' * 6000)}.e30.YQ"]
)  # fmt: skip
def test_what_is_no_jwt_is_refused(text: str) -> None:
    with refused("invalid_client", "RFC 7523 §3 JWT", status=401):
        verify(text)


def test_a_refusal_never_holds_the_assertion() -> None:
    with refused("invalid_client", status=401) as caught:
        verify(made()[:-4])
    assert made()[:30] not in str(vars(caught.value))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=6)
    | st.sampled_from([CLIENT_ID, ISSUER, NOW, NOW + 60, "ES256", "JWT", TOKEN_URL]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
headers = st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "jwk", "x5t"]), values, max_size=3)
bodies = st.dictionaries(st.sampled_from(["iss", "sub", "aud", "exp", "iat", "nbf", "jti"]), values, max_size=3)


@fuzz
@given(headers, bodies)
def test_any_header_and_claims_are_accepted_or_refused(header: dict[str, Any], body: dict[str, Any]) -> None:
    text = protocol_records.jwt({"alg": "ES256", "kid": "ES256"} | header, claims() | body)
    client_assertion.has_key(text, JWKS)
    found = outcome(lambda: verify(text))
    if isinstance(found, OAuthError):
        assert (found.error, found.status) == ("invalid_client", 401)
    else:
        assert found.client_id == CLIENT_ID


made_once = made()
pieces = st.one_of(st.text(max_size=8), st.sampled_from([*made_once.split("."), ".", "e30", "W10", "=", "\x00"]))


@fuzz
@given(st.lists(pieces, max_size=8).map("".join))
def test_any_text_is_accepted_or_refused(text: str) -> None:
    found = outcome(lambda: verify(text))
    assert isinstance(found, OAuthError) or text == made_once


@fuzz
@given(
    st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "n", "e", "use", "alg", "kid", "key_ops"]),
        values | st.just("AQAB"),
        max_size=9,
    )
)
def test_any_key_set_is_searched_without_fault(published: dict[str, Any]) -> None:
    base = jwk.public_jwk(KEYS["RS256"], "ES256", "RS256") if len(published) % 2 else {}
    client_assertion.has_key(made_once, {"keys": [base | published, published]})
    client_assertion.has_key(protocol_records.jwt({"alg": "RS256"}, claims()), {"keys": [base | published]})
