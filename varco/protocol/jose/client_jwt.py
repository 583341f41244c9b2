"""JWTs that clients sign: assertions and DPoP proofs, read strictly before any key is touched (RFC 7515, RFC 8725)."""

from collections.abc import Collection, Mapping
from typing import Any

import msgspec

from varco.protocol.jose import base64url
from varco.protocol.jose.algorithms import canonical
from varco.protocol.jose.client_jwk import ClientKeyError, public_key_for
from varco.protocol.jose.own_jwt import LENGTH_LIMIT, PublicKey, verify_signature

KEYS_LIMIT = 32
"""Keys of a set that are looked at."""


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
    alg, kid = header.get("alg"), header.get("kid", "")
    if not isinstance(alg, str) or canonical(alg) not in algorithms:
        raise JwtError(f"alg {alg}"[:60])
    if not isinstance(kid, str):
        raise JwtError("a kid that is not text")
    return UnverifiedJwt(header, claims, canonical(alg), kid, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def candidates(found: UnverifiedJwt, jwks: Mapping[str, Any] | None) -> list[PublicKey]:
    """The keys of a JWK set that may have signed a JWT: those of its `kid` if it names one, else all of its kind."""
    listed = (jwks or {}).get("keys")
    chosen = []
    for jwk in listed[:KEYS_LIMIT] if isinstance(listed, list) else ():
        if not isinstance(jwk, Mapping) or (found.kid and jwk.get("kid") != found.kid):
            continue
        try:
            chosen.append(public_key_for(jwk, found.alg))
        except ClientKeyError:
            continue
    return chosen


def signed_by(found: UnverifiedJwt, key: PublicKey) -> bool:
    """Whether this key made the signature."""
    return verify_signature(found.alg, key, found.signature, found.signed)


def number(value: Any) -> float | None:
    """A NumericDate (RFC 7519 §2); None for anything else."""
    return value if type(value) in {int, float} else None
