"""What the answers to a push mean (RFC 8935)."""

import msgspec

from varco.protocol import refusal_log
from varco.protocol.errors import storable
from varco.protocol.refusal_log import RefusalRow

CONTENT_TYPE = "application/secevent+jwt"
TAKEN = frozenset({200, 202, 204})
"""Answers that say the event arrived: 202 by the RFC (§2.2), the others from software that knows no better."""

_REFUSED = 400
_TRY_AGAIN = frozenset({"invalid_key", "authentication_failed", "access_denied"})
"""What the receiver may see otherwise once it has read our keys again, or put its own credentials right (§2.4)."""


class _Reply(msgspec.Struct):
    err: str = ""
    description: str = ""


def is_final(status: int | None, body: bytes) -> bool:
    """Whether a receiver that did not take an event would refuse it again."""
    return status == _REFUSED and _reply_of(body).err not in _TRY_AGAIN


def fault_text(status: int, body: bytes) -> str:
    """What the answer says went wrong, for the developer."""
    reply = _reply_of(body)
    return storable(f"HTTP {status} {reply.err} {reply.description}".strip(), 200)


def _reply_of(body: bytes) -> _Reply:
    try:
        return msgspec.json.decode(body, type=_Reply)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Reply()


def undelivered(kind: str, status: int | None, fault: str, pause: int | None) -> RefusalRow:
    """The row that tells the developer of an event that did not arrive; the next try is in `pause` seconds, None: never."""
    again = "There will be no other try." if pause is None else f"The next try is in {pause} s."
    return refusal_log.row(
        "signal_undelivered",
        f"The application did not take an event ({kind}). {again}",
        rule="RFC 8935 §2.2 response",
        status=status or 504,
        received=fault,
        expected="HTTP 202",
    )
