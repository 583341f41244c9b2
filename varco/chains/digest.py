"""The digests of a chain: pure arithmetic."""

import hmac
from collections.abc import Sequence
from typing import Any

import msgspec

BEGINNING = bytes(32)
"""What stands in the place of a digest before the first row."""

_encode = msgspec.json.Encoder(order="deterministic").encode


def canonical(values: Sequence[Any]) -> bytes:
    """The words of a row, the same whichever engine they were read from: JSON, members of objects in order."""
    return _encode(list(values))


def link(key: bytes, stream: str, seq: int, before: bytes, values: Sequence[Any]) -> bytes:
    """The digest of the row at a place of a stream, after the row with the digest `before`."""
    return hmac.digest(key, b"row\0%b\0%d\0%b%b" % (stream.encode(), seq, before, canonical(values)), "sha256")


def state(key: bytes, stream: str, seq: int, digest: bytes) -> bytes:
    """What proves that a stream ended at a place when it was last linked."""
    return hmac.digest(key, b"state\0%b\0%d\0%b" % (stream.encode(), seq, digest), "sha256")


def same(one: bytes, other: bytes) -> bool:
    """Whether two digests are the same, in constant time."""
    return hmac.compare_digest(one, other)
