"""Streams of shared signals, and the events that wait in them."""

# ruff: noqa: S608 - what is put into the texts are constants of this package

from varco.gate.store.sql.conditions import application_unchanged
from varco.gate.store.sql.grants import IdRow
from varco.gate.store.statement import PLATFORM, Row, Statement


class StreamRow(Row, frozen=True):
    """A stream as its receiver set it, and as it stands."""

    id: int
    public_id: str
    method: str
    endpoint_url: str
    sealed_authorization: bytes
    requested: str
    description: str
    status: str
    status_reason: str
    verified_at: int
    polled_at: int


STREAM = Statement(
    PLATFORM,
    """
    SELECT id, public_id, method, endpoint_url, sealed_authorization, requested, description, status, status_reason,
           verified_at, polled_at
    FROM signals_stream WHERE application_id = :application_id
    """,
    StreamRow,
)
"""The stream of an application."""

ADD_STREAM = Statement(
    PLATFORM,
    """
    INSERT INTO signals_stream (application_id, public_id, method, endpoint_url, sealed_authorization, requested, delivered,
                                description, status, status_reason, created_at, verified_at, polled_at, taken_at, failed_at,
                                last_fault)
    SELECT a.id, :public_id, :method, :endpoint_url, :sealed_authorization, :requested, :delivered, :description, 'enabled', '',
           :now, 0, 0, 0, 0, ''
    FROM registry_application a WHERE a.id = :application_id AND a.version = :version AND a.state = 'active'
      AND a.live_revision_id IS NOT NULL
    RETURNING id
    """,
    IdRow,
)
"""Make the stream of an application as of `version`; a second one breaks the unique key."""

_OWN = f"id = :id AND {application_unchanged('signals_stream.application_id')}"

CHANGE_STREAM = Statement(
    PLATFORM,
    f"""
    UPDATE signals_stream
    SET method = :method, endpoint_url = :endpoint_url, sealed_authorization = :sealed_authorization, requested = :requested,
        delivered = :delivered, description = :description
    WHERE {_OWN} RETURNING id
    """,
    IdRow,
)
"""Set a stream anew."""

REMOVE_EVENTS = Statement(
    PLATFORM,
    f"""
    DELETE FROM signals_signal WHERE stream_id = (SELECT id FROM signals_stream WHERE {_OWN})
    """,
)
"""Remove all that waits in a stream, and the memory of what did."""

REMOVE_STREAM = Statement(PLATFORM, f"DELETE FROM signals_stream WHERE {_OWN} RETURNING id", IdRow)
"""Remove a stream that is empty."""

SET_STATUS = Statement(
    PLATFORM,
    f"UPDATE signals_stream SET status = :status, status_reason = :reason WHERE {_OWN} RETURNING id",
    IdRow,
)
"""Change what becomes of events."""

DROP_WAITING = Statement(
    PLATFORM,
    """
    UPDATE signals_signal SET next_try_at = NULL, last_error = 'the stream was disabled'
    WHERE stream_id = :id AND next_try_at IS NOT NULL
    """,
)
"""Give up what waits in a stream."""

ASK_TO_VERIFY = Statement(
    PLATFORM,
    f"UPDATE signals_stream SET verified_at = :now WHERE {_OWN} AND verified_at <= :before RETURNING id",
    IdRow,
)
"""Note that a verification event was asked for, if the last one is before `before`."""

_NEW = "created_at, sent_at, tries, next_try_at, last_error, stream_id, jti, kind, sub, sid, detail, txn"

ADD_SIGNAL = Statement(
    PLATFORM,
    f"""
    INSERT INTO signals_signal ({_NEW})
    VALUES (:now, NULL, 0, :now, '', :stream_id, :jti, :kind, '', '', :detail, :txn)
    """,
)
"""An event about a stream itself."""

ADD_CLAIMS_CHANGE = Statement(
    PLATFORM,
    f"""
    INSERT INTO signals_signal ({_NEW})
    SELECT :now, NULL, 0, :now, '', s.id, :jti, 'token-claims-change', :sub, '', :detail, :txn
    FROM signals_stream s JOIN registry_application a ON a.id = s.application_id
    WHERE s.application_id = :application_id AND s.status <> 'disabled' AND a.state = 'active'
      AND a.live_revision_id IS NOT NULL AND (' ' || s.delivered || ' ') LIKE '% token-claims-change %'
    """,
)
"""That what an application may do for a person has changed, if it has a stream that asks for this."""


class ScopesRow(Row, frozen=True):
    """The scopes of a grant."""

    scopes: str


OTHER_GRANTS = Statement(
    PLATFORM,
    """
    SELECT o.scopes FROM grants_grant g JOIN grants_grant o ON o.user_id = g.user_id
    WHERE g.id = :id AND o.id <> g.id AND o.application_id = g.application_id AND o.state = 'active' AND o.expires_at > :now
    """,
    ScopesRow,
)
"""What an application may do for the person of a grant by other grants."""


class WaitingRow(Row, frozen=True):
    """An event that waits to be fetched."""

    created_at: int
    jti: str
    kind: str
    sub: str
    sid: str
    detail: str
    txn: str


WAITING = Statement(
    PLATFORM,
    """
    SELECT created_at, jti, kind, sub, sid, detail, txn FROM signals_signal
    WHERE stream_id = :stream_id AND next_try_at IS NOT NULL ORDER BY id LIMIT :limit
    """,
    WaitingRow,
)
"""The oldest events that wait in a stream."""

TAKEN = Statement(
    PLATFORM,
    """
    UPDATE signals_signal SET next_try_at = NULL, sent_at = :now, tries = tries + 1, last_error = ''
    WHERE stream_id = :stream_id AND jti = :jti AND next_try_at IS NOT NULL
    """,
)
"""The receiver has an event."""

REFUSED = Statement(
    PLATFORM,
    """
    UPDATE signals_signal SET next_try_at = NULL, tries = tries + 1, last_error = :fault
    WHERE stream_id = :stream_id AND jti = :jti AND next_try_at IS NOT NULL
    """,
)
"""The receiver could not take an event, and will not be able to."""

NOTE_POLL = Statement(
    PLATFORM,
    """
    UPDATE signals_stream
    SET polled_at = :now, taken_at = CASE WHEN :taken = 1 THEN :now ELSE taken_at END,
        failed_at = CASE WHEN :fault = '' THEN failed_at ELSE :now END,
        last_fault = CASE WHEN :fault = '' THEN last_fault ELSE :fault END
    WHERE id = :id
    """,
)
"""Note that a receiver was here, whether it took something (1), and what was wrong."""
