"""What is wrong with what was entered for a stream."""

from enum import StrEnum


class StreamFault(StrEnum):
    """Codes; the portal words them."""

    ADDRESS = "stream_address"
    AUTHORIZATION = "stream_authorization"
    NO_EVENTS = "stream_no_events"
