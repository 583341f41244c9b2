"""Public keys a developer registers for `private_key_jwt` (RFC 7517, RFC 7523)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from varco.protocol.fault import Fault
from varco.protocol.jose import base64url
from varco.registry.fault_codes import RegistrationFault as Code

MAX_KEYS = 5
MIN_RSA_BITS = 2048

# Members of a private or symmetric key (RFC 7518 §6.2.2, §6.3.2, §6.4). None may ever be stored (S37).
_SECRET_MEMBERS = frozenset({"d", "p", "q", "dp", "dq", "qi", "oth", "k"})
_PUBLIC_MEMBERS = frozenset({"kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"})
_KEY_NAME = re.compile(r"[\x21-\x7e]{1,100}")
_KINDS: dict[str, type[ECKey] | type[OKPKey] | type[RSAKey]] = {"EC": ECKey, "OKP": OKPKey, "RSA": RSAKey}
_CURVES = {"EC": {"P-256"}, "OKP": {"Ed25519"}}


def public_only(key_set: Any) -> dict[str, Any]:
    """The key set without members that Varco has no use for; a secret member stays, so that `faults` can name it."""
    keys = key_set.get("keys") if isinstance(key_set, dict) else None
    if not isinstance(keys, list):
        return {"keys": []}
    kept = _PUBLIC_MEMBERS | _SECRET_MEMBERS
    return {"keys": [{name: key[name] for name in key if name in kept} for key in keys if isinstance(key, dict)]}


def holds_secret(key_set: Mapping[str, Any]) -> bool:
    """Whether a key set (as `public_only` leaves it) holds a part of a private or symmetric key."""
    return any(_SECRET_MEMBERS & set(key) for key in key_set["keys"])


def faults(key_set: Mapping[str, Any]) -> Iterator[Fault]:
    """Check a key set for registration; the faults of one key name it by its `kid`."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, Mapping) for key in keys):
        yield Fault(Code.JWKS_MALFORMED)
        return
    if len(keys) > MAX_KEYS:
        yield Fault(Code.JWKS_TOO_MANY, {"limit": MAX_KEYS})
        return
    names = [key.get("kid") for key in keys]
    if not all(isinstance(name, str) and _KEY_NAME.fullmatch(name) for name in names) or len(set(names)) != len(names):
        yield Fault(Code.JWKS_KEY_ID)
        return
    for key in keys:
        fault = _key_fault(key)
        if fault:
            yield replace(fault, value=key["kid"])


def _key_fault(key: Mapping[str, Any]) -> Fault | None:
    if _SECRET_MEMBERS & set(key):
        return Fault(Code.JWK_PRIVATE)
    if not all(isinstance(value, str) for value in key.values()):
        return Fault(Code.JWK_UNREADABLE)
    kind = str(key.get("kty"))
    if kind not in _KINDS or key.get("crv", "") not in _CURVES.get(kind, {""}):
        return Fault(Code.JWK_KIND)
    if key.get("use", "sig") != "sig":
        return Fault(Code.JWK_USE)
    if kind == "RSA" and _rsa_bits(key) < MIN_RSA_BITS:
        return Fault(Code.JWK_RSA_TOO_SHORT, {"bits": MIN_RSA_BITS})
    try:
        _KINDS[kind].import_key(dict(key))
    except (JoseError, ValueError, TypeError, KeyError):
        return Fault(Code.JWK_UNREADABLE)
    return None


def _rsa_bits(key: Mapping[str, Any]) -> int:
    """Length of the modulus; 0 if it is not base64url."""
    try:
        return int.from_bytes(base64url.decode(key.get("n", "")), "big").bit_length()
    except ValueError:
        return 0
