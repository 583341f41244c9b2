"""Reading the JWK set that an application publishes at an address of its own (`jwks_uri`, RFC 7591 §2).

How such an address is asked, and what is never asked, stands in `varco.outbound`.
"""

from typing import Any

import msgspec

from varco import outbound
from varco.outbound import OutboundError

SIZE_LIMIT = 65_536
"""Bytes of a key set."""


class JwksError(Exception):
    """A key set could not be had; the text says why, for the developer."""


def fetch(uri: str, *, private_allowed: bool, timeout: float) -> dict[str, Any]:
    """The key set at an address. Blocks, no longer than `timeout` (seconds). Raises `JwksError`."""
    try:
        answer = outbound.request(
            uri,
            headers={"Accept": "application/jwk-set+json, application/json"},
            private_allowed=private_allowed,
            timeout=timeout,
            limit=SIZE_LIMIT,
        )
    except OutboundError as fault:
        raise JwksError(str(fault)) from fault
    if answer.status != 200:
        raise JwksError(f"{answer.host} answered {answer.status}")
    return parsed(answer.body)


def parsed(body: bytes) -> dict[str, Any]:
    """The key set of an answer. Raises `JwksError`."""
    if len(body) > SIZE_LIMIT:
        raise JwksError(f"the key set is larger than {SIZE_LIMIT} bytes")
    try:
        found = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        raise JwksError("the answer is not JSON") from None
    if not isinstance(found, dict) or not isinstance(found.get("keys"), list):
        raise JwksError("the answer is not a JWK set")
    return found
