"""Signing and verifying our own JWTs (RFC 7515 compact serialization, RFC 7518, RFC 8037).

A token's header must be, byte for byte, one that a key of ours writes. So `alg: none`, another algorithm, `jwk`, `x5u`,
`crit` and `kid` tricks have nothing to work on (RFC 8725 §2.1, §3.1).
"""

import binascii
from collections.abc import Iterable
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from varco.protocol.errors import OAuthError, invalid_token
from varco.protocol.jose import base64url

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey

LENGTH_LIMIT = 16_384
"""Characters of a token that is looked at."""

_OF_ID_TOKENS = frozenset({"auth_time", "at_hash", "nonce"})
"""Claims that ID tokens have (OpenID Connect Core §2); access tokens of ours, which have `auth_time` too, are of another `typ`."""

_TO_BASE64 = str.maketrans("-_", "+/")  # RFC 4648 §5
_ECDSA = ec.ECDSA(SHA256())
_PKCS1 = padding.PKCS1v15()
_PSS = padding.PSS(padding.MGF1(SHA256()), SHA256.digest_size)


def header_segment(kid: str, alg: str, typ: str) -> str:
    """The first segment of every token a key signs."""
    return base64url.encode(msgspec.json.encode({"alg": alg, "kid": kid, "typ": typ}))


def _sign(alg: str, key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        r, s = decode_dss_signature(key.sign(data, _ECDSA))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")  # RFC 7518 §3.4
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, _PSS if alg == "PS256" else _PKCS1, SHA256())
    return key.sign(data)


def verify_signature(alg: str, key: PublicKey, signature: bytes, data: bytes) -> bool:
    """Whether the key made this signature of the data (RFC 7518 §3)."""
    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            if len(signature) != 64:
                return False
            r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
            key.verify(encode_dss_signature(r, s), data, _ECDSA)
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, _PSS if alg == "PS256" else _PKCS1, SHA256())
        else:
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


class Signer:
    """One private key, signing one type of token."""

    __slots__ = ("_key", "_prefix", "alg", "kid", "typ")

    def __init__(self, kid: str, alg: str, private_key: PrivateKey, typ: str) -> None:
        self.kid = kid
        self.alg = alg
        self.typ = typ
        self._key = private_key
        self._prefix = header_segment(kid, alg, typ) + "."

    def sign(self, claims_json: bytes) -> str:
        """The compact JWS of the claims."""
        text = self._prefix + base64url.encode(claims_json)
        return f"{text}.{base64url.encode(_sign(self.alg, self._key, text.encode('ascii')))}"


class VerificationKey(msgspec.Struct, frozen=True):
    """A public key that may have signed tokens of one type."""

    kid: str
    alg: str
    key: Any  # PublicKey
    typ: str


class Verifier:
    """Verifies tokens signed by the given keys, found by the exact text of the header segment."""

    __slots__ = ("_by_header",)

    def __init__(self, keys: Iterable[VerificationKey]) -> None:
        self._by_header = {header_segment(key.kid, key.alg, key.typ): key for key in keys}

    def knows(self, token: str) -> bool:
        """Whether the token names one of the keys; if not, it may be of a key that was made since."""
        return token.partition(".")[0] in self._by_header

    def verify(self, token: str) -> bytes:
        """The payload of a token that one of the keys signed. Raises `OAuthError` (invalid_token, 401)."""
        if len(token) > LENGTH_LIMIT:
            raise _not_signed_here("a token that is too long")
        header, _, rest = token.partition(".")
        payload, _, signature = rest.partition(".")
        key = self._by_header.get(header)
        if key is None and _looks_like_an_id_token(header, payload):
            raise invalid_token(
                "This is an ID token, which tells the application who signed in and opens nothing. Send the access token "
                "that came with it.",
                rule="OpenID Connect Core §2 ID token",
                received="an ID token",
                expected="an access token",
            )
        if key is None:
            raise _not_signed_here(
                "a token signed by no current key of this server" if payload and signature else "no JWT"
            )
        try:
            raw_signature, raw_payload = base64url.decode(signature), base64url.decode(payload)
        except ValueError:
            raise _not_signed_here("a JWT that is cut or altered") from None
        if not verify_signature(
            key.alg, key.key, raw_signature, token[: len(header) + 1 + len(payload)].encode("ascii")
        ):
            raise _not_signed_here("a JWT whose signature is wrong")
        return raw_payload


def verified_payload(token: str) -> bytes:
    """The payload of a token that `Verifier.verify` has found right before."""
    return binascii.a2b_base64(token.split(".")[1].translate(_TO_BASE64) + "==")


def _looks_like_an_id_token(header: str, payload: str) -> bool:
    """Whether a token that is refused in any case has type and claims of an ID token; nothing in it is verified."""
    try:
        typ = msgspec.json.decode(base64url.decode(header), type=dict[str, Any]).get("typ")
        claims = msgspec.json.decode(base64url.decode(payload), type=dict[str, Any])
    except (ValueError, RecursionError):
        return False
    return typ == "JWT" and not claims.keys().isdisjoint(_OF_ID_TOKENS)


def _not_signed_here(received: str) -> OAuthError:
    return invalid_token(
        "The token was not issued by this server, or was altered.",
        rule="RFC 7515 §5.2 signature",
        received=received,
        expected="a token signed by a current key",
    )
