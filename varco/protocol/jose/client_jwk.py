"""Public keys of clients: what is accepted, be it registered, fetched from a `jwks_uri` or sent in a DPoP proof (RFC 7517).

There is one answer to whether a key is acceptable, and registration gives the same one that verification gives later.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from varco.protocol.jose import jwk
from varco.protocol.jose.algorithms import canonical
from varco.protocol.jose.own_jwt import PublicKey

RSA_BITS = range(2048, 8193)
"""Not less than RFC 7518 §3.3 asks for, and not so much that a stranger's key keeps the server busy."""

PRIVATE_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
"""Members of a private or symmetric key (RFC 7518 §6.2.2, §6.3.2, §6.4)."""


_KINDS = (("RSA", None), ("EC", "P-256"), ("OKP", "Ed25519"))


class KeyFault(StrEnum):
    """Why a key is not accepted, in words for the log."""

    PRIVATE = "a private key where a public one belongs"
    USE = "a key that is not for signatures"
    UNREADABLE = "a key that cannot be read"
    KIND = "a key of a kind that is not used here"
    RSA_SIZE = "an RSA key that is too short or too long"
    ALGORITHM = "a key for another algorithm"


class ClientKeyError(ValueError):
    """A key that is not accepted."""

    def __init__(self, fault: KeyFault, text: str = "") -> None:
        super().__init__(text or fault.value)
        self.fault = fault


def public_key(members: Mapping[str, Any]) -> tuple[PublicKey, frozenset[str]]:
    """The public key of a JWK, and the algorithms that it may sign with. Raises `ClientKeyError`."""
    if not PRIVATE_MEMBERS.isdisjoint(members):
        raise ClientKeyError(KeyFault.PRIVATE)
    operations = members.get("key_ops", ["verify"])
    if members.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
        raise ClientKeyError(KeyFault.USE)
    if (members.get("kty"), members.get("crv")) not in _KINDS:
        raise ClientKeyError(KeyFault.KIND)
    try:
        key = jwk.load_public(members)
    except ValueError:
        raise ClientKeyError(KeyFault.UNREADABLE) from None
    algorithms = _algorithms(key)
    named = members.get("alg")
    if named is not None:
        algorithms = algorithms & {canonical(named)} if isinstance(named, str) else frozenset()
        if not algorithms:
            raise ClientKeyError(KeyFault.ALGORITHM)
    return key, algorithms


def public_key_for(members: Mapping[str, Any], alg: str) -> PublicKey:
    """The public key of a JWK, for one algorithm. Raises `ClientKeyError`."""
    key, algorithms = public_key(members)
    if alg not in algorithms:
        raise ClientKeyError(KeyFault.ALGORITHM, f"a key that is not one for {alg}")
    return key


def _algorithms(key: PublicKey) -> frozenset[str]:
    if isinstance(key, rsa.RSAPublicKey):
        if key.key_size not in RSA_BITS:
            raise ClientKeyError(KeyFault.RSA_SIZE)
        return frozenset({"RS256", "PS256"})
    return frozenset({"ES256"}) if isinstance(key, ec.EllipticCurvePublicKey) else frozenset({"EdDSA"})
