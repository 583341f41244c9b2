"""Public keys a developer registers for `private_key_jwt` (RFC 7517, RFC 7523)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from varco.protocol.jose.client_jwk import PRIVATE_MEMBERS, RSA_BITS, ClientKeyError, KeyFault, public_key

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


def faults(key_set: Mapping[str, Any]) -> Iterator[str]:
    """Why a key set cannot be registered, one sentence each."""
    keys = key_set.get("keys") if isinstance(key_set, Mapping) else None
    if not isinstance(keys, list) or not keys or not all(isinstance(key, Mapping) for key in keys):
        yield _('This is not a JWK set: it must look like {"keys": […]}.')
        return
    if len(keys) > MAX_KEYS:
        yield _("Register at most %(limit)d keys.") % {"limit": MAX_KEYS}
        return
    names = [key.get("kid") for key in keys]
    if not all(isinstance(name, str) and _KEY_NAME.fullmatch(name) for name in names) or len(set(names)) != len(names):
        yield _("Every key needs a `kid` of its own.")
        return
    for key in keys:
        fault = _key_fault(key)
        if fault:
            yield f"{key['kid']}: {fault}"


def private_key_fault() -> str:
    """What to do after sending a private key."""
    return _(
        "This is a private key. It has not been saved; consider it disclosed, make a new one and register its public half."
    )


def _key_fault(key: Mapping[str, Any]) -> str:
    """Why the gate would not accept a signature of this key; empty if it would."""
    try:
        public_key(key)
    except ClientKeyError as refused:
        return _sentence(refused.fault)
    return ""


def _sentence(fault: KeyFault) -> str:
    match fault:
        case KeyFault.PRIVATE:
            return private_key_fault()
        case KeyFault.KIND:
            return _("use an RSA key, an EC key on P-256 or an Ed25519 key.")
        case KeyFault.USE:
            return _('the key must be for signatures (`"use": "sig"`).')
        case KeyFault.RSA_SIZE:
            return _("an RSA key needs %(least)d to %(most)d bits.") % {"least": RSA_BITS[0], "most": RSA_BITS[-1]}
        case KeyFault.ALGORITHM:
            return _("the key cannot sign with the algorithm that its `alg` names.")
        case KeyFault.UNREADABLE:
            return _("the key cannot be read.")
