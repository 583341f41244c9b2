"""JWTs that others signed: client assertions and DPoP proofs, read strictly before any key is touched (RFC 7515, RFC 8725)."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from varco.protocol.jose import base64url
from varco.protocol.jose import jwk as keys
from varco.protocol.jose.own_jwt import LENGTH_LIMIT, PublicKey, verify_signature

ALGORITHMS = frozenset({"ES256", "PS256", "RS256", "EdDSA"})
"""Asymmetric algorithms alone: no `none`, and no HMAC that a public key could be taken for the key of (RFC 8725 §2.1)."""

_ALIASES = {"Ed25519": "EdDSA"}
"""RFC 9864 §2.2 gives EdDSA with an Ed25519 key, the only one taken here, a name of its own; libraries use the one or the other."""

RSA_BITS = range(2048, 8193)
KEYS_LIMIT = 32
"""Keys of a set that are looked at."""

_PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})


class JwtError(ValueError):
    """What is wrong with a JWT, in words for the trace."""


class UnverifiedJwt(msgspec.Struct, frozen=True):
    """A JWT taken apart, its signature not verified yet."""

    header: dict[str, Any]
    claims: dict[str, Any]
    alg: str
    kid: str
    signed: bytes
    signature: bytes


def read(token: str, *, members: Collection[str], algorithms: Collection[str]) -> UnverifiedJwt:
    """Take a compact JWT apart. Raises `JwtError`.

    The header may hold the given members only: one that names a key (`jku`, `x5u`, …) or changes how the token is to be
    read (`crit`, `b64`) is refused, not ignored.
    """
    if len(token) > LENGTH_LIMIT:
        raise JwtError("a JWT that is too long")
    parts = token.split(".")
    if len(parts) != 3:
        raise JwtError("no JWT")
    try:
        header, claims = (msgspec.json.decode(base64url.decode(part)) for part in parts[:2])
        signature = base64url.decode(parts[2])
    except (ValueError, RecursionError):
        raise JwtError("a JWT that cannot be decoded") from None
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise JwtError("a JWT that is not made of JSON objects")
    unknown = sorted(header.keys() - members)
    if unknown:
        raise JwtError(f"the header member {unknown[0][:40]}")
    alg, kid = _one_name(header.get("alg")), header.get("kid", "")
    if not isinstance(alg, str) or alg not in algorithms:
        raise JwtError(f"alg {alg}"[:60])
    if not isinstance(kid, str):
        raise JwtError("a kid that is not text")
    return UnverifiedJwt(header, claims, alg, kid, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def _one_name(alg: Any) -> Any:
    return _ALIASES.get(alg, alg) if isinstance(alg, str) else alg


def every_name(algorithms: Collection[str]) -> list[str]:
    """The algorithms under each name that a JWT may give them."""
    return [*algorithms, *(name for name, alg in _ALIASES.items() if alg in algorithms)]


def public_key(jwk: Mapping[str, Any], alg: str) -> PublicKey:
    """The key of a JWK for this algorithm. Raises `JwtError` for a private key, another kind, another use, a weak RSA key."""
    if not _PRIVATE_MEMBERS.isdisjoint(jwk):
        raise JwtError("a private key where a public one belongs")
    operations = jwk.get("key_ops", ["verify"])
    if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise JwtError("a key that is not for signatures")
    if _one_name(jwk.get("alg", alg)) != alg:
        raise JwtError(f"a key for another algorithm than {alg}")
    try:
        key = keys.load_public(dict(jwk))
    except ValueError:
        raise JwtError("a key that cannot be read") from None
    if not _fits(key, alg):
        raise JwtError(f"a key that is not one for {alg}")
    return key


def _fits(key: PublicKey, alg: str) -> bool:
    if isinstance(key, rsa.RSAPublicKey):
        return alg in {"RS256", "PS256"} and key.key_size in RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return alg == "ES256"
    return alg == "EdDSA"


def candidates(found: UnverifiedJwt, jwks: Mapping[str, Any] | None) -> list[PublicKey]:
    """The keys of a JWK set that may have signed a JWT: those of its `kid` if it names one, else all of its kind."""
    listed = (jwks or {}).get("keys")
    chosen = []
    for jwk in listed[:KEYS_LIMIT] if isinstance(listed, list) else ():
        if not isinstance(jwk, Mapping) or (found.kid and jwk.get("kid") != found.kid):
            continue
        try:
            chosen.append(public_key(jwk, found.alg))
        except JwtError:
            continue
    return chosen


def signed_by(found: UnverifiedJwt, key: PublicKey) -> bool:
    """Whether this key made the signature."""
    return verify_signature(found.alg, key, found.signature, found.signed)


def number(value: Any) -> float | None:
    """A NumericDate (RFC 7519 §2); None for anything else."""
    return value if type(value) in {int, float} else None
