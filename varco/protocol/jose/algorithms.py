"""The signature algorithms, under the names of RFC 7518 §3.1 and RFC 9864: asymmetric ones alone.

No `none`, and no HMAC that a public key could be taken for the key of (RFC 8725 §2.1).
"""

from collections.abc import Iterable

ALGORITHMS = ("RS256", "ES256", "PS256", "EdDSA")
"""What this server signs with and accepts from clients; the first is what OpenID clients expect by default."""

FAPI_ALGORITHMS = ("ES256", "PS256", "EdDSA")
"""Those of FAPI 2.0 §5.4.1, which leaves out PKCS #1 v1.5; all that DPoP proofs may use."""

_ALIASES = {"Ed25519": "EdDSA"}
"""RFC 9864 §2.2 gives EdDSA with an Ed25519 key, the only one taken here, a name of its own; libraries use the one or the other."""


def canonical(alg: str) -> str:
    """The name an algorithm has here, whichever of its names a JWT gives it."""
    return _ALIASES.get(alg, alg)


def every_name(algorithms: Iterable[str]) -> list[str]:
    """The algorithms under each name that a JWT may give them."""
    listed = list(algorithms)
    return [*listed, *(name for name, alg in _ALIASES.items() if alg in listed)]
