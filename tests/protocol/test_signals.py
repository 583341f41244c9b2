"""Security event tokens, and what a receiver may set of its stream."""

from typing import Any

import pytest

from varco.protocol.errors import OAuthError
from varco.protocol.signals import events, pushing, streams
from varco.protocol.signals.events import Kind, set_claims
from varco.protocol.signals.streams import PUSH, StreamBody, StreamSettings

FACTS: dict[str, Any] = {
    "issuer": "https://varco.example",
    "client_id": "client-1",
    "stream_id": "str-1",
    "jti": "j",
    "txn": "t",
    "at": 1000,
}


def test_a_session_is_a_complex_subject_and_a_person_a_simple_one() -> None:
    person = {"format": "iss_sub", "iss": "https://varco.example", "sub": "user-1"}
    told = set_claims(kind="session-revoked", sub="user-1", sid="s-1", **FACTS)
    assert told["sub_id"] == {"format": "complex", "user": person, "session": {"format": "opaque", "id": "s-1"}}
    assert set_claims(kind="session-revoked", sub="user-1", **FACTS)["sub_id"] == person
    assert set_claims(kind="verification", **FACTS)["sub_id"] == {"format": "opaque", "id": "str-1"}


@pytest.mark.parametrize("kind", Kind)
def test_no_event_token_passes_for_an_id_token_or_a_logout_token(kind: Kind) -> None:
    told = set_claims(kind=kind, sub="user-1", **FACTS)
    assert told.keys().isdisjoint({"sub", "exp", "nonce", "auth_time"})
    assert list(told["events"]) == [events.URIS[kind]]


def test_only_what_is_asked_for_and_known_is_delivered() -> None:
    assert events.delivered(["https://other.example/event", events.URIS[Kind.ACCOUNT_ENABLED]]) == (
        Kind.ACCOUNT_ENABLED,
    )
    assert events.delivered([events.URIS[Kind.VERIFICATION]]) == ()
    assert events.delivered(events.SUPPORTED) == events.ABOUT_PEOPLE


def test_a_change_leaves_what_it_does_not_name() -> None:
    before = StreamSettings(method=PUSH, endpoint_url="https://a.example/", requested=("x",), description="d")
    assert streams.settings_of(StreamBody(stream_id="s"), before) == before
    assert streams.settings_of(StreamBody(stream_id="s")) == StreamSettings()
    assert streams.settings_of(StreamBody(delivery=None, events_requested=None), before) == StreamSettings(
        description="d"
    )


def test_settings_never_print_the_proof() -> None:
    assert "hunter2" not in repr(
        StreamSettings(method=PUSH, endpoint_url="https://a.example/", authorization="hunter2")
    )


@pytest.mark.parametrize("body", [b'{"stream_id": 1, "status": "paused"}', b'{"stream_id": "s"}', b"[" * 5000, b"\xff"])
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(OAuthError):
        streams.read(body, streams.StatusBody)


@pytest.mark.parametrize(
    ("status", "body", "final"),
    [
        (400, b'{"err": "invalid_request"}', True),
        (400, b"<html>", True),
        (400, b'{"err": "invalid_key"}', False),
        (500, b'{"err": "invalid_request"}', False),
        (401, b"", False),
        (None, b"", False),
    ],
)
def test_a_400_is_final_unless_it_can_be_put_right(status: int | None, body: bytes, final: bool) -> None:
    assert pushing.is_final(status, body) is final
