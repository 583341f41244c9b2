import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk as joserfc_jwk

from tests.support.protocol_records import NOW, fuzz
from varco.protocol.jose import jwk
from varco.protocol.jose.jwk import Calendar, KeyTimes, Phase

MADE = {alg: jwk.generate(alg) for alg in jwk.ALGORITHMS}


@pytest.mark.parametrize("alg", jwk.ALGORITHMS)
def test_a_key_survives_being_stored(alg: str) -> None:
    loaded = jwk.load_private(jwk.dump_private(MADE[alg]))
    assert jwk.thumbprint(loaded) == jwk.thumbprint(MADE[alg])


@pytest.mark.parametrize("alg", jwk.ALGORITHMS)
def test_the_kid_is_the_thumbprint_another_library_computes(alg: str) -> None:
    published = jwk.public_jwk(MADE[alg], "k", alg)
    assert (
        jwk.thumbprint(MADE[alg])
        == jwk.thumbprint(MADE[alg].public_key())
        == joserfc_jwk.import_key(published).thumbprint()
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


@pytest.mark.parametrize("alg", jwk.ALGORITHMS)
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
    assert jwk.thumbprint(short) == joserfc_jwk.import_key(published).thumbprint()
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


# --- the calendar -----------------------------------------------------------------------------------------------------


def times(kid: str = "k", alg: str = "ES256", start: int = NOW, revoked_at: int | None = None) -> KeyTimes:
    """Published at `start`, signing from 100 to 1100, gone at 1200."""
    made = jwk.schedule(kid, alg, now=start, ahead=100, life=1000, overlap=100)
    return KeyTimes(
        **{name: getattr(made, name) for name in made.__struct_fields__ if name != "revoked_at"}, revoked_at=revoked_at
    )


@pytest.mark.parametrize(
    ("after", "phase"),
    [
        (-1, Phase.PLANNED),
        (0, Phase.NEXT),
        (99, Phase.NEXT),
        (100, Phase.ACTIVE),
        (1099, Phase.ACTIVE),
        (1100, Phase.RETIRING),
        (1199, Phase.RETIRING),
        (1200, Phase.GONE),
    ],
)
def test_a_key_goes_through_its_phases(after: int, phase: Phase) -> None:
    key = times()
    calendar = Calendar([key])
    assert key.phase(NOW + after) is phase
    assert (
        calendar.published(NOW + after)
        == calendar.verifying(NOW + after)
        == ([key] if phase in {"next", "active", "retiring"} else [])
    )
    assert calendar.signer("ES256", NOW + after) == (key if phase is Phase.ACTIVE else None)


def test_a_revoked_key_is_gone_at_once() -> None:
    key = times(revoked_at=NOW + 500)
    assert key.phase(NOW + 499) is Phase.ACTIVE
    assert key.phase(NOW + 500) is Phase.GONE
    assert Calendar([key]).published(NOW + 500) == []
    assert Calendar([key]).signer("ES256", NOW + 500) is None


def test_the_latest_active_key_of_the_algorithm_signs() -> None:
    first, second = times("first"), times("second", start=NOW + 500)
    rsa_key = times("rsa", "RS256", start=NOW + 600)
    calendar = Calendar([second, rsa_key, first])
    assert calendar.signer("ES256", NOW + 599) == first
    assert calendar.signer("ES256", NOW + 600) == second
    assert calendar.signer("RS256", NOW + 700) == rsa_key
    assert calendar.signer("EdDSA", NOW + 700) is None


def test_a_successor_is_due_when_nothing_would_sign_after_the_lead() -> None:
    calendar = Calendar([times("first"), times("rsa", "RS256")])
    assert not calendar.successor_due("ES256", NOW + 500, lead=599)
    assert calendar.successor_due("ES256", NOW + 500, lead=600)
    assert calendar.successor_due("EdDSA", NOW, lead=0)
    assert not Calendar([*calendar.keys, times("second", start=NOW + 500)]).successor_due("ES256", NOW + 500, lead=600)
    assert Calendar([times(revoked_at=NOW)]).successor_due("ES256", NOW, lead=0)


@fuzz
@given(
    st.lists(
        st.tuples(st.integers(0, 3000), st.sampled_from(["ES256", "RS256"]), st.none() | st.integers(0, 4000)),
        max_size=5,
    ),
    st.integers(0, 5000),
)
def test_whoever_signs_is_published(made: list[tuple[int, str, int | None]], now: int) -> None:
    calendar = Calendar(times(f"k{index}", alg, start, revoked) for index, (start, alg, revoked) in enumerate(made))
    for alg in ("ES256", "RS256"):
        found = calendar.signer(alg, now)
        assert found is None or (
            found.alg == alg
            and found in calendar.published(now)
            and found in calendar.verifying(now - 100) + calendar.published(now)
        )
