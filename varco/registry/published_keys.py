"""What stands at the address of an application's keys, as the gate would read it just now."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from varco import key_sets
from varco.key_sets import JwksError
from varco.protocol.fault import Fault
from varco.protocol.jose.client_jwk import ClientKeyError, public_key
from varco.protocol.jose.client_jwt import KEYS_LIMIT
from varco.registry.jwks import key_fault

TIMEOUT = 3.0
"""Seconds for everything: name, connection, handshake, answer."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """One key of the set: its name, what it may sign with, and why the gate would take no signature of it."""

    kid: str
    algorithms: tuple[str, ...] = ()
    fault: Fault | None = None


def read(uri: str, *, private_allowed: bool) -> list[PublishedKey]:
    """The keys at an address, as many as the gate looks at. Raises `JwksError`, whose text is for the developer."""
    listed = key_sets.fetch(uri, private_allowed=private_allowed, timeout=TIMEOUT)["keys"]
    found = [_key(jwk) for jwk in listed[:KEYS_LIMIT] if isinstance(jwk, dict)]
    if not found:
        raise JwksError("the key set is empty")
    return found


def _key(jwk: Mapping[str, Any]) -> PublishedKey:
    kid = jwk["kid"][:100] if isinstance(jwk.get("kid"), str) else ""
    try:
        return PublishedKey(kid, tuple(sorted(public_key(jwk)[1])))
    except ClientKeyError:
        return PublishedKey(kid, fault=key_fault(jwk))
