from typing import Any

import pytest

from tests.support.protocol_records import KEYS
from varco.protocol.jose import base64url, jwk
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.jose.client_jwk import ClientKeyError, KeyFault, public_key, public_key_for

EC = jwk.public_jwk(KEYS["ES256"], "k", "ES256")


def rsa_key(bits: int) -> dict[str, str]:
    n = (1 << (bits - 1)) | 1
    return {"kty": "RSA", "e": "AQAB", "n": base64url.encode(n.to_bytes((bits + 7) // 8, "big"))}


@pytest.mark.parametrize("bits", [2048, 3072, 8192])
def test_rsa_keys_of_a_sane_size_are_accepted(bits: int) -> None:
    assert public_key_for(rsa_key(bits), "PS256")


@pytest.mark.parametrize("bits", [1024, 2047, 8193, 16384])
def test_weak_rsa_keys_and_those_that_would_keep_us_busy_are_not(bits: int) -> None:
    with pytest.raises(ClientKeyError):
        public_key_for(rsa_key(bits), "PS256")


@pytest.mark.parametrize("private", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_key_with_a_private_member_is_refused_by_name(private: str) -> None:
    with pytest.raises(ClientKeyError, match="private key"):
        public_key_for(jwk.public_jwk(KEYS["ES256"], "k", "ES256") | {private: "AAAA"}, "ES256")


def test_each_key_serves_the_algorithms_of_its_kind_only() -> None:
    fitting = {"ES256": {"ES256"}, "EdDSA": {"EdDSA"}, "RS256": {"RS256", "PS256"}}
    for kind, algorithms in fitting.items():
        published = {name: value for name, value in jwk.public_jwk(KEYS[kind], "k", kind).items() if name != "alg"}
        for alg in ALGORITHMS:
            if alg in algorithms:
                assert public_key_for(published, alg)
            else:
                with pytest.raises(ClientKeyError, match=f"not one for {alg}"):
                    public_key_for(published, alg)


@pytest.mark.parametrize(
    ("members", "fault"),
    [
        (EC | {"d": "AAAA"}, KeyFault.PRIVATE),
        (EC | {"use": "enc"}, KeyFault.USE),
        (EC | {"key_ops": ["encrypt"]}, KeyFault.USE),
        (EC | {"key_ops": "verify"}, KeyFault.USE),
        (EC | {"crv": "P-384"}, KeyFault.KIND),
        (EC | {"crv": ["P-256"]}, KeyFault.KIND),
        (EC | {"kty": "RSA"}, KeyFault.KIND),
        ({"kty": "oct"}, KeyFault.KIND),
        ({}, KeyFault.KIND),
        (EC | {"y": EC["x"]}, KeyFault.UNREADABLE),
        (EC | {"x": 5}, KeyFault.UNREADABLE),
        (rsa_key(2047), KeyFault.RSA_SIZE),
        (rsa_key(8193), KeyFault.RSA_SIZE),
        (EC | {"alg": "RS256"}, KeyFault.ALGORITHM),
        (EC | {"alg": "ES384"}, KeyFault.ALGORITHM),
        (EC | {"alg": ["ES256"]}, KeyFault.ALGORITHM),
    ],
)
def test_a_key_that_is_not_accepted_says_why(members: dict[str, Any], fault: KeyFault) -> None:
    with pytest.raises(ClientKeyError) as caught:
        public_key(members)
    assert caught.value.fault is fault


def test_a_key_signs_with_every_algorithm_of_its_kind_or_with_the_one_it_names() -> None:
    bare = {name: value for name, value in jwk.public_jwk(KEYS["RS256"], "k", "RS256").items() if name != "alg"}
    assert public_key(bare)[1] == {"RS256", "PS256"}
    assert public_key(bare | {"alg": "PS256"})[1] == {"PS256"}
    assert public_key(EC | {"key_ops": ["verify", "sign"]})[1] == {"ES256"}
