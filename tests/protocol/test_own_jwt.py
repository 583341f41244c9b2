import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwk as joserfc_jwk
from joserfc import jws

from tests.support.protocol_records import fuzz, outcome, refused
from varco.protocol.errors import OAuthError
from varco.protocol.jose import base64url, jwk
from varco.protocol.jose.algorithms import ALGORITHMS
from varco.protocol.jose.own_jwt import Signer, VerificationKey, Verifier, header_segment

KEYS = {alg: jwk.generate(alg) for alg in ALGORITHMS}
PAYLOAD = b'{"iss":"https://login.example"}'


def signer(alg: str, typ: str = "at+jwt") -> Signer:
    return Signer(f"kid-{alg}", alg, KEYS[alg], typ)


def verifier(*algorithms: str, typ: str = "at+jwt") -> Verifier:
    return Verifier(VerificationKey(f"kid-{alg}", alg, KEYS[alg].public_key(), typ) for alg in algorithms)


ES256 = verifier("ES256")
TOKEN = signer("ES256").sign(PAYLOAD)


def segment(value: object) -> str:
    return base64url.encode(json.dumps(value, separators=(",", ":")).encode())


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_what_a_key_signs_it_verifies(alg: str) -> None:
    assert verifier(*ALGORITHMS).verify(signer(alg).sign(PAYLOAD)) == PAYLOAD


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize("alg", ALGORITHMS)
def test_another_library_verifies_it_with_the_published_key(alg: str) -> None:
    published = joserfc_jwk.import_key({**jwk.public_jwk(KEYS[alg], f"kid-{alg}", alg)})
    found = jws.deserialize_compact(signer(alg).sign(PAYLOAD), published, algorithms=[alg])
    assert found.payload == PAYLOAD
    assert found.protected == {"alg": alg, "kid": f"kid-{alg}", "typ": "at+jwt"}


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_a_signature_of_another_payload_is_refused(alg: str) -> None:
    header, _, signature = signer(alg).sign(PAYLOAD).split(".")
    with refused("invalid_token", "RFC 7515 §5.2", status=401):
        verifier(alg).verify(f"{header}.{base64url.encode(PAYLOAD + b' ')}.{signature}")


@pytest.mark.parametrize("alg", ALGORITHMS)
def test_another_key_of_the_same_kid_is_refused(alg: str) -> None:
    stranger = Signer(f"kid-{alg}", alg, jwk.generate(alg), "at+jwt")
    with refused("invalid_token", status=401):
        verifier(alg).verify(stranger.sign(PAYLOAD))


def test_a_verifier_says_whether_it_knows_the_key_of_a_token() -> None:
    assert ES256.knows(TOKEN)
    assert not ES256.knows(signer("RS256").sign(PAYLOAD))
    assert not ES256.knows("")


@pytest.mark.parametrize("claim", ["auth_time", "nonce", "at_hash"])
def test_an_id_token_is_called_one(claim: str) -> None:
    with refused("invalid_token", "OpenID Connect Core §2", status=401) as caught:
        ES256.verify(signer("ES256", "JWT").sign(f'{{"{claim}":1}}'.encode()))
    assert "Send the access token" in caught.value.description


@pytest.mark.parametrize("payload", [b"[1]", b"x", b"[" * 5000, b'{"sub":"nonce"}'])
def test_what_is_no_id_token_is_not_called_one(payload: bytes) -> None:
    with refused("invalid_token", "RFC 7515 §5.2", status=401):
        ES256.verify(signer("ES256", "JWT").sign(payload))
    with refused("invalid_token", status=401):
        ES256.verify(signer("ES256", "dpop+jwt").sign(b'{"nonce":"x"}'))


def test_a_token_of_another_type_is_refused() -> None:
    with refused("invalid_token", status=401) as caught:
        ES256.verify(signer("ES256", "JWT").sign(PAYLOAD))
    assert caught.value.received == "a token signed by no current key of this server"


def resigned(header: Mapping[str, object], alg: str = "ES256") -> str:
    """A token with another header, truly signed by our key."""
    made = signer(alg)
    made._prefix = segment(header) + "."
    return made.sign(PAYLOAD)


GOOD = {"alg": "ES256", "kid": "kid-ES256", "typ": "at+jwt"}


def test_the_header_is_exactly_algorithm_key_and_type() -> None:
    assert TOKEN.split(".")[0] == segment(GOOD)
    assert ES256.verify(resigned(GOOD)) == PAYLOAD


@pytest.mark.parametrize(
    "header",
    [
        {"kid": "kid-ES256", "alg": "ES256", "typ": "at+jwt"},
        {**GOOD, "crit": ["exp"]},
        {**GOOD, "b64": False, "crit": ["b64"]},
        {**GOOD, "jwk": jwk.public_jwk(KEYS["ES256"], "kid-ES256", "ES256")},
        {**GOOD, "jku": "https://evil.example/jwks"},
        {**GOOD, "x5u": "https://evil.example/cert"},
        {**GOOD, "x5c": ["MIIB"]},
        {**GOOD, "kid": "../../kid-ES256"},
        {**GOOD, "kid": None},
        {**GOOD, "typ": "JWT"},
        {**GOOD, "typ": "AT+JWT"},
        {**GOOD, "alg": "ES384"},
        {"alg": "ES256", "typ": "at+jwt"},
        {},
    ],
)
def test_any_other_header_is_refused_even_when_signed_by_our_key(header: dict[str, object]) -> None:
    with refused("invalid_token", status=401):
        ES256.verify(resigned(header))


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
def test_an_unsigned_token_is_refused(alg: str) -> None:
    for signature in ("", "c2ln", TOKEN.split(".")[2]):
        with refused("invalid_token", status=401):
            ES256.verify(f"{segment({**GOOD, 'alg': alg})}.{base64url.encode(PAYLOAD)}.{signature}")


def test_hmac_with_the_public_key_is_refused() -> None:
    pem = KEYS["ES256"].public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for header in ({**GOOD, "alg": "HS256"}, GOOD):
        text = f"{segment(header)}.{base64url.encode(PAYLOAD)}"
        mac = hmac.digest(pem, text.encode(), hashlib.sha256)
        with refused("invalid_token", status=401):
            ES256.verify(f"{text}.{base64url.encode(mac)}")


def test_a_key_of_one_algorithm_signs_for_no_other() -> None:
    both = verifier("RS256", "PS256")
    made = Signer("kid-PS256", "PS256", KEYS["RS256"], "at+jwt")
    with refused("invalid_token", status=401):
        both.verify(made.sign(PAYLOAD))
    _, payload, _ = signer("RS256").sign(PAYLOAD).split(".")
    relabelled = f"{header_segment('kid-RS256', 'PS256', 'at+jwt')}.{payload}"
    with refused("invalid_token", status=401):
        both.verify(f"{relabelled}.{signer('RS256').sign(PAYLOAD).split('.')[2]}")


def test_ps256_does_not_accept_a_pkcs1_signature_nor_the_reverse() -> None:
    rsa = KEYS["RS256"]
    pss, pkcs1 = Signer("k", "PS256", rsa, "at+jwt"), Signer("k", "RS256", rsa, "at+jwt")
    for made, other in ((pss, pkcs1), (pkcs1, pss)):
        text, _, _ = made.sign(PAYLOAD).rpartition(".")
        other._prefix, kept = made._prefix, other._prefix
        forged = other.sign(PAYLOAD)
        other._prefix = kept
        assert forged.startswith(text)
        with refused("invalid_token", status=401):
            Verifier([VerificationKey("k", made.alg, rsa.public_key(), "at+jwt")]).verify(forged)


@pytest.mark.parametrize("length", [0, 1, 63, 65, 70, 128])
def test_an_ecdsa_signature_has_64_bytes(length: int) -> None:
    text, _, signature = TOKEN.rpartition(".")
    raw = (base64url.decode(signature) * 2)[:length]
    with refused("invalid_token", status=401):
        ES256.verify(f"{text}.{base64url.encode(raw)}")


def test_a_zero_signature_is_refused() -> None:
    text = TOKEN.rpartition(".")[0]
    with refused("invalid_token", status=401):
        ES256.verify(f"{text}.{base64url.encode(bytes(64))}")


def test_a_der_signature_is_refused() -> None:
    from cryptography.hazmat.primitives.hashes import SHA256

    text = TOKEN.rpartition(".")[0]
    key = KEYS["ES256"]
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    with refused("invalid_token", status=401):
        ES256.verify(f"{text}.{base64url.encode(key.sign(text.encode(), ec.ECDSA(SHA256())))}")


def test_a_small_r_keeps_its_leading_zeros() -> None:
    made = signer("ES256")
    for _ in range(3000):  # one in 128 has a leading zero byte in r or s; of 600, one run in a hundred had none
        token = made.sign(PAYLOAD)
        raw = base64url.decode(token.rpartition(".")[2])
        assert len(raw) == 64
        if raw[0] == 0 or raw[32] == 0:
            assert ES256.verify(token) == PAYLOAD
            return
    pytest.fail("no signature with a leading zero in 3000: the encoding drops them")


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        TOKEN[:-1],
        TOKEN[:-10],
        TOKEN + "A",
        TOKEN + "=",
        TOKEN + ".x",
        TOKEN.rpartition(".")[0],
        TOKEN.rpartition(".")[0] + ".",
        TOKEN.replace(".", "..", 1),
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.split(".")[0] + ".é.é",
        "é" * 50,
        TOKEN.split(".")[0],
        base64.urlsafe_b64encode(TOKEN.encode()).decode(),
        TOKEN.split(".")[0] + "." + "A" * 20_000 + ".x",
    ],
)
def test_cut_and_garbled_tokens_are_refused(token: str) -> None:
    with refused("invalid_token", "RFC 7515 §5.2", status=401) as caught:
        ES256.verify(token)
    if not all(token.split(".", 2)) or token.count(".") < 2:
        assert caught.value.received in {"no JWT", "a JWT whose signature is wrong", "a JWT that is cut or altered"}


def test_a_token_beyond_the_size_limit_is_refused_though_signed() -> None:
    overhead = len(signer("ES256").sign(b""))
    longest = signer("ES256").sign(b"x" * ((16_384 - overhead) * 3 // 4))
    assert len(longest) == 16_384
    assert ES256.verify(longest)
    with refused("invalid_token", status=401) as caught:
        ES256.verify(signer("ES256").sign(b"x" * ((16_384 - overhead) * 3 // 4 + 1)))
    assert caught.value.received == "a token that is too long"


def test_a_signature_with_trailing_bits_is_refused() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(TOKEN[-1]) ^ 1]
    with refused("invalid_token", status=401):
        ES256.verify(TOKEN[:-1] + twin)


def test_a_refusal_never_holds_the_token() -> None:
    with refused("invalid_token", status=401) as caught:
        ES256.verify(TOKEN[:-4] + "AAAA")
    assert TOKEN[:20] not in str(vars(caught.value))


pieces = st.one_of(
    st.text(max_size=8), st.sampled_from([*TOKEN.split("."), ".", "=", "\x00", segment({"alg": "none"}), "e30"])
)


@fuzz
@given(st.lists(pieces, max_size=9).map("".join))
def test_no_text_but_the_signed_one_is_accepted(text: str) -> None:
    found = outcome(lambda: ES256.verify(text))
    if isinstance(found, OAuthError):
        assert found.status == 401
    else:
        assert (text, found) == (TOKEN, PAYLOAD)


@fuzz
@given(st.binary(max_size=120))
def test_any_payload_comes_back(payload: bytes) -> None:
    if payload:
        assert verifier("EdDSA").verify(signer("EdDSA").sign(payload)) == payload
