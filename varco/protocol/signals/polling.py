"""Fetching events (RFC 8936): what the receiver says of those it got, and what it gets now."""

from collections.abc import Mapping
from typing import Any

import msgspec

from varco.protocol.errors import OAuthError, invalid_request, storable
from varco.protocol.signals.streams import read

MOST = 25
"""Events in one answer, each of which is signed for it."""

ANSWERS_LIMIT = 500
"""Events that one request may say something of."""

HELD = 20
"""Seconds a request may wait for an event, where the receiver did not ask for an answer at once (§2.4)."""


class ReportedError(msgspec.Struct, frozen=True):
    """Why the receiver could not take an event (§2.6)."""

    err: str = ""
    description: str = ""


class PollBody(msgspec.Struct, frozen=True):
    """A poll request (§2.2)."""

    maxEvents: int | None = None  # noqa: N815 - the RFC's name
    returnImmediately: bool = False  # noqa: N815 - the RFC's name
    ack: list[str] = []
    setErrs: dict[str, ReportedError] = {}  # noqa: N815 - the RFC's name

    @property
    def most(self) -> int:
        """How many events it wants: none where it only reports."""
        return MOST if self.maxEvents is None else min(self.maxEvents, MOST)


def request_of(body: bytes) -> PollBody:
    """The request. Raises `OAuthError` (invalid_request)."""
    found: PollBody = read(body or b"{}", PollBody)
    if found.maxEvents is not None and found.maxEvents < 0:
        raise _refused("maxEvents is a number of events, 0 for none.", "maxEvents", str(found.maxEvents))
    said = [*found.ack, *found.setErrs]
    if len(said) > ANSWERS_LIMIT or any(not jti or len(jti) > 64 for jti in said):
        raise _refused(
            f"ack and setErrs name at most {ANSWERS_LIMIT} events by their jti.", "ack", f"{len(said)} of them"
        )
    return found


def fault_text(error: ReportedError) -> str:
    """What is kept of a receiver's fault."""
    return storable(f"{error.err}: {error.description}".strip(": ") or "refused by the receiver", 200)


def response(sets: Mapping[str, str], *, more: bool) -> dict[str, Any]:
    """The answer (§2.3)."""
    return {"sets": dict(sets), "moreAvailable": more}


def _refused(description: str, place: str, received: str) -> OAuthError:
    return invalid_request(description, rule=f"RFC 8936 §2.2 {place}", received=received)
