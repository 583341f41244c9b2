"""Device authorization requests (RFC 8628)."""

# ruff: noqa: S608 - what is put into the texts are constants of this package

from varco.gate.store.sql.conditions import application_unchanged
from varco.gate.store.sql.grants import IdRow
from varco.gate.store.statement import PLATFORM, Row, Statement

ADD_DEVICE = Statement(
    PLATFORM,
    f"""
    INSERT INTO grants_devicerequest (id, device_code_hash, user_code, application_id, state, scopes, resource,
                                      code_challenge, dpop_jkt, ip, user_agent, "interval", polled_at, created_at, expires_at)
    SELECT :id, :device_code_hash, :user_code, :application_id, 'pending', :scopes, :resource, :code_challenge, '', :ip,
           :user_agent, :interval, 0, :now, :expires_at
    WHERE {application_unchanged(":application_id")}
    ON CONFLICT DO NOTHING RETURNING id
    """,
    IdRow,
)
"""Add a device's request, unless its user code is taken; `interval` in seconds, the application as of `version`."""


class DeviceRow(Row, frozen=True):
    """A device's request; `polled_at` in milliseconds."""

    id: int
    application_id: int
    state: str
    grant_id: int | None
    code_challenge: str
    dpop_jkt: str
    interval: int
    polled_at: int
    expires_at: int


DEVICE_OF_CODE = Statement(
    PLATFORM,
    """
    SELECT id, application_id, state, grant_id, code_challenge, dpop_jkt, "interval", polled_at, expires_at
    FROM grants_devicerequest WHERE device_code_hash = :device_code_hash
    """,
    DeviceRow,
)
"""A device's request, by the SHA-256 of its device code."""

DEVICE_POLLED = Statement(
    PLATFORM,
    f"""
    UPDATE grants_devicerequest SET polled_at = :now_ms, "interval" = :interval
    WHERE id = :id AND state = 'pending' AND polled_at <= :last_poll_ms
      AND {application_unchanged("grants_devicerequest.application_id")}
    RETURNING id
    """,
    IdRow,
)
"""Note a poll, if the one before it was at `last_poll_ms` at the latest; `interval` (seconds) holds from now on, the
application is as of `version`."""

REDEEM_DEVICE = Statement(
    PLATFORM,
    "UPDATE grants_devicerequest SET state = 'redeemed', polled_at = :now_ms WHERE id = :id AND state = 'approved'",
)
"""Finish a device's request, in the transaction that claims its grant."""
