from typing import Any

import pytest

from tests.support.protocol_records import JWKS, KEYS, jwt
from varco.protocol.jose import client_jwt
from varco.protocol.jose import jwk as keys
from varco.protocol.jose.algorithms import ALGORITHMS

READ = {"members": {"alg", "kid"}, "algorithms": ALGORITHMS}


def test_a_jwt_is_taken_apart_unverified() -> None:
    text = jwt({"alg": "ES256", "kid": "k"}, {"sub": "x"})
    found = client_jwt.read(text, **READ)
    assert (found.alg, found.kid, found.claims) == ("ES256", "k", {"sub": "x"})
    assert found.signed == text.rpartition(".")[0].encode()
    assert client_jwt.signed_by(found, KEYS["ES256"].public_key())
    assert client_jwt.read(jwt({"alg": "ES256"}, {}), **READ).kid == ""


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("e30.e30", "no JWT"),
        (jwt({"alg": "ES256"}, {}) + ".x", "no JWT"),
        ("", "no JWT"),
        (jwt({"alg": "ES256"}, []), "JSON objects"),
        (jwt({"alg": "ES256"}, "x"), "JSON objects"),
        ("W10.e30.YQ", "JSON objects"),
        ("e30.e30.YR", "decoded"),
    ],
)
def test_what_is_no_jwt_is_told_apart(text: str, fault: str) -> None:
    with pytest.raises(client_jwt.JwtError, match=fault):
        client_jwt.read(text, **READ)


def test_a_jwt_has_a_length() -> None:
    def of_length(length: int) -> str:
        return f"e30.e30.{'A' * (length - 8)}"

    with pytest.raises(client_jwt.JwtError, match="alg None"):
        client_jwt.read(of_length(16_384), **READ)
    with pytest.raises(client_jwt.JwtError, match="too long"):
        client_jwt.read(of_length(16_385), **READ)


def test_the_keys_of_a_set_are_chosen_by_kid_or_by_kind() -> None:
    def chosen(header: dict[str, Any]) -> int:
        return len(client_jwt.candidates(client_jwt.read(jwt(header, {}), **READ), JWKS))

    assert chosen({"alg": "ES256", "kid": "ES256"}) == 1
    assert chosen({"alg": "ES256"}) == 1
    assert chosen({"alg": "ES256", "kid": "RS256"}) == 0
    assert chosen({"alg": "ES256", "kid": "unknown"}) == 0


def test_of_keys_with_one_kid_the_fitting_one_is_found() -> None:
    """FAPI 2.0 §5.4.3."""
    alike = {"keys": [jwk | {"kid": "same"} for jwk in JWKS["keys"]]}
    for alg in ("ES256", "RS256", "PS256", "EdDSA"):
        assert len(client_jwt.candidates(client_jwt.read(jwt({"alg": alg, "kid": "same"}, {}), **READ), alike)) == 1


@pytest.mark.parametrize("named", ["EdDSA", "Ed25519", None])
@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_both_names_of_one_algorithm_are_taken_and_no_other_curve_by_them(alg: str, named: str | None) -> None:
    """RFC 9864 §2.2."""
    bare = {name: value for name, value in keys.public_jwk(KEYS["EdDSA"], "k", "").items() if name != "alg"}
    found = client_jwt.read(jwt({"alg": alg}, {}, KEYS["EdDSA"]), **READ)
    (key,) = client_jwt.candidates(found, {"keys": [bare | ({"alg": named} if named else {})]})
    assert client_jwt.signed_by(found, key)
    assert client_jwt.candidates(found, {"keys": [bare | {"alg": "ES256"}, bare | {"crv": "Ed448"}]}) == []


@pytest.mark.parametrize(("value", "number"), [(5, 5), (5.5, 5.5), (True, None), ("5", None), (None, None), ([], None)])
def test_a_numeric_date_is_a_number(value: object, number: float | None) -> None:
    assert client_jwt.number(value) == number
