import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from joserfc import jwk as joserfc_jwk

from varco.protocol.jose import jwk
from varco.protocol.jose.algorithms import ALGORITHMS

MADE = {alg: jwk.generate(alg) for alg in ALGORITHMS}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_key_survives_being_stored(alg: str) -> None:
    loaded = jwk.load_private(jwk.dump_private(MADE[alg]))
    assert jwk.thumbprint(loaded) == jwk.thumbprint(MADE[alg])


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_the_kid_is_the_thumbprint_another_library_computes(alg: str) -> None:
    published = jwk.public_jwk(MADE[alg], "k", alg)
    assert (
        jwk.thumbprint(MADE[alg])
        == jwk.thumbprint(MADE[alg].public_key())
        == joserfc_jwk.import_key({**published}).thumbprint()
    )


def test_the_thumbprint_of_the_rfc() -> None:
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMic"
        "AtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    assert (
        jwk.thumbprint(jwk.load_public({"kty": "RSA", "n": n, "e": "AQAB"}))
        == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    )


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_published_key_holds_the_public_half_only(alg: str) -> None:
    published = jwk.public_jwk(MADE[alg], "my-kid", alg)
    assert (published["use"], published["alg"], published["kid"]) == ("sig", alg, "my-kid")
    assert set(published) <= {"kty", "crv", "x", "y", "n", "e", "use", "alg", "kid"}
    assert jwk.thumbprint(jwk.load_public(published)) == jwk.thumbprint(MADE[alg])


def test_a_coordinate_with_leading_zeros_keeps_them() -> None:
    made = (ec.derive_private_key(scalar, ec.SECP256R1()) for scalar in range(1, 3000))
    short = next(key for key in made if key.public_key().public_numbers().x < 1 << 248)
    published = jwk.public_jwk(short, "k", "ES256")
    assert (len(published["x"]), len(published["y"])) == (43, 43)
    assert jwk.thumbprint(short) == joserfc_jwk.import_key({**published}).thumbprint()
    assert jwk.thumbprint(jwk.load_public(published)) == jwk.thumbprint(short)


def test_keys_have_the_sizes_their_algorithms_ask_for() -> None:
    assert isinstance(MADE["ES256"], ec.EllipticCurvePrivateKey)
    assert MADE["ES256"].curve.name == "secp256r1"
    assert isinstance(MADE["RS256"], rsa.RSAPrivateKey)
    assert MADE["RS256"].key_size == 2048


def test_other_algorithms_are_not_made() -> None:
    for alg in ("HS256", "none", "ES384", ""):
        with pytest.raises(ValueError, match="no such"):
            jwk.generate(alg)


def test_other_keys_are_not_loaded() -> None:
    der = dsa.generate_private_key(2048).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    with pytest.raises(ValueError, match="not a signing key"):
        jwk.load_private(der)
    with pytest.raises(ValueError, match=r"."):
        jwk.load_private(b"garbage")


@pytest.mark.parametrize(
    "published",
    [
        {},
        {"kty": "oct", "k": "AAAA"},
        {"kty": "EC", "crv": "P-384", "x": "AA", "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA"},
        {"kty": "EC", "crv": "P-256", "x": 5, "y": "AA"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
        {"kty": "OKP", "crv": "X25519", "x": "AA"},
        {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
        {"kty": "RSA", "n": "=", "e": "AQAB"},
        jwk.public_jwk(MADE["ES256"], "k", "ES256") | {"crv": "P-384"},
        jwk.public_jwk(MADE["ES256"], "k", "ES256") | {"kty": "OKP"},
        jwk.public_jwk(MADE["EdDSA"], "k", "EdDSA") | {"crv": "X25519"},
        jwk.public_jwk(MADE["EdDSA"], "k", "EdDSA") | {"kty": "EC"},
        jwk.public_jwk(MADE["RS256"], "k", "RS256") | {"kty": "oct"},
    ],
)
def test_other_published_keys_are_not_loaded(published: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        jwk.load_public(published)
