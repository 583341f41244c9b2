"""What a receiver may set of its stream (SSF 1.0 §8.1.1, §8.1.2): read from what it sends, and told back."""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import msgspec
from msgspec import UNSET, UnsetType

from varco.protocol.errors import OAuthError, invalid_request, storable
from varco.protocol.signals import events

PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"

VERIFICATION_INTERVAL = 60
"""Seconds between two verification events that a receiver may ask for."""

URL_LIMIT, AUTHORIZATION_LIMIT, DESCRIPTION_LIMIT, REASON_LIMIT, STATE_LIMIT, REQUESTED_LIMIT = (
    500,
    1000,
    200,
    200,
    500,
    40,
)

_SPACES = re.compile(r"\s")
_VISIBLE = re.compile(r"[\x20-\x7e]*")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Status(StrEnum):
    """What becomes of events: sent, kept until it is enabled again, or dropped (SSF §8.1.2)."""

    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"


class Delivery(msgspec.Struct):
    """How events reach the receiver (SSF §6.1)."""

    method: str
    endpoint_url: str | None = None
    authorization_header: str | None = None


class StreamBody(msgspec.Struct):
    """A stream's configuration as a receiver sends it; what the transmitter supplies may come along, if it is right."""

    stream_id: str | UnsetType = UNSET
    iss: str | UnsetType = UNSET
    aud: str | list[str] | UnsetType = UNSET
    delivery: Delivery | UnsetType | None = UNSET
    events_requested: list[str] | UnsetType | None = UNSET
    description: str | UnsetType | None = UNSET


class StatusBody(msgspec.Struct):
    """A request to change the status (SSF §8.1.2.2)."""

    stream_id: str
    status: Status
    reason: str = ""


class VerificationBody(msgspec.Struct):
    """A request for a verification event (SSF §8.1.4.2)."""

    stream_id: str
    state: str = ""


class StreamSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What a receiver has set of its stream. `authorization`: what a push carries in its `Authorization`; a secret."""

    method: str = POLL
    endpoint_url: str = ""
    authorization: str = ""
    requested: tuple[str, ...] = events.EVERYTHING
    description: str = ""

    def __repr__(self) -> str:
        return f"StreamSettings({self.method} {self.endpoint_url})"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A stream as the transmitter tells of it."""

    stream_id: str
    client_id: str
    settings: StreamSettings
    status: str = Status.ENABLED


def read(body: bytes, kind: type[Any]) -> Any:
    """A JSON body of one of the structs above. Raises `OAuthError` (invalid_request)."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
        told = str(fault) if isinstance(fault, msgspec.ValidationError) else "it is not JSON"
        raise _refused(f"The body is not as the Shared Signals Framework describes it: {told}.", "body", told) from None


def settings_of(body: StreamBody, before: StreamSettings | None = None) -> StreamSettings:
    """What a request wants set: all of it anew, or on top of what was `before` (PATCH, SSF §8.1.1.3). Raises `OAuthError`."""
    base = before or StreamSettings()
    settings = base
    if body.delivery is not UNSET:
        settings = _with_delivery(settings, body.delivery)
    if body.events_requested is not UNSET:
        asked = body.events_requested
        wanted = events.EVERYTHING if asked is None else _requested(asked)
        settings = msgspec.structs.replace(settings, requested=wanted)
    if body.description is not UNSET:
        text = check_text("description", (body.description or "").strip(), DESCRIPTION_LIMIT)
        settings = msgspec.structs.replace(settings, description=text)
    return settings


def check_supplied(body: StreamBody, *, issuer: str, client_id: str, stream_id: str = "") -> None:
    """What only the transmitter says of a stream, where a request repeats it (SSF §8.1.1.3). Raises `OAuthError`."""
    mine: dict[str, Any] = {"iss": issuer, "aud": client_id, "stream_id": stream_id}
    for name, expected in mine.items():
        found = getattr(body, name)
        if found is UNSET or (isinstance(found, list) and found == [expected]):
            continue
        if found != expected:
            raise _refused(
                f"{name} is not the receiver's to set; leave it out, or repeat what the stream has.",
                name,
                str(found),
                str(expected),
            )


def _with_delivery(settings: StreamSettings, delivery: Delivery | None) -> StreamSettings:
    if delivery is None or delivery.method == POLL:
        if delivery is not None and delivery.authorization_header:
            raise _refused(
                "authorization_header belongs to a push; a poll is the receiver's own request.", "delivery", "both"
            )
        return msgspec.structs.replace(settings, method=POLL, endpoint_url="", authorization="")
    if delivery.method != PUSH:
        raise _refused(
            "delivery.method is not one of those supported.", "delivery.method", delivery.method, f"{PUSH} or {POLL}"
        )
    url, header = delivery.endpoint_url or "", delivery.authorization_header or ""
    if not is_receivers_address(url):
        raise _refused(
            "delivery.endpoint_url is an https address on the public internet, without user name or fragment.",
            "delivery.endpoint_url",
            url,
            "https://…",
        )
    if not is_authorization(header):
        raise _refused(
            "delivery.authorization_header is one line of visible ASCII.",
            "delivery.authorization_header",
            "another text",
        )
    return msgspec.structs.replace(settings, method=PUSH, endpoint_url=url, authorization=header)


def is_receivers_address(url: str) -> bool:
    """Whether events could be pushed there (RFC 8935 §2). That it leads to no private network is seen when they are."""
    try:
        parts = urlsplit(url)
        host, _port = parts.hostname, parts.port
    except ValueError:
        return False
    sound = len(url) <= URL_LIMIT and _VISIBLE.fullmatch(url) and not _SPACES.search(url) and "#" not in url
    return bool(sound and host and url.startswith("https://") and parts.username is None and parts.password is None)


def is_authorization(header: str) -> bool:
    """Whether a text can be sent as the `Authorization` of a push."""
    return len(header) <= AUTHORIZATION_LIMIT and bool(_VISIBLE.fullmatch(header)) and header == header.strip()


def _requested(wanted: Sequence[str]) -> tuple[str, ...]:
    if len(wanted) > REQUESTED_LIMIT or any(
        len(uri) > URL_LIMIT or _SPACES.search(uri) or uri in {"", "*"} for uri in wanted
    ):
        raise _refused(
            f"events_requested names at most {REQUESTED_LIMIT} events by their addresses.",
            "events_requested",
            f"{len(wanted)} entries",
        )
    return tuple(dict.fromkeys(wanted))


def check_text(name: str, text: str, limit: int) -> str:
    """A text of a receiver's that is kept or sent back. Raises `OAuthError`."""
    if len(text) > limit or _CONTROL.search(text):
        raise _refused(f"{name} has at most {limit} characters, in one line.", name, text, "one line")
    return text


def configuration(issuer: str, standing: Standing) -> dict[str, Any]:
    """The configuration of a stream, as it is told to its receiver (SSF §8.1.1). What a push carries as proof is not told back."""
    settings = standing.settings
    endpoint = settings.endpoint_url if settings.method == PUSH else f"{issuer}{poll_path(standing.stream_id)}"
    content: dict[str, Any] = {
        "stream_id": standing.stream_id,
        "iss": issuer,
        "aud": standing.client_id,
        "events_supported": list(events.SUPPORTED),
        "events_delivered": events.addresses(events.delivered(settings.requested)),
        "delivery": {"method": settings.method, "endpoint_url": endpoint},
        "min_verification_interval": VERIFICATION_INTERVAL,
    }
    # What the receiver did not supply, or has deleted by leaving it out of a PUT, is not told back as if it had (§8.1.1.4).
    supplied: dict[str, Any] = {"description": settings.description} if settings.description else {}
    if settings.requested != events.EVERYTHING:
        supplied["events_requested"] = list(settings.requested)
    return content | supplied


def status_response(stream_id: str, status: str, reason: str) -> dict[str, str]:
    """The status of a stream (SSF §8.1.2.1)."""
    return {"stream_id": stream_id, "status": status} | ({"reason": reason} if reason else {})


def poll_path(stream_id: str) -> str:
    """The path at which a receiver fetches the events of a stream."""
    return f"/oauth2/ssf/poll/{stream_id}"


def no_stream(received: str) -> OAuthError:
    """The receiver has no such stream; somebody else's is none either (SSF §8.1.1.2)."""
    return OAuthError(
        "not_found",
        "This application has no such stream. Make one at the configuration endpoint first.",
        status=404,
        rule="SSF §8.1.1 stream_id",
        received=received or "no stream_id, and no stream",
        expected="the stream_id of a stream of this application",
    )


def _refused(description: str, place: str, received: str, expected: str = "") -> OAuthError:
    return invalid_request(description, rule=f"SSF §8.1.1 {place}", received=storable(received, 200), expected=expected)
