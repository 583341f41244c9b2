"""Public keys a developer registers for `private_key_jwt` (RFC 7517, RFC 7523)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from varco.protocol.jose import base64url

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
    if _SECRET_MEMBERS & set(key):
        return private_key_fault()
    if not all(isinstance(value, str) for value in key.values()):
        return _("the key cannot be read.")
    kind = str(key.get("kty"))
    if kind not in _KINDS or key.get("crv", "") not in _CURVES.get(kind, {""}):
        return _("use an RSA key, an EC key on P-256 or an Ed25519 key.")
    if key.get("use", "sig") != "sig":
        return _('the key must be for signatures (`"use": "sig"`).')
    if kind == "RSA" and _rsa_bits(key) < MIN_RSA_BITS:
        return _("an RSA key needs at least %(bits)d bits.") % {"bits": MIN_RSA_BITS}
    try:
        _KINDS[kind].import_key(dict(key))
    except (JoseError, ValueError, TypeError, KeyError):
        return _("the key cannot be read.")
    return ""


def _rsa_bits(key: Mapping[str, Any]) -> int:
    """Length of the modulus; 0 if it is not base64url."""
    try:
        return int.from_bytes(base64url.decode(key.get("n", "")), "big").bit_length()
    except ValueError:
        return 0
