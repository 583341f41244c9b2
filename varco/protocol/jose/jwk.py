"""JSON Web Keys: making, storing, publishing and reading them (RFC 7517, RFC 7518 §6, RFC 7638, RFC 8037)."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_private_key,
)

from varco.protocol.jose import base64url
from varco.protocol.jose.own_jwt import PrivateKey, PublicKey

RSA_BITS = 2048
"""Every client library verifies 2048 bits, RFC 7518 §3.3 asks for no less, the calendar replaces keys long before it would
matter, and 3072 bits would make each signature three times as dear."""


def generate(alg: str) -> PrivateKey:
    """A new private key for a JWS algorithm: P-256, RSA, or Ed25519. Raises `ValueError` for another algorithm."""
    if alg == "ES256":
        return ec.generate_private_key(ec.SECP256R1())
    if alg in {"RS256", "PS256"}:
        return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)
    if alg == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    raise ValueError(f"no such signing algorithm: {alg}")


def dump_private(key: PrivateKey) -> bytes:
    """The key as PKCS#8 DER, to be sealed."""
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def load_private(der: bytes) -> PrivateKey:
    """The key of a PKCS#8 DER that `dump_private` made. Raises `ValueError` when it is none, or of another kind."""
    # Looking whether its factors are prime takes 40 ms of the gate's loop for each RSA key. Whoever could bring us another
    # key could also seal it, and who holds the master key needs no weak primes.
    key = load_der_private_key(der, None, unsafe_skip_rsa_key_validation=True)
    if isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        return key
    raise ValueError("not a signing key")


def _integer(value: int, length: int = 0) -> str:
    return base64url.encode(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


def _members(key: PublicKey) -> dict[str, str]:
    """The required members of the key's JWK (RFC 7518 §6.2, §6.3, RFC 8037 §2)."""
    if isinstance(key, ec.EllipticCurvePublicKey):
        point = key.public_numbers()
        return {"crv": "P-256", "kty": "EC", "x": _integer(point.x, 32), "y": _integer(point.y, 32)}
    if isinstance(key, rsa.RSAPublicKey):
        numbers = key.public_numbers()
        return {"e": _integer(numbers.e), "kty": "RSA", "n": _integer(numbers.n)}
    raw = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"crv": "Ed25519", "kty": "OKP", "x": base64url.encode(raw)}


def thumbprint(key: PrivateKey | PublicKey) -> str:
    """The JWK SHA-256 thumbprint (RFC 7638 §3), which is the `kid` of our keys."""
    members = _members(_public(key))
    return base64url.encode(hashlib.sha256(msgspec.json.encode(members, order="sorted")).digest())


def public_jwk(key: PrivateKey | PublicKey, kid: str, alg: str) -> dict[str, str]:
    """The public half as JWK, for signatures only (RFC 7517 §4)."""
    return {**_members(_public(key)), "use": "sig", "alg": alg, "kid": kid}


def load_public(jwk: Mapping[str, Any]) -> PublicKey:
    """The public key of a JWK, of a kind that is used here. Raises `ValueError` for another."""
    try:
        if jwk["kty"] == "EC" and jwk["crv"] == "P-256":
            x, y = (int.from_bytes(base64url.decode(jwk[name]), "big") for name in ("x", "y"))
            return ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
        if jwk["kty"] == "RSA":
            n, e = (int.from_bytes(base64url.decode(jwk[name]), "big") for name in ("n", "e"))
            return rsa.RSAPublicNumbers(e, n).public_key()
        if jwk["kty"] == "OKP" and jwk["crv"] == "Ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(base64url.decode(jwk["x"]))
    except (KeyError, TypeError) as fault:
        raise ValueError("not a public key for signatures") from fault
    raise ValueError("not a public key for signatures")


def _public(key: PrivateKey | PublicKey) -> PublicKey:
    if isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        return key.public_key()
    return key
