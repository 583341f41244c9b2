"""Public keys a developer registers for `private_key_jwt` (RFC 7517, RFC 7523)."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from varco.protocol.fault import Fault
from varco.protocol.jose.client_jwk import PRIVATE_MEMBERS, RSA_BITS, ClientKeyError, KeyFault, public_key
from varco.registry.fault_codes import RegistrationFault as Code

MAX_KEYS = 5

_PUBLIC_MEMBERS = frozenset({"kty", "kid", "use", "alg", "crv", "x", "y", "n", "e"})
_KEY_NAME = re.compile(r"[\x21-\x7e]{1,100}")


def public_only(key_set: Any) -> dict[str, Any]:
    """The key set without members that Varco has no use for; a private member stays, so that `faults` can name it."""
    keys = key_set.get("keys") if isinstance(key_set, dict) else None
    if not isinstance(keys, list):
        return {"keys": []}
    kept = _PUBLIC_MEMBERS | PRIVATE_MEMBERS
    return {"keys": [{name: key[name] for name in key if name in kept} for key in keys if isinstance(key, dict)]}


def holds_secret(key_set: Mapping[str, Any]) -> bool:
    """Whether a key set (as `public_only` leaves it) holds a part of a private or symmetric key."""
    return any(PRIVATE_MEMBERS & set(key) for key in key_set["keys"])


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
        fault = key_fault(key)
        if fault:
            yield replace(fault, value=key["kid"])


_FAULTS = {
    KeyFault.PRIVATE: Fault(Code.JWK_PRIVATE),
    KeyFault.KIND: Fault(Code.JWK_KIND),
    KeyFault.USE: Fault(Code.JWK_USE),
    KeyFault.RSA_SIZE: Fault(Code.JWK_RSA_SIZE, {"least": RSA_BITS[0], "most": RSA_BITS[-1]}),
    KeyFault.ALGORITHM: Fault(Code.JWK_ALGORITHM),
    KeyFault.UNREADABLE: Fault(Code.JWK_UNREADABLE),
}


def key_fault(key: Mapping[str, Any]) -> Fault | None:
    """Tell why the gate would not accept a signature of this key; None if it would."""
    try:
        public_key(key)
    except ClientKeyError as refused:
        return _FAULTS[refused.fault]
    return None
