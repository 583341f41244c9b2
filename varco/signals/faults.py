"""Why something about a stream was not done."""

from enum import StrEnum


class StreamFault(StrEnum):
    """Codes; the portal words them."""

    IMPOSSIBLE = "stream_impossible"
    CHANGED = "stream_changed"
    ADDRESS = "stream_address"
    AUTHORIZATION = "stream_authorization"
